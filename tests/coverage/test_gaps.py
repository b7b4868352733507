"""The gaps of declared coverage, by examples and by random touchpoints."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.coverage import Coverage, Gap, covers, gaps
from ladder.documents import parse_selector
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.model.calendars import Calendar
from ladder.model.kinds import KINDS
from tests import histories
from tests.random_ladders import coverages
from tests.strategies import plain_selectors

CALENDAR = Calendar()


def declared(of: str, source: str | None = None, since: str | None = None) -> Coverage:
    edges = {} if since is None else {"since": CALENDAR.instant(date.fromisoformat(since))}
    return Coverage(selector=parse_selector(of), source=source, **edges)


def open_days(asked: str, *said: Coverage) -> list[str]:
    """The gaps that end: "..2024-01-01"; "always" for one that does not."""
    found = gaps(said, parse_selector(asked), KINDS)
    return [".." + _day(gap) for gap in found]


def _day(gap: Gap) -> str:
    return CALENDAR.text(gap.until)[:10]


ALWAYS = ["..for ever"]


def test_source_merged_into_another_needs_a_declaration_of_the_whole_log() -> None:
    old = declared("outbound", "old").model_copy(
        update={"until": CALENDAR.instant(date(2023, 1, 1))}
    )
    new = declared("outbound", "new", "2023-01-01")
    assert open_days("outbound", old, new) == ALWAYS
    assert open_days("outbound", old, new, declared("outbound")) == []


def test_letters_and_mails_need_separate_declarations() -> None:
    letters = declared('purpose("thank")', "office", "2020-01-01")
    mails = declared('purpose("thank")', "mail", "2023-06-01")
    thanks = 'outbound and purpose("thank") and not automated'
    assert open_days(thanks, letters) == ["..2020-01-01"]
    assert open_days(thanks, letters, mails) == ["..2023-06-01"]


def test_gifts_of_the_bank_and_letters_of_the_office_do_not_wait_for_each_other() -> None:
    said = [
        declared('family("money")', "bank", "2020-01-01"),
        declared("outbound", "office", "2022-01-01"),
    ]
    assert open_days("donation and not in_reply_to(pledge)", *said) == ["..2020-01-01"]
    assert open_days('outbound and purpose("ask")', *said) == ["..2022-01-01"]


def test_purpose_of_sent_touchpoints_does_not_affect_received_ones() -> None:
    mail = declared('purpose("thank") and channel("email")', "mail", "2023-01-01")
    assert open_days("donation", declared("donation", "bank"), mail) == []


def test_selector_that_can_select_nothing_lacks_nothing() -> None:
    assert open_days("donation and reply") == []
    assert open_days("donation and outbound") == []


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("any_touchpoint", "is_reply"),
        ("outbound", "appeal"),
        ("not broadcast", "individual and outbound"),
        ("outbound and not donation", "thank_you"),
        ("inbound or is_reply", "family('time', 'money')"),
        ("donation or payment", "donation and not in_reply_to(pledge)"),
        ("not in_months(1, 2)", "donation and in_months(3)"),
        ("not where(level=1)", "donation and where(level=2)"),
    ],
)
def test_wider_covers_the_narrower_and_not_the_other_way_round(wide: str, narrow: str) -> None:
    one, other = parse_selector(wide), parse_selector(narrow)
    assert covers(one, other, KINDS)
    assert not covers(other, one, KINDS)


def _usual(fact: Fact) -> bool:
    """Coverage goes by what a kind usually is: its own direction; no purposes of supporters."""
    kind = KINDS[fact.kind]
    if kind.direction is not None and fact.direction != kind.direction:
        return False
    return kind.direction != "inbound" or (not fact.purposes and fact.asks_for is None)


@given(data=st.data())
def test_covered_selector_is_declared_by_all_sources_that_bear_it(
    data: st.DataObject,
) -> None:
    organisation = data.draw(histories.organisations())
    said = data.draw(coverages(organisation))
    asked = data.draw(plain_selectors(1))
    made = data.draw(histories.rows(organisation))
    missing = gaps(said, asked, KINDS)
    for person in histories.PEOPLE:
        own, _ = histories.of_person(made, person)
        history = History.from_rows(own, organisation, KINDS, (), None, person)
        evaluation = Evaluation(history, organisation)
        of_each = [set(evaluation.select(each.selector)) for each in said]
        for fact in filter(_usual, evaluation.select(asked)):
            if any(gap.since <= fact.at < gap.until for gap in missing):
                continue
            speaks = [each for each, of in zip(said, of_each, strict=True) if fact in of]
            now = {each.source for each in speaks if each.since <= fact.at < each.until}
            assert speaks
            assert None in now or {each.source for each in speaks} - {None} <= now
