"""Everybody is handed out once, for the most pressing reason, and then left in peace."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from ladder import contact_rules
from ladder.contact_rules.next_action import QUEUES
from ladder.crm import CRM
from ladder.model.calendars import to_instant
from ladder.outreach import Calls, SupporterCall
from ladder.storage.adopted_ladders import in_force
from ladder.storage.store import Store
from ladder.testing import supporter_history
from tests.crm.worlds import ALDER, NOW, clock
from tests.outreach.worlds import LADDER, exists, history
from tests.sizes import seeds

TODAY = date(2024, 6, 1)


@pytest.fixture
def crm(session: Session) -> CRM:
    """An organisation whose log holds everything."""
    crm = CRM.create(session, ALDER, LADDER, clock=clock)
    crm.declare_coverage("inbound or outbound")
    return crm


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def calls(crm: CRM, now: datetime = NOW) -> Calls:
    store = Store.open(crm.session.connection(), "alder")
    (held,) = in_force(store)
    rules = contact_rules.load(crm.rules, kinds=held.ladder.kinds)
    return Calls(store, held.definition.root, held.ladder, rules, to_instant(now))


def names(found: list[SupporterCall]) -> list[str]:
    return [each.supporter for each in found]


@pytest.mark.parametrize("seed", seeds(4))
def test_queue_lists_the_supporters_of_single_questions_once(crm: CRM, seed: int) -> None:
    random = Random(seed)
    people = [f"p{number:02}" for number in range(30)]
    crm.record_many([each for supporter in people for each in history(random, supporter)])
    everybody = calls(crm)
    handed = [(each.supporter, queue) for queue in QUEUES for each in everybody.people(queue)]
    assert max(Counter(supporter for supporter, _ in handed).values()) == 1
    alone = [
        (supporter, crm.next_touch(supporter).queue)
        for supporter in people
        if exists(crm, supporter)
    ]
    assert sorted(handed) == sorted((supporter, queue) for supporter, queue in alone if queue)
    people_with_calls = [
        (each.supporter, each.call) for queue in QUEUES for each in everybody.people(queue)
    ]
    assert crm.touches_of_calls(people_with_calls) == [
        crm.next_touch(supporter) for supporter, _ in people_with_calls
    ]


def test_page_is_the_head_of_the_whole_queue(crm: CRM) -> None:
    random = Random(11)
    crm.record_many([each for n in range(40) for each in history(random, f"p{n:02}")])
    everybody = calls(crm)
    for queue in QUEUES:
        whole = everybody.people(queue)
        assert everybody.people(queue, 2) == whole[:2]
        assert len(whole) <= len(everybody.every)


def test_answers_precede_thanks_and_thanks_precede_reports(crm: CRM) -> None:
    gift = ("donation", ago(220), "20")
    crm.record_many(supporter_history("ada", gift, ("question", ago(20))))
    crm.record_many(supporter_history("ben", gift))
    crm.record_many(supporter_history("cleo", gift, ("thank_you", ago(219))))
    assert [crm.next_touch(supporter).touch for supporter in ("ada", "ben", "cleo")] == [
        "answer",
        "thank",
        "report",
    ]


def test_action_removes_the_supporter_from_the_queue(crm: CRM) -> None:
    crm.record_many(supporter_history("ada", ("donation", ago(40), "20")))
    assert names(calls(crm).people("thank")) == ["ada"]
    crm.record(supporter="ada", kind="thank_you", at=TODAY)
    assert names(calls(crm).people("thank")) == []


def test_dismissed_finding_affects_no_queue_and_no_answer(crm: CRM) -> None:
    crm.record_many(supporter_history("ada", ("donation", ago(40), "20")))
    (unthanked,) = [each for each in crm.findings("ada") if each.pattern == "O1"]
    assert crm.next_touch("ada").pattern == "O1"
    assert "O1" in str([reason.words for reason in crm.may_ask("ada").reasons])
    crm.dismiss(unthanked, reason="She was thanked at the door")
    assert names(calls(crm).people("thank")) == []
    assert crm.next_touch("ada").pattern != "O1"
    assert "O1" not in str([reason.words for reason in crm.may_ask("ada").reasons])
    crm.reopen(unthanked, reason="It was another Ada")
    assert names(calls(crm).people("thank")) == ["ada"]


def test_assigned_supporter_is_not_queued_again_within_thirty_days(crm: CRM) -> None:
    crm.record_many(supporter_history("ada", ("donation", ago(40), "20")))
    crm.assign(crm.next_touch("ada"))
    assert calls(crm).people("thank") == []
    assert crm.next_touch("ada").touch is None
    last, first = NOW + timedelta(days=30), NOW + timedelta(days=31)
    assert calls(crm, last).people("thank") == []
    assert names(calls(crm, first).people("thank")) == ["ada"]


def steady(supporter: str, since: int, act: int) -> list[object]:
    """A giver of long standing who was thanked and reported to, and whose last act was then."""
    return [
        *supporter_history(
            supporter,
            ("subscribed", ago(500)),
            ("donation", ago(since), "20"),
            ("thank_you", ago(since), {"answers": f"{supporter}-2"}),
            ("impact_report", ago(since - 1)),
            ("reply", ago(act)),
            ("message", ago(act), {"answers": f"{supporter}-5"}),
        )
    ]


def queue_of(crm: CRM, supporter: str) -> str | None:
    touch = crm.next_touch(supporter)
    everybody = calls(crm)
    handed = {each.supporter: q for q in QUEUES for each in everybody.people(q)}
    assert handed.get(supporter) == touch.queue
    return touch.queue


@pytest.mark.parametrize(("days", "queue"), [(30, "climbers"), (31, None)])
def test_new_climber_rose_within_thirty_days(crm: CRM, days: int, queue: str | None) -> None:
    crm.record_many(
        supporter_history(
            "ada",
            ("subscribed", ago(400)),
            ("newsletter", ago(100)),
            ("volunteer_shift", ago(days), {"quantity": 3}),
        )
    )
    assert queue_of(crm, "ada") == queue


@pytest.mark.parametrize(("active", "queue"), [(180, "steadies"), (181, None)])
def test_loyal_supporter_acted_within_180_days(crm: CRM, active: int, queue: str | None) -> None:
    crm.rules = "[settings]\ngratitude_again = 'days(60)'\nfalls_within = '0'"
    crm.record_many(steady("ada", 300, active))  # type: ignore[arg-type]
    assert queue_of(crm, "ada") == queue


@pytest.mark.parametrize(("days", "queue"), [(365, None), (366, "steadies")])
def test_loyalty_thanks_come_once_a_year(crm: CRM, days: int, queue: str | None) -> None:
    crm.rules = "[settings]\nfalls_within = '0'"
    crm.record_many(
        supporter_history(
            "ada",
            ("volunteer_shift", ago(400), {"quantity": 2}),
            ("thank_you", ago(days), {"audience": "broadcast"}),
            ("volunteer_shift", ago(120), {"quantity": 2}),
            ("newsletter", ago(110)),
        )
    )
    assert queue_of(crm, "ada") == queue


def test_donor_about_to_lapse_is_asked_only_where_allowed(crm: CRM) -> None:
    loved = [
        ("subscribed", ago(500), {"channel": "email"}),
        ("donation", ago(330), "20"),
        ("thank_you", ago(329)),
        ("impact_report", ago(300)),
        ("newsletter", ago(200)),
        ("invitation", ago(100)),
    ]
    crm.record_many(supporter_history("ada", *loved))
    crm.record_many(supporter_history("ben", *loved))
    crm.record_many(
        supporter_history("ben", *[("appeal", ago(n)) for n in (2, 3, 4, 5)], source="late")
    )
    touch = crm.next_touch("ada")
    assert (touch.touch, touch.asking and touch.asking.verdict) == ("ask", "yes")
    assert crm.next_touch("ben").touch != "ask"


def test_supporter_about_to_fall_from_another_rung_is_invited(crm: CRM) -> None:
    crm.record_many(
        supporter_history("ada", ("petition_signed", ago(330)), ("newsletter", ago(200)))
    )
    assert queue_of(crm, "ada") == "invite"


def test_objecting_supporter_is_in_the_stop_queue_only_after_an_ask(crm: CRM) -> None:
    gift = ("donation", ago(40), "20")
    crm.record_many(supporter_history("ada", gift, ("objected", ago(30))))
    crm.record_many(supporter_history("ben", gift, ("objected", ago(30)), ("appeal", ago(3))))
    assert queue_of(crm, "ada") is None
    assert queue_of(crm, "ben") == "stop"
    crm.assign(crm.next_touch("ben"))
    assert queue_of(crm, "ben") == "stop"
