"""The states of findings after actions, and how long they hold."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from ladder.crm import CRM
from ladder.errors import FindingError, NotFoundError
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint
from ladder.replay import Source, replay, verify
from ladder.storage import models
from ladder.storage.engines import BEGIN
from tests.crm.recordings import frame
from tests.crm.worlds import ALDER
from tests.findings.conftest import LATE, QUIET, UNTHANKED, Host, pattern


@pytest.fixture
def gift(host: Host) -> Host:
    """Ada gave on 1 March and is not thanked by the 10th."""
    host.record("donation", 3, 1, "d1")
    host.on(3, 10)
    return host


def test_finding_is_open_until_the_first_action(gift: Host) -> None:
    finding = gift.finding()
    assert (finding.state, finding.actions, finding.resolved_by) == ("open", (), None)
    assert f"{finding.opened:%Y-%m-%d} {finding.closes:%Y-%m-%d}" == "2024-03-04 2025-03-02"
    assert [each.external_id for each in finding.evidence] == ["d1"]


def test_action_records_actor_time_reason_and_evidence(gift: Host) -> None:
    done = gift.dismiss(by="zoe")
    assert (done.action, done.by, done.reason) == ("dismissed", "zoe", "thanked by phone")
    assert [each.external_id for each in done.evidence] == ["d1"]
    assert done.at == done.recorded_at == gift.clock()
    assert str(done) == "dismissed on 2024-03-10 13:00 by zoe: thanked by phone"
    assert gift.finding().actions == (done,)
    assert str(gift.finding()).endswith("if nothing happens, dismissed")


def test_action_holds_from_its_instant(gift: Host) -> None:
    gift.dismiss()
    assert gift.state() == "dismissed"
    assert gift.state(at=date(2024, 3, 9)) == "open"
    assert gift.state(at=date(2024, 3, 10)) == "dismissed"


def test_dismissal_needs_a_reason(gift: Host) -> None:
    for reason in ("", "  "):
        with pytest.raises(FindingError, match="needs a reason: ada, U"):
            gift.dismiss(reason=reason)
    assert gift.state() == "open"


def test_dismissed_finding_stays_dismissed_when_time_raises_its_severity(gift: Host) -> None:
    """The evidence is unchanged; only time has passed."""
    assert gift.finding().severity == "low"
    gift.dismiss()
    graver = gift.finding(at=date(2024, 4, 15))
    assert (graver.severity, graver.state) == ("high", "dismissed")


def test_new_evidence_opens_a_dismissed_finding_again(gift: Host) -> None:
    gift.dismiss()
    gift.record("donation", 3, 12, "d2")
    assert gift.state(at=date(2024, 3, 14)) == "dismissed"
    assert gift.state(at=date(2024, 3, 15)) == "open"


def test_dismissal_returns_when_only_the_old_evidence_is_left(gift: Host) -> None:
    gift.dismiss()
    gift.record("donation", 3, 12, "d2")
    gift.record("thank_you", 3, 20, "t2", answers="d2")
    assert gift.state(at=date(2024, 3, 19)) == "open"
    assert gift.state(at=date(2024, 3, 20)) == "dismissed"


def test_dismissed_gift_does_not_come_back_with_another_finding(gift: Host) -> None:
    gift.dismiss()
    gift.record("thank_you", 3, 20, "t1", answers="d1")
    assert gift.state() == "none"
    gift.record("void", 3, 25, "v1", answers="t1")
    assert gift.state() == "dismissed"


def test_evidence_dismissed_one_by_one_is_dismissed_together(gift: Host) -> None:
    gift.dismiss()
    gift.record("donation", 3, 12, "d2")
    gift.on(3, 16)
    gift.dismiss(reason="a standing order")
    assert gift.state() == "dismissed"
    assert [each.reason for each in gift.finding().actions] == [
        "thanked by phone",
        "a standing order",
    ]


def test_reopened_finding_is_open_again(gift: Host) -> None:
    gift.dismiss()
    gift.on(3, 12)
    back = gift.crm.reopen(gift.finding(), by="max", reason="she was not on the phone list")
    assert gift.state() == "open"
    assert gift.state(at=date(2024, 3, 11)) == "dismissed"
    assert gift.finding().actions[-1] == back


def test_reopening_needs_an_action_to_take_back(gift: Host) -> None:
    with pytest.raises(FindingError, match="ada, U: there is nothing to take back"):
        gift.crm.reopen(gift.finding())


def test_acknowledgement_ends_with_new_evidence(gift: Host) -> None:
    gift.crm.acknowledge(gift.finding(), note="a card is in the post")
    assert gift.state() == "acknowledged"
    assert gift.state(at=date(2024, 4, 15)) == "acknowledged"
    gift.record("donation", 3, 12, "d2")
    assert gift.state(at=date(2024, 3, 15)) == "open"


def test_acknowledging_takes_no_dismissal_back(gift: Host) -> None:
    gift.dismiss()
    with pytest.raises(FindingError, match="is dismissed: take that back first"):
        gift.crm.acknowledge(gift.finding())
    gift.record("donation", 3, 12, "d2")
    gift.on(3, 16)
    gift.crm.acknowledge(gift.finding())
    assert gift.state() == "acknowledged"
    gift.record("thank_you", 3, 20, "t2", answers="d2")
    assert gift.state(at=date(2024, 3, 20)) == "dismissed"


def test_action_may_be_dated_earlier_but_not_later(gift: Host) -> None:
    gift.dismiss(at=date(2024, 3, 6))
    assert [gift.state(at=date(2024, 3, day)) for day in (5, 6)] == ["open", "dismissed"]
    assert gift.state(at=date(2024, 3, 8), known_at=date(2024, 3, 9)) == "open"
    with pytest.raises(FindingError, match="lies ahead"):
        gift.dismiss(at=date(2024, 3, 11))
    with pytest.raises(FindingError, match="lies ahead"):
        gift.dismiss(at=datetime(2024, 3, 10, 13, tzinfo=UTC))


def test_action_dated_today_holds_from_now(gift: Host) -> None:
    assert gift.dismiss(at=date(2024, 3, 10)).at == gift.clock()


def test_action_covers_the_evidence_of_the_finding_passed(gift: Host) -> None:
    """Between looking and clicking another gift came; nobody has said anything about that one."""
    seen = gift.finding()
    gift.record("donation", 3, 5, "d2")
    gift.crm.dismiss(seen, reason="thanked by phone")
    assert [each.external_id for each in gift.finding().evidence] == ["d1", "d2"]
    assert gift.state() == "open"


def test_finding_returned_by_a_recording_accepts_an_action(host: Host) -> None:
    host.on(3, 10)
    told = host.crm.record(
        supporter="ada", kind="donation", at=date(2024, 3, 1), external_id="d1", source="x"
    )
    finding = next(each for each in told.findings.added if each.pattern == "U")
    assert finding.evidence == ()
    done = host.crm.acknowledge(finding)
    assert [each.external_id for each in done.evidence] == ["d1"]
    assert host.state() == "acknowledged"
    host.record("thank_you", 3, 10, "t1", answers="d1")
    with pytest.raises(FindingError, match="ada has no finding U at 2024-03-10 13:00"):
        host.crm.acknowledge(finding)


def test_gift_without_an_id_of_its_own_goes_by_its_row(host: Host) -> None:
    for day in (1, 1):
        host.crm.record(supporter="ada", kind="donation", at=date(2024, 3, day))
    host.on(3, 10)
    first, second = host.finding().evidence
    seen = host.finding()
    host.crm.dismiss(seen, reason="so")
    assert host.state() == "dismissed"
    assert first.id != second.id
    host.crm.record(supporter="ada", kind="donation", at=date(2024, 3, 1))
    assert host.state() == "open"


def test_dismissal_of_an_absence_covers_that_finding_only(gift: Host) -> None:
    """The gifts of two months are unthanked, and those of two later months."""
    gift.dismiss("A", reason="they were abroad")
    assert gift.finding("A").evidence == ()
    assert gift.state("A", at=date(2024, 4, 1)) == "dismissed"
    gift.record("thank_you", 4, 2, "t1")
    assert gift.state("A", at=date(2024, 4, 2)) == "none"
    assert gift.state("A", at=date(2024, 6, 10)) == "open"


def test_finding_that_has_ended_accepts_no_action(gift: Host) -> None:
    seen = gift.finding("A")
    gift.record("thank_you", 3, 10, "t1")
    with pytest.raises(FindingError, match="names no touchpoint"):
        gift.crm.dismiss(seen, reason="late")


def test_answers_as_known_earlier_can_be_repeated(gift: Host) -> None:
    gift.dismiss()
    gift.on(3, 12)
    gift.crm.reopen(gift.finding())
    gift.record("thank_you", 3, 2, "t1", answers="d1")  # and told only on the 12th
    assert gift.state(at=date(2024, 3, 11)) == "none"
    for day, then in ((9, "open"), (10, "dismissed"), (11, "dismissed")):
        known = datetime(2024, 3, day, 20, tzinfo=UTC)
        assert gift.state(at=date(2024, 3, 11), known_at=known) == then
        (finding,) = (
            each for each in gift.crm.findings("ada", known, known_at=known) if each.pattern == "U"
        )
        assert [each.external_id for each in finding.evidence] == ["d1"]
        assert len(finding.actions) == (then == "dismissed")


def test_findings_are_filtered_by_state(gift: Host) -> None:
    gift.dismiss()
    assert [each.pattern for each in gift.crm.findings("ada", state="dismissed")] == ["U"]
    assert [each.pattern for each in gift.crm.findings("ada", state="open")] == ["A"]
    assert gift.crm.findings("ada", state="acknowledged") == []
    with pytest.raises(NotFoundError, match="unknown state 'dismised'; did you mean dismissed"):
        gift.crm.findings("ada", state="dismised")  # type: ignore[arg-type]


# -- what must not undo it ------------------------------------------------------------------------


def replayed(host: Host, *told: Touchpoint, **more: bool) -> None:
    """A file with these touchpoints is read today."""
    source = [Source.of_frames(frame(told, ALDER, LATE.kinds))] if told else []
    now = int(host.clock().timestamp()) * 1_000_000
    replay(host.session.connection(), ALDER, LATE, source, now=now, **more)
    assert verify(host.session.connection(), "alder").fine
    assert host.crm.verify("ada")


def test_actions_survive_a_replay(gift: Host) -> None:
    gift.dismiss()
    replayed(gift, recompute=True)
    assert gift.state() == "dismissed"


def test_evidence_from_a_replay_opens_a_dismissed_finding(gift: Host) -> None:
    gift.dismiss()
    gift.on(3, 11)
    second = Touchpoint(supporter="ada", kind="donation", at=date(2024, 3, 2), external_id="d2")
    replayed(gift, second)
    assert gift.state() == "open"
    assert gift.state(known_at=gift.clock() - timedelta(hours=1)) == "dismissed"


def test_correction_is_another_touchpoint(gift: Host) -> None:
    """The amount was wrong: what proves it now is a gift that nobody has said anything about."""
    gift.dismiss()
    gift.record("void", 3, 11, "v1", answers="d1")
    assert gift.state() == "none"
    gift.record("donation", 3, 1, "d1b", amount="5")
    assert gift.state() == "open"


def test_actions_carry_over_to_the_next_version_of_a_ladder(gift: Host) -> None:
    gift.dismiss()
    gift.on(3, 12)
    sooner = pattern(
        "U",
        shows="donation",
        medium="count(donation, older_than(days(1), months(12)) and until(thank_you)) >= 1",
    )
    gift.crm.adopt(LATE.model_copy(update={"patterns": (sooner,)}))
    assert (gift.finding().severity, gift.finding().state) == ("medium", "dismissed")
    gift.crm.adopt(
        LATE.model_copy(update={"patterns": (pattern("U", low="count(donation, ever) >= 2"),)})
    )
    assert gift.state() == "none"
    gift.crm.adopt(LATE, retroactive=True)
    assert gift.state() == "dismissed"


def test_ladder_with_other_evidence_opens_its_findings(gift: Host) -> None:
    """The evidence is in the document alone: the ladder has the same meaning."""
    gift.record("appeal", 3, 11, "a1")
    other = UNTHANKED.model_copy(update={"evidence": QUIET.evidence})
    ladder = LATE.model_copy(update={"patterns": (other, *LATE.patterns[1:])})
    gift.dismiss()
    assert ladder.fingerprint == LATE.fingerprint
    assert gift.crm.adopt(ladder).supporters == 0
    assert gift.state() == "open"
    assert [each.external_id for each in gift.finding().evidence] == ["a1"]
    CRM.create(gift.session, ALDER, LATE, clock=gift.clock)
    assert gift.state() == "dismissed"
    assert gift.crm.verify("ada")


def test_wider_coverage_keeps_a_dismissal(gift: Host) -> None:
    gift.dismiss()
    gift.crm.declare_coverage("outbound", since=date(2020, 1, 1))
    assert gift.state() == "dismissed"
    assert gift.crm.verify("ada")


def test_actions_of_a_ladder_or_organisation_affect_no_other(gift: Host) -> None:
    gift.dismiss()
    again = LATE.model_copy(update={"key": "again"})
    other = CRM.create(gift.session, ALDER, again, clock=gift.clock)
    assert {each.state for each in other.findings("ada")} == {"open"}
    elsewhere = CRM.create(gift.session, Organisation(key="birch"), LATE, clock=gift.clock)
    elsewhere.record(
        supporter="ada", kind="donation", at=date(2024, 3, 1), external_id="d1", source="x"
    )
    assert {each.state for each in elsewhere.findings("ada")} == {"open"}
    desk = CRM(gift.session, "alder", "late", clock=gift.clock)
    assert [each.state for each in desk.findings("ada") if each.pattern == "U"] == ["dismissed"]


def test_finding_in_hand_names_its_own_ladder(gift: Host) -> None:
    again: Ladder = LATE.model_copy(update={"key": "again"})
    other = CRM.create(gift.session, ALDER, again, clock=gift.clock)
    first = CRM(gift.session, "alder", "late", clock=gift.clock)
    other.dismiss(first.findings("ada")[0], reason="so")
    assert [each.state for each in first.findings("ada")] == ["dismissed", "open"]
    assert {each.state for each in other.findings("ada")} == {"open"}


# -- people who are silent ------------------------------------------------------------------------


def test_erased_supporter_has_no_findings_and_no_actions(gift: Host) -> None:
    seen = gift.finding()
    gift.dismiss()
    gift.record("erased", 3, 11, "e1")
    for at in (None, date(2024, 3, 10)):
        assert gift.crm.findings("ada", at) == []
        assert gift.crm.findings("ada", at, state="dismissed") == []
        assert gift.crm.findings("ada", at, state="resolved") == []
    with pytest.raises(FindingError, match="nothing is said of ada, who is silent"):
        gift.crm.reopen(seen)
    assert gift.crm.verify("ada")


def test_safeguard_findings_of_suppressed_supporters_accept_actions(gift: Host) -> None:
    gift.record("objected", 3, 11, "o1")
    gift.record("appeal", 3, 12, "a1")
    assert [each.pattern for each in gift.crm.findings("ada")] == ["D"]
    gift.crm.acknowledge(gift.finding("D"), note="the list is mended")
    assert gift.state("D") == "acknowledged"


# -- whose transaction ----------------------------------------------------------------------------


def test_actions_run_in_the_transaction_of_the_host(engine: Engine) -> None:
    with Session(engine) as session:
        host = Host(session)
        host.record("donation", 3, 1, "d1")
        host.on(3, 10)
        session.commit()
        host.dismiss()
        assert host.state() == "dismissed"
        session.rollback()
        assert host.state() == "open"
        host.dismiss()
        session.commit()
    with Session(engine) as session:
        for table in (models.FindingAction, models.FindingState):
            assert session.scalar(select(func.count()).select_from(table)) == 1


def test_rejected_action_writes_nothing(gift: Host) -> None:
    gift.session.commit()
    with pytest.raises(FindingError):
        gift.dismiss(reason="")
    with pytest.raises(FindingError):
        gift.crm.reopen(gift.finding())
    rows = gift.session.scalar(select(func.count()).select_from(models.FindingAction))
    assert rows == 0


def test_host_reads_actions_through_the_relationships(gift: Host) -> None:
    gift.dismiss(by="zoe")
    gift.session.commit()
    ada = gift.session.scalars(select(models.Supporter)).one()
    (action,), (state,) = ada.finding_actions, ada.finding_states
    assert (action.by_whom, action.evidence) == ("zoe", '[["x","d1"]]')
    assert (state.state, state.pattern, state.at) == ("dismissed", "U", gift.clock())
    assert state.definition.key == "late"
    assert state.supporter is action.supporter is ada


# -- what is stored is what was said --------------------------------------------------------------


def test_verify_finds_a_state_written_around_the_library(gift: Host) -> None:
    gift.dismiss()
    connection = gift.session.connection()
    assert verify(connection, "alder").fine
    connection.execute(update(models.FindingState).values(state="acknowledged"))
    found = verify(connection, "alder").differences
    assert found["what"].to_list() == ["state", "state"]
    assert set(found["told"]) == {"U dismissed", "U acknowledged"}
    assert not gift.crm.verify("ada")


def test_recording_at_the_same_time_counts_as_well(engine: Engine) -> None:
    """A dismissal and a recording take turns, and the second sees the first."""
    with Session(engine) as session:
        Host(session).record("donation", 3, 1, "d1")
        session.commit()
    start = Barrier(2)
    noon = datetime(2024, 3, 10, 12, tzinfo=UTC)

    def at_once(act: Callable[[CRM], object]) -> None:
        with Session(engine.execution_options(**{BEGIN: "IMMEDIATE"})) as session:
            start.wait(timeout=30)
            act(CRM(session, "alder", clock=lambda: noon))
            session.commit()

    def dismiss(crm: CRM) -> None:
        (found,) = (each for each in crm.findings("ada") if each.pattern == "U")
        crm.dismiss(found, reason="so")

    def give(crm: CRM) -> None:
        crm.record(supporter="ada", kind="donation", at=date(2024, 3, 2), external_id="d2")

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(at_once, dismiss), pool.submit(at_once, give)]:
            done.result(timeout=60)
    with Session(engine) as session:
        host = Host(session, date(2024, 3, 11))
        finding = host.finding()
        said = {each.external_id for each in finding.actions[0].evidence}
        assert finding.state == ("dismissed" if said == {"d1", "d2"} else "open")
        assert host.crm.verify("ada")
