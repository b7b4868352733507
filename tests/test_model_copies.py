"""Copies of definitions with something changed: nothing of the old one lingers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ladder.errors import DefinitionErrorGroup
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.kinds import Kind
from ladder.model.organisations import Organisation

LADDER = Ladder(key="one", rungs=(Rung(key="giving", enter=count(kind("donation"), ever) >= 1),))


def test_changed_ladder_has_kinds_and_a_fingerprint_of_its_own() -> None:
    before = LADDER.fingerprint
    assert "adoption" not in LADDER.kinds
    changed = LADDER.model_copy(update={"own_kinds": (Kind("adoption", "voice"),)})
    assert "adoption" in changed.kinds
    assert changed.fingerprint != before
    assert LADDER.model_copy(update={"title": "Another"}).fingerprint == before


def test_changed_ladder_is_checked_like_a_new_one() -> None:
    with pytest.raises(DefinitionErrorGroup, match="more than once"):
        LADDER.model_copy(update={"rungs": LADDER.rungs * 2})


def test_copy_without_changes_is_equal() -> None:
    assert LADDER.model_copy() == LADDER


def test_organisation_moved_to_another_zone_has_that_zones_days() -> None:
    organisation = Organisation(zone="Europe/Berlin")
    assert organisation.calendar.zone == "Europe/Berlin"
    moved = replace(organisation, zone="America/New_York")
    assert moved.calendar.zone == "America/New_York"
