"""Plain selectors select whole classes: the same touchpoints as judged one by one."""

from __future__ import annotations

from hypothesis import event, given
from hypothesis import strategies as st

from ladder.engines.incremental.ladder_index import SelectorCache, is_plain
from ladder.engines.reference.facts import Row, fact_of
from ladder.engines.reference.selectors import matches
from ladder.language.aggregates import count
from ladder.language.nodes import AllOf
from ladder.language.selectors import (
    any_touchpoint,
    automated,
    channel,
    family,
    has_rate,
    in_months,
    in_reply_to,
    inbound,
    is_reply,
    kind,
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
    has_rate,
    is_reply,
    in_reply_to(kind("donation")),
    in_reply_to(~AllOf.of(channel("email"), where(level=1))),
    in_months(1, 2, 12),
    where(vip=True),
    where(level=1),
    where(level=True),
    ~AllOf.of(inbound, automated),
]


@given(st.data())
def test_class_is_selected_where_every_touchpoint_of_it_is(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    rows = data.draw(histories.rows(organisation))
    brought = st.booleans()
    facts = [fact_of(row, organisation, KINDS, brought=data.draw(brought)) for row in rows]
    for fact in facts:
        fact.target = data.draw(st.none() | st.sampled_from(facts))
    selectors = [*EACH_FIELD, *data.draw(st.lists(plain_selectors(2), max_size=4))]
    cache = SelectorCache(enumerate(selectors))
    groups = cache.groups(facts)
    assert [fact for fact, _ in groups] == [fact for fact in facts if not fact.brought]
    event(f"{len({id(answers) for _, answers in groups})} classes")
    for number, selector in enumerate(selectors):
        assert (number in cache.plain) == is_plain(selector)
        if number in cache.plain:
            for fact, answers in groups:
                assert answers[number] == matches(selector, fact, organisation.currency)


def test_selector_that_reads_more_than_the_class_is_not_plain() -> None:
    given = kind("donation").when(count(inbound, ever) >= 1)
    selectors = [
        any_touchpoint,
        given,
        inbound,
        in_reply_to(given),
        in_reply_to(is_reply),
        in_reply_to(in_reply_to(inbound)),
    ]
    assert SelectorCache(enumerate(selectors)).plain == {0, 2}


def test_answer_to_another_class_is_of_another_class() -> None:
    organisation = histories.ORGANISATIONS[0]
    rows = [Row(n, 1, name, n) for n, name in enumerate(["donation", "appeal", "reply", "reply"])]
    gift, appeal, *replies = [fact_of(row, organisation, KINDS, brought=False) for row in rows]
    cache = SelectorCache(enumerate([in_reply_to(kind("donation")), is_reply, kind("reply")]))
    for reply, target in zip(replies, (gift, appeal), strict=True):
        reply.target = target
    assert [cache.selecting(reply) for reply in replies] == [{0, 1, 2}, {1, 2}]
