"""Find the problems of a ladder before it judges any supporter.

Many problems are found by trial. Sample histories are made from what the ladder counts, and the
reference evaluator evaluates them. The same ladder always gets the same histories.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ladder.documents.locations import Source
from ladder.errors import CurrencyError
from ladder.language.ladders import Ladder
from ladder.lint.patterns import check_patterns, check_suppression
from ladder.lint.problem import SEVERITIES, Code, Problem, Severity
from ladder.lint.rungs import check_rungs
from ladder.lint.sample_runs import Trials
from ladder.model.organisations import Organisation

__all__ = ["SEVERITIES", "Code", "Problem", "Severity", "check"]


def check(
    ladder: Ladder, organisation: Organisation | None = None, source: Source | None = None
) -> list[Problem]:
    """Return all problems, in the order of the ladder's parts: errors, warnings and notes.

    `organisation` supplies the currency, the zone and the fiscal year (default: a plain one).
    `source`, from `ladder.documents.read`, supplies the places. A long ladder takes some seconds.
    """
    chosen = organisation or Organisation()
    return [_with_place(problem, source) for problem in _find_problems(ladder, chosen)]


def _find_problems(ladder: Ladder, organisation: Organisation) -> Iterator[Problem]:
    trials = Trials(ladder, organisation)
    try:
        yield from check_suppression(ladder, organisation)
        yield from check_rungs(ladder, trials)
        yield from check_patterns(ladder, trials)
    except CurrencyError as error:
        yield Problem(
            "error",
            "currency",
            "ladder",
            f"the ladder cannot be read for an organisation in {organisation.currency}: {error}",
            "Name its own currency, or give the ladder [rates]",
        )


def _with_place(problem: Problem, source: Source | None) -> Problem:
    place = source.place(problem.part) if source is not None else None
    return replace(problem, place=problem.part if place is None else str(place))
