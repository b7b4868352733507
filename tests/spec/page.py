"""The language reference: the chapters and their cases as one Markdown page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.spec.cases import Case, chapters

HEAD = """\
# The language reference

A condition over a supporter's touchpoints is true during certain intervals of time, its *episodes*.
This page consists of cases: touchpoints, a condition, and the intervals during which it is true.
All engines are tested with every case (`tests/spec`). `python -m tests.spec` writes this page.

Touchpoints are written one per line: date, kind, and further fields. A bare date has no time of day
(it counts from the start of that day); `*` marks the second of two equal clock times.
Episodes run from their start until just before their end; an open end means for ever. Unless a case
says otherwise the organisation lives in Berlin, counts euros, and its fiscal year is the calendar
year.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_lines()]).rstrip() + "\n"


def _lines() -> Iterator[str]:
    for chapter in chapters():
        yield f"## {chapter.title}\n"
        yield f"{chapter.text.strip()}\n"
        for case in chapter.cases:
            yield from _case(case)


def _case(case: Case) -> Iterator[str]:
    yield f"### {case.title}\n"
    if case.because:
        yield f"{case.because.strip()}\n"
    yield "```text"
    yield from _around(case)
    yield from (line.strip() for line in case.touchpoints.strip().splitlines())
    yield "```\n"
    yield f"`{' '.join(case.condition.split())}`\n"
    if case.episodes:
        yield "is true\n"
        yield from (f"- {_said(text)}" for text in case.episodes)
        yield ""
    else:
        yield "is never true.\n"


def _around(case: Case) -> Iterator[str]:
    if case.organisation:
        yield f"({', '.join(f'{name} {value}' for name, value in case.organisation.items())})"
    for each in case.coverage:
        since = f" since {each['since']}" if "since" in each else ""
        until = f" until {each['until']}" if "until" in each else ""
        source = f" by {each['source']}" if "source" in each else ""
        yield f"(logged{source}: {each['of']}{since}{until})"
    for key, enter in case.rungs.items():
        yield f"(rung {key}: {enter})"
    for currency, day, rate in case.rates:
        yield f"(1 {currency} = {rate} {case.where.currency} from {day})"


def _said(text: str) -> str:
    start, end = (part.strip() for part in text.split(".."))
    return f"from {start} until {end}" if end else f"from {start} on"


PAGE = Path(__file__).parents[2] / "docs" / "language.md"
