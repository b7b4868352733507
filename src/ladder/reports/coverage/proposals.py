"""Proposals of declarations, by a rule of thumb, where a log looks complete enough.

A log cannot show what it does not hold. It can show that it was kept without a break: some
touchpoints of a sort in every month, year after year, from one source. Only the organisation can
know whether everything of that sort was written down (thanks by phone, letters that another office
sent).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import and_
from statistics import median
from typing import Final

from ladder.coverage import describe
from ladder.language.nodes import AllOf, AnyOf, Selector
from ladder.language.selectors import KindIs, OneOf, kind
from ladder.reports.coverage.inventory import Holding, Holdings
from ladder.reports.metrics.months import first_day, name_of
from ladder.toml_writer import Expression, toml_block

LEAST_STRETCHES: Final = 12
"""Months (or, for rare touchpoints, quarters) in a row. A shorter time shows no season, and so no
hole. Our choice."""
LEAST_EACH: Final = 5
"""Least average per month (or quarter). Below it, an empty month occurs by chance (with an average
of five, once in 150), so that neither a gap nor its absence is evidence. Our choice."""
HOLE: Final = 10
"""A month (or quarter) with less than one part in `HOLE` of the median is a hole. Our choice."""
HALF: Final = 2
"""Thanks or reports for fewer than one in `HALF` gifts are doubtful: not made, or not written down?
The log cannot show which."""


@dataclass(frozen=True)
class Steady:
    """Months [since, until], both included, without a hole; `touchpoints` is the total.

    `usual` is the median number of touchpoints in a stretch of `size` months.
    """

    since: int
    until: int
    touchpoints: int
    usual: float
    size: int


@dataclass(frozen=True)
class Proposal:
    """A declaration that may be true. `why` is the evidence, `ask` the question it leaves open.

    `since` and `until` are its first and last day (`until` None: it continues).
    """

    selector: Selector
    source: str
    since: date
    until: date | None
    touchpoints: int
    why: str
    ask: str

    @property
    def what(self) -> str:
        """The selector to declare, in words."""
        return describe(self.selector)

    @property
    def toml(self) -> str:
        """The declaration as TOML for a mapping."""
        fields = {"source": self.source, "selector": Expression(self.selector)}
        return toml_block("[[coverage]]", {**fields, "since": self.since, "until": self.until})


@dataclass(frozen=True)
class Doubt:
    """A selector that patterns need and that is not proposed, with the reason."""

    selector: Selector
    why: str
    source: str | None = None

    @property
    def what(self) -> str:
        """The selector in words."""
        return describe(self.selector)


def propose(held: Holdings, needed: Selector, month: int) -> list[Proposal | Doubt]:
    """Return a proposal or a doubt for a needed selector, per source that holds some of it.

    `month` is the present month. It is not over yet and is not counted.
    """
    parts = list(_parts(needed))
    if not parts:
        why = "whatever a log holds, it does not show what else there was: only you can know"
        return [Doubt(needed, why)]
    sources = held.sources()
    by_source = {holding.source: holding for holding in held.of(needed)}
    if not by_source:
        return [Doubt(needed, "the log holds nothing of it")]
    answers: list[Proposal | Doubt] = []
    by_part = {part: {holding.source: holding for holding in held.of(part)} for part in parts}
    for name in by_source:
        whole = {part: by.get(name) for part, by in by_part.items()}
        answers.append(_of_source(held, needed, whole, sources[name], month))
    return answers


def _of_source(
    held: Holdings,
    needed: Selector,
    whole: Mapping[Selector, Holding | None],
    source: Holding,
    month: int,
) -> Proposal | Doubt:
    """Propose the stretch in which one source kept all parts of the needed selector."""
    alive = source.ends >= month - 1
    over = month if alive else source.ends  # the last month of an export may be incomplete
    kept = {
        part: f"{source.source} holds nothing of it" if held is None else steady(held, over)
        for part, held in whole.items()
    }
    holes = {part: why for part, why in kept.items() if isinstance(why, str)}
    if holes:
        return Doubt(needed, _together(holes, len(whole)), source.source)
    runs = [run for run in kept.values() if isinstance(run, Steady)]
    since, until = max(run.since for run in runs), min(run.until for run in runs)
    if until - since + 1 < LEAST_STRETCHES:
        why = f"its parts were kept together for less than {LEAST_STRETCHES} months"
        return Doubt(needed, why, source.source)
    few = _too_few_for_gifts(held, needed, since, until)
    if few:
        return Doubt(needed, few, source.source)
    goes_on = alive and until == month - 1
    rare = max(runs, key=lambda run: run.size)
    unit = "months" if rare.size == 1 else "quarters"
    why = (
        f"{source.source} has some in each of the {(until - since + 1) // rare.size} {unit} from "
        f"{name_of(since)} to {name_of(until)}, usually {rare.usual:,.0f}"
    )
    last = first_day(until + 1) - timedelta(days=1)
    number = sum(run.touchpoints for run in runs)
    return Proposal(
        needed,
        source.source,
        first_day(since),
        None if goes_on else last,
        number,
        why,
        _ask(needed),
    )


def _together(holes: Mapping[Selector, str], parts: int) -> str:
    """Join the reasons for missing stretches; name the parts where others have a stretch."""
    parts_of: dict[str, list[Selector]] = {}
    for part, why in holes.items():
        parts_of.setdefault(why, []).append(part)
    if len(parts_of) == 1 and len(holes) == parts:
        return next(iter(parts_of))
    return "; ".join(
        f"as to {' and '.join(map(describe, several))}: {why}" for why, several in parts_of.items()
    )


def steady(holding: Holding, over: int) -> Steady | str:
    """Return the last stretch of whole months before `over` without a hole, or why there is none.

    Rare touchpoints are examined by quarters. The first month may be incomplete, and so may the
    month in which the touchpoints stop; both are left out.
    """
    by_month = _by(1, holding, over)
    rare = holding.touchpoints < LEAST_EACH * len(holding.span)
    return _by(3, holding, over) if rare and isinstance(by_month, str) else by_month


def _by(size: int, holding: Holding, over: int) -> Steady | str:
    """Examine stretches of `size` months, the last of which ends where the touchpoints stop."""
    stops = over if holding.ends >= over - 1 else holding.ends
    whole = (stops - holding.begins - 1) // size
    starts = [stops - size * (whole - n) for n in range(whole)]
    counts = [
        sum(holding.months.get(month, 0) for month in range(start, start + size))
        for start in starts
    ]
    run = 0
    while run < whole:
        number = counts[whole - run - 1]
        if not number or number * HOLE < median(counts[whole - run - 1 :]):
            break
        run += 1
    unit = "month" if size == 1 else "quarter"
    if whole < LEAST_STRETCHES:
        return f"there are {max(0, whole)} whole {unit}s of it, and {LEAST_STRETCHES} are needed"
    if run < LEAST_STRETCHES:
        number, when = counts[whole - run - 1], name_of(starts[whole - run - 1])
        only = f"only {number:,}" if number else "none"
        begins = "" if size == 1 else "the quarter that begins with "
        return f"in {begins}{when} there is {only}: is that all, or is something missing?"
    total = sum(counts[whole - run :])
    if total < LEAST_EACH * run:
        return f"{total:,} in {run} {unit}s are too few to tell whether some are missing"
    usual = median(counts[whole - run :])
    return Steady(starts[whole - run], stops - 1, total, usual, size)


def _too_few_for_gifts(held: Holdings, needed: Selector, since: int, until: int) -> str:
    """Explain where thanks or reports are far fewer than the gifts of the same months."""
    purposes = {value for field in _fields(needed, "purpose") for value in field.values}
    if not purposes & {"thank", "report"}:
        return ""
    stretch = range(since, until + 1)
    gifts, answers = (
        sum(holding.months.get(month, 0) for holding in held.of(of) for month in stretch)
        for of in (kind("donation"), needed)
    )
    if answers * HALF >= gifts:
        return ""
    return (
        f"there are {answers:,} of them and {gifts:,} gifts in the same months: were the others "
        "not made, or not written down?"
    )


def _ask(needed: Selector) -> str:
    """Return the question that an organisation should answer before it declares this."""
    purposes = {value for field in _fields(needed, "purpose") for value in field.values}
    if "thank" in purposes:
        return "Are thanks by phone, by hand and at the door written down, too?"
    if purposes:
        return "Is everything of it here, by whichever way and from whichever office?"
    return "Does all of it come through this source, and was nothing left out of the export?"


def _parts(needed: Selector) -> Iterator[Selector]:
    """Yield the parts that must be kept separately: families, purposes, kinds.

    A bare direction has no parts.
    """
    for part in needed.items if isinstance(needed, AnyOf) else (needed,):
        plain = part.items if isinstance(part, AllOf) else (part,)
        fields = [one for one in plain if isinstance(one, OneOf) and one.field != "direction"]
        if any(isinstance(one, KindIs) for one in plain):
            yield part
        elif fields:
            several = max(fields, key=lambda one: len(one.values))
            others = [one for one in plain if one is not several]
            for value in several.values:
                yield reduce(and_, others, _only(several, value))


def _only(several: OneOf, value: str) -> OneOf:
    """Return the selector of one field with only one of its values."""
    return several.model_copy(update={"values": (value,)})


def _fields(selector: Selector, field: str) -> Iterator[OneOf]:
    for node in selector.walk():
        if isinstance(node, OneOf) and node.field == field:
            yield node
