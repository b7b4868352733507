"""Find why a finding ended: time passed, touchpoints of that instant, or another definition."""

from __future__ import annotations

from collections.abc import Iterator

from ladder.engines.reference.causes import acting_facts, responsible_facts
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact
from ladder.engines.reference.history import History
from ladder.engines.reference.versions import VersionedEvaluation
from ladder.language.ladders import Ladder
from ladder.language.measures import Measure
from ladder.language.nodes import Selector, When
from ladder.language.selectors import static
from ladder.language.spans import Until
from ladder.language.standings import Cause
from ladder.model.intervals import holds


def find_resolution(
    versioned: VersionedEvaluation, pattern: str, at: int
) -> tuple[Cause, tuple[Fact, ...]]:
    """Find what ended the finding of a pattern that is open no more at an instant.

    It is the clock if the finding would be over had nothing happened at that instant; else the
    touchpoints of that instant without which it would be open still. At a version boundary it is
    the definition, if the finding would be open by the earlier one.
    """
    versions = versioned.versions
    before = max(n for n, version in enumerate(versions) if n == 0 or version.since < at)
    evaluation, ladder = versioned.evaluations[before], versions[before].ladder
    is_boundary = any(version.since == at for version in versions[before + 1 :])
    if is_boundary and _is_open(evaluation, ladder, pattern, 2 * at + 1):
        return "definition", ()
    if not _is_open(evaluation, ladder, pattern, 2 * at):
        return "clock", ()
    acting = acting_facts(evaluation, set(_watched_selectors(ladder, pattern)), at)
    if len(acting) < 2:  # noqa: PLR2004  (with one or none there is nothing to choose)
        return "touchpoint", acting

    def is_over(history: History) -> bool:
        return not _is_open(evaluation.on(history), ladder, pattern, 2 * at + 1)

    return "touchpoint", responsible_facts(acting, evaluation.history.upto(at), is_over)


def _is_open(evaluation: Evaluation, ladder: Ladder, pattern: str, position: int) -> bool:
    conditions = ladder.open_while.get(pattern, ())
    return any(holds(evaluation.positions(condition), position) for condition in conditions)


def _watched_selectors(ladder: Ladder, pattern: str) -> Iterator[Selector]:
    """List what the pattern's measures, `until` and moments look at, by rungs that it names too."""
    conditions = ladder.open_while[pattern]
    for condition in (*conditions, *ladder.held_in(conditions).values()):
        for node in condition.walk():
            if isinstance(node, Measure | Until | When):
                yield static(node.selector)
