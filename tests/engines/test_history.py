"""Histories: what they take in, and what they would be without some of it."""

from __future__ import annotations

from datetime import UTC, datetime

from ladder.documents.expression_parser import parse_condition
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row, row_of
from ladder.engines.reference.history import History
from ladder.model.calendars import to_instant
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests.engines.tables import Life

LIFE = Life(
    [
        ("2024-03-05", "donation", {"amount": "25", "external_id": "gift"}),
        ("2024-03-09", "thank_you", {"answers": "gift"}),
        ("2024-04-01", "refund", {"answers": "gift", "amount": "10"}),
    ]
)


def held(history: History, condition: str) -> list[tuple[int, int]]:
    return Evaluation(history, LIFE.organisation).episodes(parse_condition(condition))


def test_history_without_a_refund_has_the_whole_gift_and_leaves_the_original_unchanged() -> None:
    history = LIFE.history
    gift, _, refund = history.facts
    before = held(history, 'total(donation, ever) < "25"')
    less = history.without([refund])
    assert held(less, 'total(donation, ever) < "25"') == []
    assert held(history, 'total(donation, ever) < "25"') == before
    assert gift.reductions
    assert not less.facts[0].reductions


def test_thanks_lose_their_target_without_the_gift() -> None:
    history = LIFE.history
    less = history.without([history.facts[0]])
    assert [fact.target for fact in less.facts] == [None, None]
    assert history.facts[1].target is history.facts[0]


def test_refund_added_cuts_in_the_new_history_alone() -> None:
    history = LIFE.history
    whole = history.without([history.facts[2]])
    back = history.facts[2].fresh()
    again = whole.plus([back])
    assert whole.facts[0].reductions == ()
    assert again.facts[0].reductions == history.facts[0].reductions


def test_history_up_to_an_instant_ends_there() -> None:
    past = LIFE.history.upto(LIFE.instant("2024-03-31"))
    assert [fact.kind for fact in past.facts] == ["donation", "thank_you"]
    assert past.facts[0].reductions == ()


def test_rows_of_the_database_say_the_same_as_touchpoints() -> None:
    organisation = LIFE.organisation
    touchpoints = [LIFE.touchpoint("ada", row) for row in LIFE.rows]
    rows = [tuple(row_of(t, n, organisation, KINDS)) for n, t in enumerate(touchpoints)]
    one = History.of(touchpoints, organisation, KINDS)
    other = History.from_rows(rows, organisation, KINDS)
    for left, right in zip(one.facts, other.facts, strict=True):
        for name in set(type(left).__slots__) - {"target", "refunded"}:
            assert getattr(left, name) == getattr(right, name), name
        assert (left.target and left.target.id) == (right.target and right.target.id)


def test_row_may_hold_a_datetime_or_an_instant() -> None:
    moment = datetime(2024, 3, 5, 12, tzinfo=UTC)
    organisation = Organisation()
    rows = [Row(1, 7, "reply", moment), Row(2, 7, "reply", to_instant(moment))]
    one, other = History.from_rows(rows, organisation, KINDS).facts
    assert one.at == other.at == to_instant(moment)


def test_history_of_referred_acts_alone_needs_its_supporter() -> None:
    rows = [Row(1, 8, "reply", 0, referrer=7), Row(2, 9, "reply", 0, referrer=6)]
    history = History.from_rows([], Organisation(), KINDS, brought=rows, supporter=7)
    assert [fact.id for fact in history.facts] == [1]


def test_void_does_not_change_another_supporters_history() -> None:
    own = [Row(1, 7, "void", 5, answers_source="app", answers_id="x")]
    others = [Row(2, 8, "reply", 0, referrer=7, external_id="x")]
    history = History.from_rows(own, Organisation(), KINDS, brought=others)
    assert [fact.id for fact in history.facts] == [2]
