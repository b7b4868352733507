"""Both engines on one history, in the same columns."""

from __future__ import annotations

from typing import Any

from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import findings, movements
from ladder.language.aggregates import count, total
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import family, kind, referred
from ladder.language.spans import ever, months
from ladder.model.organisations import Organisation
from tests import histories


def readings(
    made: list[Row], ladder: Ladder, organisation: Organisation, coverage: list[Coverage]
) -> dict[int, Evaluation]:
    """The reference evaluator on everybody who has any fact."""
    found = {}
    for person in histories.PEOPLE:
        own, brought = histories.of_person(made, person)
        history = History.from_rows(own, organisation, ladder.kinds, brought, None, person)
        if history.facts:
            found[person] = Evaluation(history, organisation, ladder, coverage)
    return found


def moved(reading: Evaluation, ladder: Ladder) -> list[tuple[Any, ...]]:
    """The reference evaluator's movements in the columns of the other."""
    return [
        (
            each.at, each.until, each.kind, str(each.before), each.before.height, str(each.after),
            each.after.height, "+".join(each.skipped), each.new_peak, each.cause,
            sorted(fact.id for fact in each.causes),
        )
        for each in movements(reading, ladder)
    ]  # fmt: skip


def reference_rows(
    reference: dict[int, Evaluation], ladder: Ladder
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The reference evaluator's movements and findings, sorted, in the columns of the other."""
    return sorted(
        (supporter, *row) for supporter, each in reference.items() for row in moved(each, ladder)
    ), sorted(
        (supporter, finding.pattern, finding.severity, finding.at, finding.until)
        for supporter, reading in reference.items()
        for finding in findings(reading, ladder)
    )


def both(
    made: list[Row], ladder: Ladder, organisation: Organisation, coverage: list[Coverage]
) -> tuple[columnar.Result, dict[int, Evaluation]]:
    """Return the results of both engines."""
    result = columnar.evaluate(histories.frame(made), ladder, organisation, coverage)
    return result, readings(made, ladder, organisation, coverage)


GIVING = Ladder(
    key="giving",
    rungs=(
        Rung(key="one", enter=count(kind("donation"), ever) >= 1),
        Rung(key="two", enter=total(kind("donation"), months(12)) >= "30 EUR"),
        Rung(key="three", enter=count(referred(family("money")), ever) >= 1),
    ),
)
