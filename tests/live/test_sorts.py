"""Plain selectors select heaps of one sort: the same touchpoints as asked one by one."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from ladder.figures import count
from ladder.kinds import KINDS
from ladder.live.facts import fact_of
from ladder.live.selection import judging
from ladder.live.sorts import Sorts, is_plain, selected_of
from ladder.selectors import AllOf, anything, automated, channel, family, inbound, kind, purpose
from ladder.spans import ever
from tests import histories
from tests.strategies import plain_selectors

EACH_FIELD = [
    kind("donation"),
    family("money"),
    inbound,
    purpose("thank"),
    channel("email"),
    automated,
    ~AllOf.of(inbound, automated),
]


@given(st.data())
def test_a_heap_is_selected_where_each_of_it_is(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation))
    facts = [fact_of(row, organisation, KINDS, brought=False) for row in rows]
    selectors = [*EACH_FIELD, *data.draw(st.lists(plain_selectors(2), max_size=4))]
    sorts = Sorts(enumerate(selectors))
    heaps = sorts.heaps(facts)
    event(f"{len(heaps)} sorts")
    for number, selector in enumerate(selectors):
        assert (number in sorts.plain) == is_plain(selector)
        if number in sorts.plain:
            judge = judging(selector, organisation.currency)
            chosen = {fact for fact in facts if judge(fact)}
            assert selected_of(heaps, number) == chosen
            assert {fact for fact in facts if number in sorts.choosing(fact)} == chosen


def test_what_takes_more_than_the_sort_is_not_plain() -> None:
    plain = Sorts(
        enumerate([anything, kind("donation").when(count(inbound, ever) >= 1), inbound])
    ).plain
    assert plain == {0, 2}
