"""Plain selectors select heaps of one sort: the same touchpoints as asked one by one."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from ladder.engines.incremental.fact_classes import Sorts, is_plain, selected_of
from ladder.engines.reference.facts import Row, fact_of
from ladder.engines.reference.selectors import judging, narrowed
from ladder.language.aggregates import count
from ladder.language.selectors import (
    AllOf,
    answers,
    anything,
    automated,
    channel,
    convertible,
    family,
    in_months,
    inbound,
    kind,
    linked,
    purpose,
    where,
)
from ladder.language.spans import ever
from ladder.model.kinds import KINDS
from tests import histories
from tests.strategies import plain_selectors

EACH_FIELD = [
    kind("donation"),
    family("money"),
    inbound,
    purpose("thank"),
    channel("email"),
    automated,
    convertible,
    linked,
    answers(kind("donation")),
    answers(~AllOf.of(channel("email"), where(level=1))),
    in_months(1, 2, 12),
    where(vip=True),
    where(level=1),
    where(level=True),
    ~AllOf.of(inbound, automated),
]


@given(st.data())
def test_a_heap_is_selected_where_each_of_it_is(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation))
    brought = st.booleans()
    facts = [fact_of(row, organisation, KINDS, brought=data.draw(brought)) for row in rows]
    for fact in facts:
        fact.target = data.draw(st.none() | st.sampled_from(facts))
    own = (1 << len(facts)) - 1 - sum(1 << n for n, fact in enumerate(facts) if fact.brought)
    selectors = [*EACH_FIELD, *data.draw(st.lists(plain_selectors(2), max_size=4))]
    sorts = Sorts(enumerate(selectors))
    heaps = sorts.heaps(facts)
    event(f"{len(heaps)} sorts")
    for number, selector in enumerate(selectors):
        assert (number in sorts.plain) == is_plain(selector)
        if number in sorts.plain:
            judge = judging(selector, organisation.currency)
            chosen = narrowed(facts, own, judge)
            assert selected_of(heaps, number) == chosen
            assert narrowed(facts, own, lambda fact: number in sorts.choosing(fact)) == chosen  # noqa: B023


def test_what_takes_more_than_the_sort_is_not_plain() -> None:
    given = kind("donation").when(count(inbound, ever) >= 1)
    selectors = [
        anything,
        given,
        inbound,
        answers(given),
        answers(linked),
        answers(answers(inbound)),
    ]
    assert Sorts(enumerate(selectors)).plain == {0, 2}


def test_what_answers_another_sort_is_of_another_sort() -> None:
    organisation = histories.ORGANISATIONS[0]
    rows = [Row(n, 1, name, n) for n, name in enumerate(["donation", "appeal", "reply", "reply"])]
    gift, appeal, *replies = [fact_of(row, organisation, KINDS, brought=False) for row in rows]
    sorts = Sorts(enumerate([answers(kind("donation")), linked, kind("reply")]))
    for reply, target in zip(replies, (gift, appeal), strict=True):
        reply.target = target
    assert [sorts.choosing(reply) for reply in replies] == [{0, 1, 2}, {1, 2}]
