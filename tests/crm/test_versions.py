"""Adopting from a date on: the old definition before it, the new one after it, both known then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ladder.coverage import BEGINNING
from ladder.crm import CRM, Movement
from ladder.engines import columnar
from ladder.errors import DefinitionError
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import months
from ladder.language.versions import Version
from ladder.model.calendars import to_instant
from ladder.replay import Source, replay, verify
from ladder.storage import selects
from tests.crm import worlds
from tests.crm.conftest import GIFT
from tests.crm.recordings import Replayed, cases, frame
from tests.crm.worlds import moment
from tests.histories import DAYS
from tests.random_ladders import ladders
from tests.sizes import examples

SLOW = settings(max_examples=examples(30), suppress_health_check=list(HealthCheck))
SEAM = date(2024, 4, 1)
STRICT = Ladder(
    key="little",
    title="A stricter ladder",
    ground="nowhere",
    rungs=(
        Rung(key="hearing", title="Hears", enter=count(kind("subscribed"), months(120)) >= 1),
        Rung(key="giving", title="Gives", enter=count(GIFT, months(24)) >= 2),
    ),
)
"""Two gifts within two years, and nobody brings anybody any more."""


def gift(
    crm: CRM, on: date, external_id: str, supporter: str = "ada", n: int = 1, **more: Any
) -> None:
    crm.record(
        supporter=supporter, kind="donation", at=on, external_id=external_id, now=moment(n), **more
    )


def told(history: Sequence[Movement]) -> list[tuple[str, str, str, str]]:
    return [(f"{m.at:%Y-%m-%d}", m.kind, "+".join(m.after), m.cause) for m in history]


def adopt_strict(crm: CRM, on: date = SEAM, n: int = 9) -> None:
    crm.adopt(STRICT, effective_from=on, now=moment(n))


def test_changed_rung_moves_at_the_version_boundary_by_definition(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    adopt_strict(crm)
    assert told(crm.history("ada")) == [
        ("2024-03-05", "arrived", "giving", "touchpoint"),
        ("2024-04-01", "lapsed", "", "definition"),
    ]
    gift(crm, date(2024, 5, 5), "d2")
    assert told(crm.history("ada"))[2:] == [
        ("2024-05-05", "arrived", "giving", "touchpoint"),
        ("2026-03-06", "lapsed", "", "clock"),
    ]
    assert crm.verify("ada")


def test_stay_on_an_unchanged_rung_crosses_the_version_boundary(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    gift(crm, date(2024, 3, 6), "d2")
    adopt_strict(crm)
    assert told(crm.history("ada")) == [
        ("2024-03-05", "arrived", "giving", "touchpoint"),
        ("2026-03-06", "lapsed", "", "clock"),
    ]
    for day in (date(2024, 3, 7), SEAM, date(2025, 6, 1)):
        stands = crm.standing("ada", day)
        assert stands is not None
        assert stands.rungs == ("giving",)
        assert f"{stands.since:%Y-%m-%d} {stands.until:%Y-%m-%d}" == "2024-03-05 2026-03-06"
    plain = selects.standings(crm.definition_id, at=datetime(2025, 6, 1, tzinfo=UTC))
    (row,) = crm.session.execute(plain).all()  # what a host asks, by the id it has always had
    assert (row.rungs, f"{row.since:%Y-%m}", f"{row.until:%Y-%m}") == (
        "giving",
        "2024-03",
        "2026-03",
    )


def test_definition_id_stays_and_earlier_knowledge_is_kept(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    number, before = crm.definition_id, told(crm.history("ada"))
    adopt_strict(crm)
    assert crm.definition_id == number
    assert told(crm.history("ada", known_at=moment(8))) == before
    assert told(crm.history("ada")) != before
    then = crm.standing("ada", date(2024, 5, 1), known_at=moment(8))
    assert then is not None
    assert then.rungs == ("giving",)


def test_late_touchpoint_before_the_version_boundary_changes_both_parts_by_their_definitions(
    crm: CRM,
) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    adopt_strict(crm)
    gift(crm, date(2024, 2, 1), "d0", n=10)
    assert told(crm.history("ada")) == [
        ("2024-02-01", "arrived", "giving", "touchpoint"),
        ("2026-02-02", "lapsed", "", "clock"),
    ]
    assert crm.verify("ada")


def test_version_boundary_counts_as_no_flow_and_no_upcoming_fall(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    adopt_strict(crm, date(2024, 6, 10))
    assert [each.at.date() for each in crm.history("ada")] == [date(2024, 3, 5), date(2024, 6, 10)]
    assert crm.upcoming(30) == []


def test_version_boundary_is_described_in_words(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    adopt_strict(crm)
    assert crm.history("ada")[-1].words == (
        "2024-04-01 00:00: lapsed from Gives to nowhere, "
        "because another definition speaks from then on"
    )
    text = str(crm.explain("ada"))
    assert "nowhere, since 2024-04-01" in text
    assert "another definition speaks from then on" in text
    assert "needs >= 2" in text
    before = str(crm.explain("ada", date(2024, 3, 20)))
    assert "needs >= 1" in before
    assert "lapsed to the ground on 2024-04-01" in before


def test_removed_rung_is_still_named_in_the_history(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1", referrer="ben")
    adopt_strict(crm)
    assert [(m.kind, m.before_title, m.after_title) for m in crm.history("ben")] == [
        ("arrived", "nowhere", "Bringing"),
        ("lapsed", "Bringing", "nowhere"),
    ]


def test_new_ladder_applies_from_now_by_default(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    crm.adopt(STRICT)  # the clock of these tests stands at noon on 1 June 2024
    assert told(crm.history("ada"))[-1] == ("2024-06-01", "lapsed", "", "definition")
    assert crm.standing("ada", date(2024, 5, 31)).rungs == ("giving",)  # type: ignore[union-attr]


def test_retroactive_adoption_restates_the_whole_history(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    number = crm.definition_id
    crm.adopt(STRICT, retroactive=True, now=moment(9))
    assert crm.history("ada") == []
    assert crm.definition_id == number
    assert len(crm.history("ada", known_at=moment(8))) == 2
    with pytest.raises(DefinitionError, match="retroactive"):
        crm.adopt(STRICT, effective_from=SEAM, retroactive=True)


def test_last_adoption_decides_all_later_time(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    first = crm.ladder
    adopt_strict(crm, date(2024, 5, 1))
    laxer = first.model_copy(update={"ground": "off", "rungs": first.rungs[1:2]})
    crm.adopt(laxer, effective_from=SEAM, now=moment(10))  # before the seam that is there
    assert told(crm.history("ada")) == [
        ("2024-03-05", "arrived", "giving", "touchpoint"),
        ("2024-04-01", "crossed", "giving", "definition"),  # the same rung, at another height
        ("2025-03-06", "lapsed", "", "clock"),
    ]
    crm.adopt(first, effective_from=SEAM, now=moment(11))  # as if nothing had ever been adopted
    assert told(crm.history("ada")) == [
        ("2024-03-05", "arrived", "giving", "touchpoint"),
        ("2025-03-06", "lapsed", "", "clock"),
    ]
    assert crm.adopt(first, now=moment(12)).supporters == 0


def test_host_that_starts_again_changes_nothing(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    first = crm.ladder
    adopt_strict(crm, date(2024, 8, 1))  # ahead: until then the first one speaks
    before = worlds.stored_movements(crm.session.connection())
    for ladder in (first, STRICT):
        CRM.create(crm.session, crm.organisation, ladder, now=datetime(2024, 7, 1, tzinfo=UTC))
        assert worlds.stored_movements(crm.session.connection()) == before
    assert crm.ladder.fingerprint == first.fingerprint


def chain_of(adoptions: Sequence[tuple[Ladder, int]]) -> list[Version]:
    """Return the definition in force at each day after these adoptions, by the plain rule."""
    chain: list[Version] = []
    for ladder, since in adoptions:
        chain = [each for each in chain if each.since < since] + [Version(since, ladder)]
    return chain


def check(connection: Connection, case: tuple[Any, ...], data: st.DataObject) -> None:
    """Record and adopt in turns; then what is stored is what the definitions say of it all."""
    organisation, first, coverage, touchpoints = case
    crm = CRM.create(connection, organisation, first, coverage=coverage, now=moment(0))
    adoptions = [(first, BEGINNING)]
    believed = {}
    number = 0
    for each in touchpoints:
        number += 1
        if len(adoptions) < 4 and data.draw(st.booleans()):
            ladder, day = data.draw(ladders()), data.draw(st.none() | st.sampled_from(DAYS))
            note(f"adopted from {day}")
            crm.adopt(ladder, effective_from=day, retroactive=day is None, now=moment(number))
            since = BEGINNING if day is None else organisation.calendar.instant(day)
            adoptions.append((ladder, since))
            believed[number] = worlds.stored_movements(connection)
            number += 1
        if data.draw(st.integers(0, 3)):
            crm.record(each, now=moment(number))
        else:
            batch = frame([each], organisation, first.kinds)
            last = chain_of(adoptions)[-1].ladder
            source = [Source.of_frames(batch)]
            replay(connection, organisation, last, source, now=to_instant(moment(number)))
        believed[number] = worlds.stored_movements(connection)
    versions = chain_of(adoptions)
    replayed = Replayed(touchpoints, first, organisation, coverage)
    everything = replayed.rows
    replayed.result = columnar.evaluate_all(everything, versions, organisation, coverage)
    assert worlds.stored_movements(connection) == replayed.movements()
    assert worlds.stored_findings(connection) == replayed.findings()
    assert worlds.stored_beginnings(connection) == replayed.beginnings()
    assert verify(connection, organisation.key).fine
    assert all(crm.verify(each.supporter) for each in touchpoints)
    for then, movements in believed.items():
        assert worlds.stored_movements(connection, moment(then)) == movements


@SLOW
@given(case=cases(), data=st.data())
def test_recordings_replays_and_adoptions_in_any_order_equal_the_plain_rule(
    sqlite_engine: Engine, case: tuple[Any, ...], data: st.DataObject
) -> None:
    with sqlite_engine.connect() as connection:
        check(connection, case, data)
        connection.rollback()


@pytest.mark.postgres
@settings(SLOW, max_examples=examples(8))
@given(case=cases(), data=st.data())
def test_versions_are_joined_on_postgresql_as_on_sqlite(
    pg_engine: Engine, case: tuple[Any, ...], data: st.DataObject
) -> None:
    with pg_engine.connect() as connection:
        check(connection, case, data)
        connection.rollback()
