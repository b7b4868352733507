"""Suppression in a host's session: no answer except safeguards, and no name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ladder import catalogue
from ladder.crm import CRM
from ladder.model.organisations import Organisation

ALDER = Organisation(key="alder", zone="Europe/Berlin", currency="EUR")
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
LEFT = ("objected", "deceased", "erased", "staff_joined", "placeholder")
DATES = (date(2024, 4, 1), date(2026, 6, 30), date(2026, 7, 1), date(2027, 6, 1))


@pytest.fixture
def crm(engine: Engine) -> Iterator[CRM]:
    with Session(engine) as session:
        crm = CRM.create(session, ALDER, catalogue.load("default"), clock=lambda: NOW)
        crm.declare_coverage("any_touchpoint")
        yield crm


def lived(crm: CRM, supporter: str, status: str, on: date = date(2026, 7, 1)) -> None:
    """Two gifts that nobody thanked for, and requests; then the status."""
    for kind, day in (
        ("donation", date(2024, 3, 1)),
        ("appeal", date(2024, 3, 20)),
        ("donation", date(2026, 2, 1)),
        ("appeal", date(2026, 3, 1)),
    ):
        crm.record(
            supporter=supporter, kind=kind, at=day, amount="25" if kind == "donation" else None
        )
    crm.record(supporter=supporter, kind=status, at=on)


@pytest.mark.parametrize("status", LEFT)
def test_suppressed_supporters_have_no_answer_at_any_date(crm: CRM, status: str) -> None:
    lived(crm, "zoe", status)
    lived(crm, "ada", "unsubscribed")
    for day in DATES:
        assert crm.standing("zoe", at=day) is None
        assert crm.findings("zoe", at=day) == []
        assert crm.unassessed_patterns("zoe", at=day) == []
        said = crm.explain("zoe", at=day).explanation
        assert said.place.silent
        assert (said.rungs, said.lifts, said.findings, said.unassessed_patterns) == ((), (), (), ())
        assert crm.standing("ada", at=day) is not None
    assert "zoe" not in {each.supporter for each in crm.upcoming(900)}
    assert crm.findings("ada", at=date(2026, 6, 30)) != []


@pytest.mark.parametrize("status", LEFT)
def test_suppressed_supporters_may_not_be_asked_and_have_no_next_step(
    crm: CRM, status: str
) -> None:
    lived(crm, "zoe", status)
    for channel in (None, "email", "phone"):
        assert crm.may_ask("zoe", channel=channel).verdict == "no"
    assert str(crm.next_touch("zoe")) == "zoe: nothing: the supporter is suppressed"


@pytest.mark.parametrize("status", LEFT)
def test_late_objection_withdraws_earlier_results(crm: CRM, status: str) -> None:
    lived(crm, "zoe", status, on=date(2026, 11, 15))
    assert crm.findings("zoe", at=date(2026, 6, 30)) == []
    assert crm.verify("zoe")


def test_ask_after_an_objection_is_a_finding_because_it_is_a_safeguard(crm: CRM) -> None:
    lived(crm, "zoe", "objected")
    assert crm.findings("zoe") == []
    crm.record(supporter="zoe", kind="appeal", at=date(2026, 8, 1))
    (found,) = crm.findings("zoe")
    assert (found.pattern, found.severity) == ("O15", "critical")
    assert [each.kind for each in found.evidence] == ["appeal"]
    assert crm.findings("zoe", at=date(2026, 7, 31)) == []


def test_placeholder_from_the_beginning_never_stands_anywhere(crm: CRM) -> None:
    crm.record(supporter="box", kind="placeholder", at=date(2024, 3, 1))
    crm.record(supporter="box", kind="donation", at=date(2024, 3, 1), amount="5")
    assert [each.kind for each in crm.history("box")] in ([], ["silenced"])
    crm.record(supporter="box", kind="donation", at=date(2026, 3, 1), amount="5")
    assert crm.findings("box") == []
    assert crm.verify("box")


def test_mistaken_placeholder_is_voided_and_the_supporter_returns(crm: CRM) -> None:
    lived(crm, "zoe", "unsubscribed")
    crm.record(supporter="zoe", kind="placeholder", at=date(2026, 7, 2), external_id="oops")
    assert crm.standing("zoe") is None
    crm.record(supporter="zoe", kind="void", at=date(2026, 7, 3), answers="oops")
    assert crm.standing("zoe") is not None


def test_former_employee_is_a_supporter_again(crm: CRM) -> None:
    lived(crm, "zoe", "staff_joined")
    crm.record(supporter="zoe", kind="staff_left", at=date(2026, 9, 1))
    standing = crm.standing("zoe")
    assert standing is not None
    assert standing.rungs == ("donating",)


@pytest.mark.parametrize("status", ["objected", "erased"])
def test_referrer_keeps_the_rung_and_the_erased_supporter_loses_the_name(
    crm: CRM, status: str
) -> None:
    crm.record(supporter="ben", kind="comment", at=date(2026, 1, 1))
    crm.record(
        supporter="zoe", kind="donation", at=date(2026, 3, 1), amount="25", external_id="g7",
        referrer="ben",
    )  # fmt: skip
    moved = crm.history("ben")[1]
    assert "because of zoe's donation of 25.00 EUR" in moved.words
    crm.record(supporter="zoe", kind=status, at=date(2026, 7, 1))
    assert [each.after for each in crm.history("ben")][1] == ("evangelising",)
    for each in crm.history("ben"):
        assert "zoe" not in each.words
        assert all(
            cause.supporter in ("ben", "") and cause.external_id != "g7" for cause in each.causes
        )
    assert "because of somebody's donation on 2026-03-01" in crm.history("ben")[1].words
    assert "zoe" not in str(crm.explain("ben"))
