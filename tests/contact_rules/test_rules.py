"""Each rule for asking, with the near miss on each side of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from ladder import catalogue
from ladder.crm import CRM, MayAsk
from ladder.errors import CurrencyError, NotFoundError
from ladder.testing import memory_crm, memory_session, supporter_history

TODAY = date(2024, 6, 1)
BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = catalogue.read('[ladder]\nkey = "plain"\n').ladder
"""Neither rungs nor patterns nor a word on who is silent: only the rules speak."""


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def session() -> Iterator[Session]:
    with memory_session() as session:
        yield session


@pytest.fixture
def logged(session: Session) -> CRM:
    """An organisation whose log holds everything."""
    crm = memory_crm(session, PLAIN)
    crm.declare_coverage("inbound or outbound")
    return crm


@pytest.fixture
def unlogged(session: Session) -> CRM:
    """One whose log is declared to hold nothing in particular."""
    return memory_crm(session, PLAIN)


KNOWN = (("subscribed", ago(900), {"channel": "email"}), ("newsletter", ago(100)))


def answer(crm: CRM, *told: Any, at: date = TODAY, **asked: Any) -> MayAsk:
    """Return the answer about a subscriber who gets the newsletter and these touchpoints."""
    crm.record_many(supporter_history("ada", ("petition_signed", ago(890)), *KNOWN, *told))
    return crm.may_ask("ada", at, **asked)


def rules(answer: MayAsk) -> list[str]:
    return [each.rule for each in answer.reasons]


def held(crm: CRM, *told: Any, **asked: Any) -> list[str]:
    return rules(answer(crm, *told, **asked))


def gift(days: int, amount: str = "20") -> Any:
    return ("donation", ago(days), amount)


THANKED = {"answers": "ada-4"}
"""The number of what is told first after the petition and `KNOWN`."""


def test_known_supporter_without_open_duties_may_be_asked(logged: CRM) -> None:
    found = answer(logged)
    assert (found.verdict, found.reasons, found.unknown) == ("yes", (), ())
    assert found
    assert found.channels == ("email", "post", "phone", "social", "door", "in_person")


# ---- No -----------------------------------------------------------------------------------------


def test_objection_forbids_until_consent_is_given_again(logged: CRM) -> None:
    objected = ("objected", ago(50))
    assert held(logged, objected) == ["objected"]
    logged.record(supporter="ada", kind="resubscribed", at=ago(40))
    assert logged.may_ask("ada", ago(41)).verdict == "no"
    assert logged.may_ask("ada", ago(40)).verdict == "yes"


def test_objection_hides_all_other_reasons(logged: CRM) -> None:
    found = answer(logged, gift(20), ("question", ago(10)), ("objected", ago(5)))
    assert rules(found) == ["objected"]
    assert (found.last, found.channels, found.at_most, found.unknown) == ({}, (), None, ())


def test_suppressed_supporter_may_not_be_asked_and_no_reason_is_given(session: Session) -> None:
    crm = memory_crm(session)
    found = answer(crm, gift(20), ("deceased", ago(5)))
    assert rules(found) == ["silent"]
    assert crm.may_ask("ada", ago(10)).verdict == "no"  # suppression hides every date


@pytest.mark.parametrize("kind", ["deceased", "erased"])
def test_deceased_and_erased_supporters_may_never_be_asked(logged: CRM, kind: str) -> None:
    found = answer(logged, (kind, ago(500)))
    assert (found.verdict, rules(found), found.until_what) == ("no", ["gone"], ())


def test_staff_may_not_be_asked_during_employment(logged: CRM) -> None:
    assert held(logged, ("staff_joined", ago(50)), ("staff_left", ago(20)), at=ago(21)) == ["staff"]
    assert logged.may_ask("ada", ago(20)).verdict == "yes"


def test_unsubscription_closes_its_own_channel(logged: CRM) -> None:
    found = answer(logged, ("unsubscribed", ago(9), {"channel": "post"}), channel="post")
    assert (found.verdict, rules(found)) == ("no", ["unsubscribed"])
    other = logged.may_ask("ada", TODAY, channel="phone")
    assert (other.verdict, other.reasons) == ("yes", ())
    anyhow = logged.may_ask("ada", TODAY)
    assert anyhow.verdict == "yes"
    assert [str(each) for each in anyhow.not_by] == [
        "the supporter unsubscribed (post)",
        "the supporter never consented (sms)",
    ]
    assert "post" not in anyhow.channels


def test_unsubscription_without_a_channel_is_one_from_e_mail(logged: CRM) -> None:
    assert held(logged, ("unsubscribed", ago(9)), channel="email") == ["unsubscribed"]
    assert logged.may_ask("ada", TODAY, channel="post").verdict == "yes"


def test_supporter_without_an_allowed_channel_may_not_be_asked(logged: CRM) -> None:
    ways = ("email", "post", "phone", "social", "door", "in_person")
    found = answer(logged, *(("unsubscribed", ago(9), {"channel": way}) for way in ways))
    assert (found.verdict, found.channels) == ("no", ())


def test_channel_that_wants_consent_is_rejected_without_it(logged: CRM) -> None:
    assert held(logged, channel="sms") == ["no_consent"]
    logged.record(supporter="ada", kind="subscribed", channel="sms", at=TODAY)
    assert logged.may_ask("ada", TODAY, channel="sms").verdict == "yes"


def test_unlogged_consent_is_unknown_and_the_channel_not_free(
    unlogged: CRM,
) -> None:
    found = answer(unlogged, channel="sms")
    assert (found.verdict, [each.rule for each in found.unknown][:1]) == ("yes", ["no_consent"])
    assert "sms" not in found.channels


# ---- Not yet ------------------------------------------------------------------------------------


def test_unthanked_gift_forbids_asks(logged: CRM) -> None:
    late = [gift(200), ("impact_report", ago(150))]
    found = answer(logged, *late)
    assert (found.verdict, rules(found), found.until_what) == (
        "not yet",
        ["unthanked"],
        ("thank them",),
    )
    assert found.until == datetime(2024, 11, 15, tzinfo=BERLIN)  # a year after the gift, as a day
    logged.record(supporter="ada", kind="thank_you", at=TODAY, answers="ada-4", source="test")
    assert logged.may_ask("ada", TODAY).verdict == "yes"


def test_receipt_is_not_thanks(logged: CRM) -> None:
    assert held(logged, gift(200), ("receipt", ago(200), THANKED)) == ["unthanked"]


def test_thanks_are_unknown_where_they_are_not_logged(unlogged: CRM) -> None:
    found = answer(unlogged, gift(200))
    assert (found.verdict, found.reasons) == ("yes", ())
    assert "thanks are not declared logged" in str(found)


def test_second_request_waits_for_a_report_on_the_gift_before_it(logged: CRM) -> None:
    thanked = (gift(200), ("thank_you", ago(199), THANKED))
    assert held(logged, *thanked) == []
    logged.record(supporter="ada", kind="appeal", at=ago(60))
    found = logged.may_ask("ada", TODAY)
    assert (rules(found), found.until_what) == (["unreported"], ("report what the gift did",))
    logged.record(supporter="ada", kind="impact_report", at=ago(1))
    assert logged.may_ask("ada", TODAY).verdict == "yes"


@pytest.mark.parametrize(("days", "verdict"), [(7, "not yet"), (8, "yes")])
def test_gift_forbids_asks_for_a_week_whatever_is_logged(
    unlogged: CRM, days: int, verdict: str
) -> None:
    assert answer(unlogged, gift(days)).verdict == verdict


@pytest.mark.parametrize(("days", "held_by"), [(30, ["rest"]), (31, [])])
def test_gift_is_followed_by_a_month_of_rest(logged: CRM, days: int, held_by: list[str]) -> None:
    first = (gift(800), ("thank_you", ago(799)), ("impact_report", ago(700)))
    again = (gift(days), ("thank_you", ago(days - 1)))
    assert held(logged, *first, *again) == held_by


@pytest.mark.parametrize(("days", "held_by"), [(90, ["rest_after_first_gift"]), (91, [])])
def test_first_gift_is_followed_by_three_months_of_rest(
    logged: CRM, days: int, held_by: list[str]
) -> None:
    assert held(logged, gift(days), ("thank_you", ago(days - 1))) == held_by


def test_report_ends_the_rest(logged: CRM) -> None:
    told = (gift(20), ("thank_you", ago(19)), ("impact_report", ago(10)))
    assert held(logged, *told) == []


def test_rest_is_over_at_the_end_of_its_last_day(logged: CRM) -> None:
    found = answer(logged, gift(20), ("thank_you", ago(19)))
    assert found.until == datetime(2024, 8, 11, tzinfo=BERLIN)
    before, after = (
        logged.may_ask("ada", found.until + timedelta(microseconds=n)) for n in (-1, 0)
    )
    assert (before.verdict, after.verdict) == ("not yet", "yes")


@pytest.mark.parametrize("kind", ["question", "complaint"])
def test_open_question_or_complaint_is_answered_before_an_ask(logged: CRM, kind: str) -> None:
    found = answer(logged, (kind, ago(2)))
    assert (rules(found), found.until_what) == (["unanswered"], ("answer them",))
    logged.record(supporter="ada", kind="message", at=TODAY, answers="ada-4", source="test")
    assert logged.may_ask("ada", TODAY).verdict == "yes"


def test_note_that_expects_no_reply_forbids_nothing(logged: CRM) -> None:
    assert held(logged, ("question", ago(2), {"details": {"expects_reply": False}})) == []


@pytest.mark.parametrize(("asks", "held_by"), [(3, []), (4, ["burst"])])
def test_fifth_request_within_thirty_days_would_be_a_burst(
    logged: CRM, asks: int, held_by: list[str]
) -> None:
    found = answer(logged, *(("appeal", ago(10 + n)) for n in range(asks)))
    assert rules(found) == held_by
    if held_by:  # until the first of the four is older than thirty days
        assert found.until == datetime(2024, 6, 19, tzinfo=BERLIN)


def test_unlogged_asks_are_not_known_to_be_few(unlogged: CRM) -> None:
    found = answer(unlogged)
    assert "burst" in [each.rule for each in found.unknown]
    many = [("appeal", ago(n)) for n in range(1, 5)]
    unlogged.record_many(supporter_history("ben", *KNOWN, *many))
    assert rules(unlogged.may_ask("ben", TODAY)) == ["burst"]  # that many are surely too many


@pytest.mark.parametrize(("asks", "held_by"), [(1, []), (2, ["lapsed_and_asked"])])
def test_lapsed_supporter_is_not_asked_a_third_time_without_another_contact(
    logged: CRM, asks: int, held_by: list[str]
) -> None:
    told = [("petition_signed", ago(900)), gift(500), ("thank_you", ago(490))]
    told += [("impact_report", ago(480)), *(("appeal", ago(100 - n)) for n in range(asks))]
    logged.record_many(supporter_history("ben", *told))
    found = logged.may_ask("ben", TODAY)
    assert rules(found) == held_by
    logged.record(supporter="ben", kind="survey_sent", at=ago(1))
    assert logged.may_ask("ben", TODAY).verdict == "yes"


def test_cold_ask_is_not_repeated_before_another_contact(logged: CRM) -> None:
    logged.record(supporter="cleo", kind="appeal", at=ago(40))
    found = logged.may_ask("cleo", TODAY)
    assert (rules(found), found.until) == (["cold"], None)
    logged.record(supporter="cleo", kind="newsletter", at=ago(1))
    assert logged.may_ask("cleo", TODAY).verdict == "yes"


def test_supporter_without_a_history_is_a_stranger(logged: CRM) -> None:
    logged.record(supporter="dora", kind="newsletter", at=ago(1))
    assert rules(logged.may_ask("dora", ago(2))) == ["stranger"]
    logged.record(supporter="eve", kind="unsubscribed", at=ago(1))
    assert logged.may_ask("eve", TODAY).verdict == "no"  # not even where conditions are silent
    logged.record(supporter="finn", kind="placed", at=ago(1), details={"rung": "x"})
    assert rules(logged.may_ask("finn", TODAY)) == ["stranger"]


@pytest.mark.parametrize(("amount", "verdict"), [("80", "yes"), ("80.01 EUR", "not yet")])
def test_large_amount_needs_a_conversation_first(logged: CRM, amount: str, verdict: str) -> None:
    told = (gift(200, "40"), ("thank_you", ago(199)), ("impact_report", ago(100)))
    found = answer(logged, *told, amount=amount)
    assert (found.verdict, str(found.at_most)) == (verdict, "80.00")
    assert found.until is None
    logged.record(supporter="ada", kind="meeting", at=ago(180))
    assert logged.may_ask("ada", TODAY, amount=amount).verdict == "yes"
    assert logged.may_ask("ada", TODAY + timedelta(days=1), amount=amount).verdict == verdict


def test_grave_finding_of_the_ladder_forbids_asks(session: Session) -> None:
    ladder = catalogue.read('[ladder]\nkey = "own"\n[include]\npatterns = ["O7", "S1"]\n').ladder
    crm = memory_crm(session, ladder)
    crm.declare_coverage("inbound or outbound")
    crm.record_many(
        supporter_history("ada", ("petition_signed", ago(600)), ("newsletter", ago(500)))
    )
    crm.record_many(supporter_history("ben", ("petition_signed", ago(600)), gift(500)))
    crm.record(supporter="ada", kind="appeal", at=ago(80))
    assert crm.may_ask("ada", TODAY).verdict == "yes"  # one request is no finding yet
    crm.record(supporter="ada", kind="appeal", at=ago(70))
    found = crm.may_ask("ada", TODAY)
    assert found.verdict == "not yet"
    assert str(found.reasons[0]).endswith("asked only (O7)")
    assert "finding" not in rules(crm.may_ask("ben", TODAY))  # S1 forbids no ask


def test_overlapping_waits_end_with_the_last(logged: CRM) -> None:
    told = [gift(800), ("thank_you", ago(799)), ("impact_report", ago(700))]
    told += [gift(3), ("thank_you", ago(2)), *(("appeal", ago(10 + n)) for n in range(4))]
    found = answer(logged, *told)
    assert rules(found) == ["just_gave", "rest", "burst"]
    assert found.until == datetime(2024, 6, 29, tzinfo=BERLIN)
    assert logged.may_ask("ada", found.until).verdict == "yes"


def test_later_touchpoints_do_not_change_an_earlier_answer(logged: CRM) -> None:
    answer(logged, gift(3))
    found = logged.may_ask("ada", ago(300))
    assert (found.verdict, found.last["gift"]) == ("yes", None)


def test_last_gift_thanks_report_and_request_are_dated(logged: CRM) -> None:
    told = (gift(200), ("thank_you", ago(199)), ("impact_report", ago(100)), ("appeal", ago(50)))
    assert answer(logged, *told).last == {
        "gift": ago(200),
        "thanks": ago(199),
        "report": ago(100),
        "ask": ago(50),
    }


def test_invalid_question_is_rejected_with_advice(logged: CRM) -> None:
    answer(logged)
    with pytest.raises(NotFoundError, match="unknown channel 'emial'; did you mean email"):
        logged.may_ask("ada", channel="emial")
    with pytest.raises(CurrencyError, match="say the amount in EUR"):
        logged.may_ask("ada", amount="5 USD")
    with pytest.raises(NotFoundError, match="no supporter 'nobody'"):
        logged.may_ask("nobody")
