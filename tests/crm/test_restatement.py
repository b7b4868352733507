"""Adopting a ladder or declaring coverage restates everybody: in bulk or one by one, alike."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ladder.crm import CRM, reevaluation
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.touchpoints import Touchpoint
from ladder.storage import models
from ladder.storage.read import history_batches
from tests.crm import worlds
from tests.crm.conftest import LITTLE
from tests.crm.recordings import cases
from tests.crm.worlds import ALDER, clock, moment
from tests.histories import DAYS
from tests.random_ladders import coverages, ladders
from tests.sizes import examples


def gift(crm: CRM, on: date, external_id: str, **more: Any) -> None:
    fields = {"supporter": "ada", "kind": "donation"} | more
    crm.record(at=on, external_id=external_id, now=moment(1), **fields)


def test_another_ladder_restates_all_supporters_and_keeps_what_was_known(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1", referrer="ben")
    strict = Ladder(
        key="little", rungs=(Rung(key="giving", enter=count(kind("donation"), ever) >= 2),)
    )
    done = crm.adopt(strict, retroactive=True, now=moment(2))
    assert (done.supporters, done.added) == (2, 0)
    assert crm.history("ada") == []
    assert [each.kind for each in crm.history("ada", known_at=moment(1))] == ["arrived", "lapsed"]
    gift(crm, date(2024, 4, 5), "d2")
    assert [each.after for each in crm.history("ada")] == [("giving",)]


def test_equivalent_ladder_restates_no_supporter(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    renamed = LITTLE.model_copy(update={"title": "Another title"})
    assert crm.adopt(renamed, now=moment(2)).supporters == 0
    assert crm.ladder.title == "Another title"


def test_second_definition_recordings_at_once_share_one_row_per_place(crm: CRM) -> None:
    other = Ladder(
        key=LITTLE.key, rungs=(Rung(key="giving", enter=count(kind("donation"), ever) >= 1),)
    )
    crm.adopt(other, retroactive=True, now=moment(2))
    rows = [
        Touchpoint(supporter=name, kind="donation", at=date(2024, 1, day), external_id=name)
        for day, name in enumerate(("ada", "ben", "cleo"), 1)
    ]
    crm.record_many(rows, now=moment(3))
    assert all(crm.verify(name) for name in ("ada", "ben", "cleo"))
    places = select(models.Place.rungs, models.Place.height)
    found = [tuple(row) for row in crm.session.execute(places)]
    assert len(found) == len(set(found))


def test_undeclared_coverage_gives_no_finding(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    assert crm.findings("ada") == []
    (unassessed,) = crm.unassessed_patterns("ada")
    assert unassessed.reason == "Declare that thanks are logged."
    assert (
        crm.declare_coverage('purpose("thank")', since=date(2020, 1, 1), now=moment(2)).added == 0
    )
    assert crm.declare_coverage("thank_you", since=date(2020, 1, 1), now=moment(3)).added == 1
    (finding,) = crm.findings("ada")
    assert [cause.external_id for cause in finding.evidence] == ["d1"]
    assert crm.findings("ada", known_at=moment(2)) == []
    assert crm.unassessed_patterns("ada") == []
    assert crm.declare_coverage("thank_you", since=date(2020, 1, 1), now=moment(4)).supporters == 0


def test_coverage_until_a_date_includes_that_day(crm: CRM) -> None:
    gift(crm, date(2024, 3, 5), "d1")
    crm.declare_coverage("thank_you", since=date(2020, 1, 1), until=date(2024, 4, 30))
    (finding,) = crm.findings("ada", date(2024, 4, 1))
    assert finding.until is not None
    assert f"{finding.until:%Y-%m-%d %H:%M}" == "2024-05-01 00:00"


@settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
@given(case=cases(), data=st.data())
def test_adoption_in_bulk_equals_adoption_one_by_one(
    sqlite_engine: Engine, case: tuple[Any, ...], data: st.DataObject
) -> None:
    organisation, first, coverage, told = case
    second, more = data.draw(ladders()), data.draw(coverages(organisation))
    ends = []
    since: date | None = None
    for bulk in (True, False):
        with sqlite_engine.connect() as connection, pytest.MonkeyPatch.context() as patch:
            if not bulk:
                patch.setattr(reevaluation, "takes_bulk", lambda _: False)
            crm = CRM.create(connection, organisation, first, coverage=coverage, now=moment(0))
            crm.record_many(told, now=moment(1))
            since = data.draw(st.none() | st.sampled_from(DAYS)) if bulk else since
            crm.adopt(second, effective_from=since, retroactive=since is None, now=moment(2))
            CRM.create(connection, organisation, coverage=more, now=moment(3))
            told_of = (worlds.stored_movements, worlds.stored_findings)
            ends.append([f(connection, moment(n)) for f in told_of for n in range(4)])
            assert all(crm.verify(each.supporter) for each in told)
            connection.rollback()
    assert ends[0] == ends[1]


def test_host_without_polars_can_adopt(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reevaluation, "find_spec", lambda _: None)
    crm = CRM.create(session, ALDER, clock=clock)
    gift(crm, date(2024, 3, 5), "d1")
    done = crm.adopt(LITTLE)
    assert (done.supporters, done.added) == (1, 2)


def test_voided_refund_takes_nothing_from_the_referrer_in_bulk(
    session: Session,
) -> None:
    crm = CRM.create(session, ALDER, clock=clock)
    gift(crm, date(2024, 3, 5), "d1", referrer="ben")
    crm.record(supporter="ada", kind="refund", at=date(2024, 4, 1), answers="d1", external_id="r1")
    crm.record(supporter="ada", kind="void", at=date(2024, 4, 2), answers="r1")
    with pytest.MonkeyPatch.context() as patch:
        alone = partial(
            history_batches.read_parts, max_rows=1
        )  # ada and ben are in parts of their own
        patch.setattr(history_batches, "read_parts", alone)
        crm.adopt(LITTLE)
    assert [f"{each.at:%Y-%m-%d}" for each in crm.history("ben")] == ["2024-03-05", "2025-03-06"]
    assert crm.verify("ben")
