"""Coverage conditions depend on the start of a history alone: evaluated once for all."""

from __future__ import annotations

from hypothesis import given, note
from hypothesis import strategies as st

from ladder.coverage import Coverage, is_about_coverage
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.language.conditions import is_covered
from ladder.language.ladders import Ladder
from ladder.language.selectors import any_touchpoint, inbound, kind
from ladder.language.spans import days, ever, months, older_than
from ladder.model.calendars import DAY
from ladder.model.organisations import Organisation
from ladder.reports.line_coverage import DeclaredLines
from tests import histories
from tests.random_ladders import coverage_conditions, coverages

BARE = Ladder(key="bare")


@given(st.data())
def test_condition_is_true_of_exactly_these_beginnings(data: st.DataObject) -> None:
    organisation = data.draw(histories.organisations())
    condition = data.draw(coverage_conditions().filter(is_about_coverage))
    coverage = tuple(data.draw(coverages(organisation)))
    moments = histories.moments(organisation.calendar)
    earliest, at = sorted((data.draw(moments)[0], data.draw(moments)[0]))
    said = DeclaredLines(BARE, organisation, coverage, at).of_lines(condition, earliest)
    note(f"{condition}: {said}")
    edges = {edge + step for each in said for edge in each for step in (-1, 0, 1)}
    tried = {data.draw(moments)[0] for _ in range(4)} | edges | {earliest, at}
    for begun in sorted(each for each in tried if earliest <= each <= at):
        history = History.from_rows([], organisation, BARE.kinds, begun=begun)
        true = Evaluation(history, organisation, BARE, coverage).at(condition, at)
        assert true == any(since <= begun < until for since, until in said)


def test_log_kept_since_a_day_is_complete_for_later_supporters() -> None:
    coverage = (Coverage(selector=inbound, since=10 * DAY),)
    declared = DeclaredLines(BARE, Organisation(key="alder"), coverage, 30 * DAY)
    assert declared.of_lines(is_covered(inbound, ever), 0) == [(10 * DAY, 30 * DAY + 1)]
    assert declared.of_lines(is_covered(inbound, days(5)), 0) == [(0, 30 * DAY + 1)]
    assert declared.of_lines(is_covered(kind("appeal"), ever), 0) == []
    assert declared.of_lines(~is_covered(inbound, ever), 0) == [(0, 10 * DAY)]
    late = is_covered(any_touchpoint, older_than(months(1)))
    assert declared.of_lines(late, 0) == [(0, 30 * DAY + 1)]
