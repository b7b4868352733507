"""When a recording goes on from what is carried along, and when it reads everything."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ladder.coverage import Coverage
from ladder.crm import CRM
from ladder.engines.incremental import snapshots
from ladder.errors import DuplicateTouchpointError
from ladder.language.selectors import inbound
from ladder.model.calendars import to_instant
from ladder.storage import models
from tests.crm.recordings import spacing
from tests.crm.worlds import ALDER, NOW, clock
from tests.six_patterns import six

DEFAULT = six()
START = datetime(2023, 1, 5, 12, tzinfo=NOW.tzinfo)


@pytest.fixture
def crm(session: Session) -> CRM:
    """Ada has opened a mail a day, more of them than are ever read again."""
    crm = CRM.create(session, ALDER, DEFAULT, coverage=[Coverage(selector=inbound)], clock=clock)
    for n in range(2 * snapshots.LONG):
        opened(crm, n)
    return crm


def opened(crm: CRM, number: int) -> None:
    at = START + timedelta(days=number)
    assert crm.record(supporter="ada", kind="email_opened", at=at, external_id=f"m{number}").new


def instants(crm: CRM) -> list[int]:
    """For what is carried along: the instant that it speaks up to."""
    return [to_instant(at) for at in crm.session.scalars(select(models.Carried.at))]


def test_touchpoint_in_order_continues_from_the_snapshot_and_advances_it(crm: CRM) -> None:
    (before,) = instants(crm)
    with spacing(snapshots.LONG, snapshots.KEEP) as watch:
        for n in range(2 * snapshots.LONG, 3 * snapshots.LONG):
            opened(crm, n)
    (after,) = instants(crm)
    assert (watch.onwards, watch.refused) == (snapshots.LONG, 0)
    assert before < after
    assert crm.verify("ada")


def test_repeated_touchpoint_is_not_evaluated(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ladder.crm.recording.evaluate", None)
    same = {"supporter": "ada", "kind": "email_opened", "external_id": "m3"}
    assert not crm.record(**same, at=START + timedelta(days=3)).new
    with pytest.raises(DuplicateTouchpointError, match="another at"):
        crm.record(**same, at=START)


def test_late_touchpoint_is_evaluated_from_the_whole_history(crm: CRM) -> None:
    with spacing(snapshots.LONG, snapshots.KEEP) as watch:
        crm.record(supporter="ada", kind="donation", at=date(2023, 1, 7), amount="25")
        assert watch.onwards == 0
        opened(crm, 2 * snapshots.LONG)
        assert watch.onwards == 1
    assert crm.verify("ada")
    assert len(instants(crm)) == 1


def test_void_is_evaluated_from_the_whole_history_and_kept_in_the_snapshot(crm: CRM) -> None:
    with spacing(snapshots.LONG, snapshots.KEEP) as watch:
        crm.record(supporter="ada", kind="void", at=NOW, answers="m3")
        assert watch.onwards == 0
        at = NOW + timedelta(days=1)
        crm.record(supporter="ada", kind="reply", at=at, answers="m3", external_id="r")
        assert watch.onwards == 1
    assert crm.verify("ada")


def test_adoption_deletes_snapshots(crm: CRM) -> None:
    crm.adopt(DEFAULT.model_copy(update={"placements": "ignore"}), retroactive=True)
    assert instants(crm) == []
    opened(crm, 2 * snapshots.LONG)
    assert len(instants(crm)) == 1
    assert crm.verify("ada")


def test_changed_coverage_reads_no_older_snapshot(crm: CRM) -> None:
    crm.declare_coverage("outbound")
    with spacing(snapshots.LONG, snapshots.KEEP) as watch:
        opened(crm, 2 * snapshots.LONG)
        opened(crm, 2 * snapshots.LONG + 1)
    assert (watch.refused, watch.onwards) == (1, 1)
    assert crm.verify("ada")


def test_snapshot_may_be_deleted_at_any_time(crm: CRM) -> None:
    crm.session.execute(models.Carried.__table__.delete())
    opened(crm, 2 * snapshots.LONG)
    assert crm.session.scalar(select(func.count()).select_from(models.Carried)) == 1
    assert crm.verify("ada")


def referred(crm: CRM, number: int, external_id: str) -> None:
    """Record a gift of Ben, referred by Ada, after all touchpoints of Ada."""
    crm.record(
        supporter="ben", kind="donation", at=START + timedelta(days=2 * snapshots.LONG + number),
        amount="25", referrer="ada", external_id=external_id,
    )  # fmt: skip


def test_referred_act_is_evaluated_from_the_referrers_snapshot(crm: CRM) -> None:
    with spacing(snapshots.LONG, snapshots.KEEP) as watch:
        for number in range(2 * snapshots.LONG):
            referred(crm, number, f"g{number}")
    # Ben's own first snapshot comes after LONG gifts; Ada's is there from the start.
    assert watch.onwards > 2 * snapshots.LONG
    assert watch.refused == 0
    assert crm.verify("ada")
    assert crm.verify("ben")


@pytest.mark.parametrize("mails", [0, 2 * snapshots.LONG])
def test_void_recorded_before_a_referred_act_takes_it_from_the_referrer(
    crm: CRM, mails: int
) -> None:
    crm.record(supporter="ben", kind="void", at=START, answers="late")
    for number in range(mails):
        at = START + timedelta(days=1 + number)
        crm.record(supporter="ben", kind="email_opened", at=at, external_id=f"b{number}")
    with spacing(snapshots.LONG, snapshots.KEEP) as watch:
        referred(crm, 0, "late")
        assert watch.onwards == 1
        assert watch.refused == (mails > 0)
    assert crm.verify("ada")
    referred(crm, 1, "in time")
    assert crm.verify("ada")
    assert crm.verify("ben")
