"""Which columns of a touchpoint a definition reads, and how far ahead its spans reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ladder.calendars import FOREVER, LAST_DAY, Calendar
from ladder.conditions import Distinct, Lasting, Total
from ladder.ladders import Ladder
from ladder.nodes import Condition, Node
from ladder.selectors import (
    AmountIs,
    Answers,
    Automated,
    Linked,
    OneOf,
    QuantityIs,
    Where,
)
from ladder.spans import Duration, Hours, Until

ALWAYS = (
    "supporter", "id", "kind", "at", "date_only", "amount", "currency", "details",
    "answers_source", "answers_id", "referrer", "source", "external_id",
)  # fmt: skip
"""Columns that voids, refunds, links, placements and referrers are read from."""


def nodes(conditions: Iterable[Condition]) -> list[Node]:
    """Every node of these conditions, equal ones once."""
    return list(dict.fromkeys(node for each in conditions for node in each.walk()))


def columns(ladder: Ladder) -> list[str]:
    """The columns of the touchpoint frame that the columnar evaluator needs for this ladder."""
    return list(dict.fromkeys((*ALWAYS, *_fields(nodes(ladder.conditions())))))


def _fields(used: Iterable[Node]) -> Iterator[str]:
    for node in used:
        if isinstance(node, OneOf) and node.field != "family":
            yield {"purpose": "purposes"}.get(node.field, node.field)
        elif isinstance(node, Automated):
            yield "automated"
        elif isinstance(node, QuantityIs) or (isinstance(node, Total) and node.of == "quantity"):
            yield "quantity"
        elif isinstance(node, Distinct) and node.by in ("channel", "campaign"):
            yield node.by


def reads_links(used: Iterable[Node]) -> bool:
    """Whether it matters which touchpoint another one answers."""
    return any(isinstance(node, Linked | Answers | Until) for node in used)


def judges_amounts(used: Iterable[Node]) -> bool:
    """Whether some selector compares amounts, so that a foreign currency is an error."""
    return any(isinstance(node, AmountIs) for node in used)


def judges_details(used: Iterable[Node]) -> bool:
    """Whether some selector or dimension reads the host's own details."""
    return any(
        isinstance(node, Where) or (isinstance(node, Distinct) and node.by.startswith("details."))
        for node in used
    )


def horizon(
    used: Iterable[Node], calendar: Calendar, latest: int, others: Iterable[int] = ()
) -> int:
    """The latest instant below FOREVER that any stretch may end at."""
    used = list(used)
    opened = max([latest, *(each for each in others if each < FOREVER)])
    durations = [node for node in used if isinstance(node, Duration | Hours)]
    reached = max([opened, *(_end(each, calendar, opened) for each in durations)])
    for node in used:
        if isinstance(node, Lasting):
            reached = max(reached, _end(node.duration, calendar, reached))
    return _end(Duration(steps=()), calendar, reached)


def _end(duration: Duration | Hours, calendar: Calendar, instant: int) -> int:
    end = duration.end(calendar, instant)
    return end if end < FOREVER else calendar.day_end(LAST_DAY - 1)
