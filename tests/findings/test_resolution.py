"""When a finding is over, and what resolved it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ladder.crm import Finding
from ladder.engines.reference.movements import findings
from ladder.engines.reference.versions import VersionedEvaluation, find_resolution
from ladder.language.versions import Version
from tests import histories
from tests.agreement.engines import readings
from tests.findings.conftest import LATE, Host
from tests.random_ladders import coverages, ladders


@pytest.fixture
def gift(host: Host) -> Host:
    """Ada gave on 1 March and is not thanked by the 10th."""
    host.record("donation", 3, 1, "d1")
    host.on(3, 10)
    return host


def resolved(host: Host, key: str = "U", at: date | None = None, **more: Any) -> list[Finding]:
    found = host.crm.findings("ada", at, state="resolved", **more)
    return [each for each in found if each.pattern == key]


def by(finding: Finding) -> tuple[str, list[str | None]]:
    """Return the cause of the resolution and its touchpoints."""
    assert finding.resolved_by is not None
    told = finding.resolved_by
    return told.cause, [each.external_id for each in told.touchpoints]


def test_resolving_touchpoint_is_the_necessary_one(gift: Host) -> None:
    gift.record("thank_you", 3, 20, "t1", answers="d1")
    gift.record("appeal", 3, 20, "a1")
    (over,) = resolved(gift)
    assert by(over) == ("touchpoint", ["t1"])
    assert (over.state, over.severity) == ("resolved", "low")
    assert f"{over.opened:%m-%d} {over.closes:%m-%d}" == "03-04 03-20"
    assert [each.external_id for each in over.evidence] == ["d1"]
    assert str(over).endswith("resolved: thank_you on 2024-03-20 (x t1)")


def test_touchpoints_each_sufficient_to_resolve_are_both_named(gift: Host) -> None:
    gift.record("thank_you", 3, 20, "t1", answers="d1")
    gift.record("thank_you", 3, 20, "t2")
    assert by(resolved(gift)[0]) == ("touchpoint", ["t1", "t2"])


def test_finding_resolved_by_time_names_no_touchpoint(gift: Host) -> None:
    gift.on(3, 3, 2025)
    (over,) = resolved(gift)
    assert by(over) == ("clock", [])
    assert str(over).endswith("resolved: time passed")


def test_refund_resolves_the_finding_of_its_gift(gift: Host) -> None:
    gift.record("refund", 3, 12, "r1", answers="d1")
    assert by(resolved(gift)[0]) == ("touchpoint", ["r1"])


def test_finding_is_resolved_as_of_a_date_and_open_before_it(gift: Host) -> None:
    gift.record("thank_you", 3, 20, "t1", answers="d1")
    assert resolved(gift, at=date(2024, 3, 19)) == []
    assert gift.state(at=date(2024, 3, 19)) == "open"
    assert len(resolved(gift, at=date(2024, 3, 20))) == 1


def test_change_of_severity_does_not_resolve_a_finding(gift: Host) -> None:
    gift.on(4, 15)
    assert resolved(gift) == []
    finding = gift.finding()
    assert f"{finding.opened:%m-%d} {finding.at:%m-%d}" == "03-04 04-01"


def test_finding_resolved_by_another_definition_names_it(gift: Host) -> None:
    gift.on(3, 12)
    gift.crm.adopt(LATE.model_copy(update={"patterns": LATE.patterns[1:]}))
    gift.on(3, 13)
    assert by(resolved(gift)[0]) == ("definition", [])
    assert str(resolved(gift)[0]).endswith("another definition speaks from then on")


def test_resolved_finding_keeps_its_actions(gift: Host) -> None:
    gift.dismiss()
    gift.on(3, 12)
    gift.crm.reopen(gift.finding())
    gift.record("thank_you", 3, 20, "t1", answers="d1")
    assert [each.action for each in resolved(gift)[0].actions] == ["dismissed", "taken back"]


def test_resolved_findings_come_latest_first(host: Host) -> None:
    for number, day in enumerate((1, 10), 1):
        host.record("donation", 3, day, f"d{number}")
        host.record("thank_you", 3, day + 5, f"t{number}", answers=f"d{number}")
    assert [by(each)[1] for each in resolved(host)] == [["t2"], ["t1"]]


# -- what was learned later -----------------------------------------------------------------------


def test_late_thanks_withdraw_a_finding_that_never_held(gift: Host) -> None:
    """The thanks of the next day are recorded late, after the finding was seen."""
    gift.crm.acknowledge(gift.finding(), by="zoe")
    gift.on(3, 12)
    gift.record("thank_you", 3, 2, "t1", answers="d1")
    (over,) = resolved(gift)
    assert by(over) == ("correction", ["t1"])
    assert f"{over.opened:%m-%d} {over.closes:%m-%d %H:%M}" == "03-04 03-12 13:00"
    assert [each.external_id for each in over.evidence] == ["d1"]
    assert [each.by for each in over.actions] == ["zoe"]
    assert str(over).endswith("it never was, as was learned from thank_you on 2024-03-02 (x t1)")
    assert resolved(gift, at=date(2024, 3, 11)) == []


def test_void_of_the_gift_withdraws_the_finding(gift: Host) -> None:
    gift.record("void", 3, 12, "v1", answers="d1")
    assert by(resolved(gift)[0]) == ("correction", ["v1"])


def test_late_thanks_of_a_later_day_resolve_the_finding_on_that_day(gift: Host) -> None:
    gift.on(3, 25)
    gift.record("thank_you", 3, 20, "t1", answers="d1")
    (over,) = resolved(gift)
    assert by(over) == ("touchpoint", ["t1"])
    assert f"{over.closes:%m-%d}" == "03-20"


@pytest.mark.parametrize(
    ("month", "day", "severity"), [(3, 20, "low"), (3, 31, "low"), (4, 1, "low"), (4, 2, "high")]
)
def test_withdrawn_higher_severity_is_no_separate_finding(
    gift: Host, month: int, day: int, severity: str
) -> None:
    """The finding was high in April; thanks recorded late end it at low, or later."""
    gift.on(4, 10)
    gift.record("thank_you", month, day, "t1", answers="d1")
    (over,) = resolved(gift)
    assert by(over) == ("touchpoint", ["t1"])
    assert over.severity == severity


def test_withdrawn_findings_are_those_that_were_once_visible(host: Host) -> None:
    """Told a year later all at once, or taken back within the day: nobody had it on a list."""
    host.on(3, 2)
    host.record("donation", 3, 1, "d1")
    host.record("thank_you", 3, 2, "t1", answers="d1")  # before it ever opened
    assert resolved(host) == []


def test_definition_for_all_of_the_past_withdraws_too(gift: Host) -> None:
    gift.on(3, 12)
    gift.crm.adopt(LATE.model_copy(update={"patterns": LATE.patterns[1:]}), retroactive=True)
    (over,) = resolved(gift)
    assert by(over) == ("definition", [])
    assert [each.external_id for each in over.evidence] == ["d1"]


def test_withdrawn_finding_is_open_as_known_before(gift: Host) -> None:
    gift.on(3, 12)
    gift.record("thank_you", 3, 2, "t1", answers="d1")
    known = datetime(2024, 3, 11, tzinfo=UTC)
    assert gift.state(at=date(2024, 3, 10), known_at=known) == "open"
    assert resolved(gift, known_at=known) == []
    assert len(resolved(gift, known_at=datetime(2024, 3, 13, tzinfo=UTC))) == 1


def test_later_finding_of_the_same_pattern_is_another_one(gift: Host) -> None:
    gift.on(3, 12)
    gift.record("thank_you", 3, 2, "t1", answers="d1")
    gift.record("donation", 5, 1, "d2")
    gift.record("thank_you", 5, 9, "t2", answers="d2")
    assert [by(each) for each in resolved(gift)] == [
        ("touchpoint", ["t2"]),
        ("correction", ["t1"]),
    ]


# -- endings on random lives ----------------------------------------------------------------------


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_resolving_touchpoints_are_necessary_unless_time_resolves(
    data: st.DataObject,
) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation))
    made = data.draw(ladders())
    coverage = data.draw(coverages(organisation))
    for reading in readings(rows, made, organisation, coverage).values():
        lines = VersionedEvaluation([Version(-(2**62), made)], [reading])
        found = findings(reading, made)
        begins = {(each.pattern, each.at) for each in found}
        for each in found:
            if each.until >= 2**60 or (each.pattern, each.until) in begins:
                continue
            cause, touchpoints = find_resolution(lines, each.pattern, each.until)
            assert all(fact.at == each.until for fact in touchpoints)
            past = reading.history.upto(each.until)
            rest = past.without([fact for fact in past.everything if fact.at == each.until])
            still = any(
                one.pattern == each.pattern and one.at <= each.until < one.until
                for one in findings(reading.on(rest), made)
            )
            assert cause == ("touchpoint" if still else "clock")
            assert bool(touchpoints) == still
