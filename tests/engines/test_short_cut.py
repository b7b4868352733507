"""Counts are compared by their sorted starts and ends: the same as by adding up step by step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.language.aggregates import count
from ladder.language.measures import Compare, Op
from ladder.language.nodes import Condition
from ladder.model.calendars import DAY
from ladder.model.kinds import KINDS
from tests import histories
from tests.engines.tables import Life
from tests.strategies import selectors, spans

OPS: tuple[Op, ...] = (">=", ">", "<=", "<", "==")


def test_a_gift_before_1970_counts_too() -> None:
    old = Life([("1950-01-10", "donation"), ("1955-01-10", "donation")])
    assert old.episodes("count(donation, years(1)) >= 1") == [
        "1950-01-10 .. 1951-01-11",
        "1955-01-10 .. 1956-01-11",
    ]


@given(st.data())
def test_the_short_cut_and_the_long_way_agree(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    shift = data.draw(st.sampled_from((0, 0, -20_000 * DAY)))
    rows = [row._replace(at=int(row.at) + shift) for row in data.draw(histories.rows(organisation))]  # type: ignore[call-overload]
    own, brought = histories.of_person(rows, 1)
    evaluation = Evaluation(
        History.from_rows(own, organisation, KINDS, brought, None, 1), organisation
    )
    counted = count(data.draw(selectors(1)), data.draw(spans(1)))
    op, number = data.draw(st.sampled_from(OPS)), data.draw(st.integers(1, 3))

    def compared(times: int) -> Condition:
        left = times * counted
        made = {
            ">=": left >= times * number,
            ">": left > times * number,
            "<=": left <= times * number,
            "<": left < times * number,
            "==": left == times * number,
        }[op]
        assert isinstance(made, Compare)
        return made

    assert evaluation.positions(compared(1)) == evaluation.positions(compared(2))
