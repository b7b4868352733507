"""Comparison of two definitions, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from rich.cells import cell_len

from ladder.cli.context import Asking
from ladder.cli.output import number_of, tell
from ladder.cli.render.console import Column, Paper, Table
from ladder.language.ladders import Ladder
from ladder.model.calendars import FOREVER
from ladder.reports.matrix import Matrix, matrix
from ladder.reports.pyramid import title_of
from ladder.whatif import Apart, Mover, PatternChange, WhatIf
from ladder.whatif.results import SILENT

FEW: Final = 10
"""Number of most affected supporters who are named by default."""
YEARS: Final = 6
_LEFT_OUT: Final = {SILENT: "Left out"}
_LEAST: Final = 6
"""Least width of a matrix column; below it the steps are printed as a list."""
_LABEL: Final = 14
"""Greatest width of row titles where the terminal is too narrow."""


def heading(ask: Asking, comparison: WhatIf) -> str:
    """Return the heading: the organisation and the day."""
    return f"{ask.name} on {ask.clock.day(comparison.at)}, what if"


def instead(comparison: WhatIf) -> str:
    """Return the caption: the new definition and the one it would replace."""
    old, new = (ladder.title or ladder.key for ladder in (comparison.old, comparison.new))
    return f'By "{new}" instead of "{old}"' if new != old else f'By "{new}", changed'


def matrix_of(comparison: WhatIf) -> Matrix:
    """Arrange the steps as a matrix."""
    steps = ((step.before, step.after, step.supporters) for step in comparison.steps)
    return matrix(comparison.old, comparison.new, steps, _LEFT_OUT)


def show(ask: Asking, paper: Paper, comparison: WhatIf, limit: int | None) -> None:
    """Print the comparison for people."""
    paper.heading(heading(ask, comparison))
    paper.prose(instead(comparison), "dim")
    stays, beside = (
        comparison.supporters - comparison.moves,
        comparison.moves - comparison.higher - comparison.lower,
    )
    aside = f", {beside:,} at the same height" if beside else ""
    paper.prose(
        f"{comparison.moves:,} of {number_of(comparison.supporters, 'supporter')} would stand "
        f"elsewhere: {comparison.higher:,} higher, "
        f"{comparison.lower:,} lower{aside}; {stays:,} would stay"
    )
    if comparison.left_out:
        words = "are left out: objected, died, on the staff, or not there yet"
        paper.prose(f"{comparison.left_out:,} more {words}", "dim")
    if comparison.moves:
        paper.line()
        _print_matrix(paper, matrix_of(comparison))
        _print_years(paper, comparison)
        _print_movers(ask, paper, comparison, limit)
    _print_patterns(paper, comparison)


def _print_matrix(paper: Paper, table: Matrix) -> None:
    """Print the matrix. Rows: the present places; columns: the new ones."""
    heads = [*table.columns.values(), "All"]
    label = max(cell_len(title) for title in [*table.rows.values(), "from > to"])
    if paper.fancy and label + sum(cell_len(head) + 2 for head in heads) > paper.width:
        label = min(label, _LABEL)
        room = (paper.width - label) // len(heads) - 2
        if room < max(cell_len(f"{table.total:,}"), _LEAST):
            _print_steps(paper, table)
            return
        heads = [_cut(head, room) for head in heads]
    columns = [Column(head, right=True, fit="whole") for head in heads]
    made = Table((Column("from > to", fit="whole"), *columns))
    for row, title in table.rows.items():
        cells = (table.cells.get((row, column), 0) for column in table.columns)
        made.add(
            _cut(title, label),
            *(f"{n:,}" if n else "-" for n in cells),
            f"{table.row_total(row):,}",
        )
    totals = (f"{table.column_total(column):,}" for column in table.columns)
    made.add("All", *totals, f"{table.total:,}", style="bold")
    paper.table(made)


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else text[: width - 1] + "…"


def _print_steps(paper: Paper, table: Matrix) -> None:
    """Print the matrix as a list, the most frequent step first, for ladders with many places."""
    made = Table((Column("from"), Column("to"), Column("supporters", right=True, fit="whole")))
    for (row, column), number in sorted(table.cells.items(), key=lambda cell: -cell[1]):
        if row != column:
            made.add(table.rows[row], table.columns[column], f"{number:,}")
    paper.table(made)


def _print_years(paper: Paper, comparison: WhatIf) -> None:
    late = [(f"{year}", number) for year, number in reversed(comparison.years[-YEARS:])]
    early = sum(number for _, number in comparison.years[:-YEARS])
    texts = [
        f"{year} {number:,}" for year, number in [*late, *([("earlier", early)] if early else [])]
    ]
    if texts:
        paper.line()
        paper.prose(f"They would stand elsewhere since: {', '.join(texts)}")


def _print_movers(ask: Asking, paper: Paper, comparison: WhatIf, limit: int | None) -> None:
    named = _named(comparison, FEW if limit is None else limit)
    paper.heading("Most affected")
    for mover in named:
        since = f", since {ask.clock.day(mover.since)}" if mover.since is not None else ""
        until = f" until {ask.clock.day(mover.until)}" if mover.until < FOREVER else ""
        step = f"{_title(comparison.old, mover.before)} > {_title(comparison.new, mover.after)}"
        style = "green" if mover.difference > 0 else "red" if mover.difference < 0 else ""
        when = f"{since}{until}"
        below = paper.fancy and cell_len(f"{mover.supporter}  {step}{when}") > paper.width
        paper.line((mover.supporter, "bold"), "  ", (step, style), "" if below else when)
        if below:
            paper.prose(when.removeprefix(", ").strip(), "", 4)
        if mover.words:
            paper.prose(mover.words, "dim", 4)
    if len(named) < len(comparison.movers):
        tell(
            f"{len(named)} of the {len(comparison.movers)} most affected shown: --limit 0 shows all"
        )


def _named(comparison: WhatIf, limit: int) -> tuple[Mover, ...]:
    return comparison.movers[: limit or None]


def _title(ladder: Ladder, place: str) -> str:
    return _LEFT_OUT.get(place) or title_of(ladder, place)


def _print_patterns(paper: Paper, comparison: WhatIf) -> None:
    changed = [change for change in comparison.patterns if change.changes]
    if not comparison.patterns:
        return
    if not changed:
        paper.line()
        paper.prose("No finding would come or go.")
        return
    paper.heading("Findings")
    numbers = [
        Column(name, right=True, fit="whole") for name in ("now", "then", "come", "go", "regraded")
    ]
    made = Table((Column("", fit="whole"), Column("pattern"), *numbers))
    for change in changed:
        counts = (change.old, change.new, change.gained, change.lost, change.regraded)
        made.add(
            change.pattern, _pattern(comparison, change), *(f"{n:,}" if n else "-" for n in counts)
        )
    paper.table(made)


def _pattern(comparison: WhatIf, change: PatternChange) -> str:
    ladder = comparison.new if change.in_new else comparison.old
    pattern = ladder.pattern(change.pattern)
    gone = "" if change.in_new else " (no longer)"
    return f"{pattern.title or pattern.name or pattern.key}{gone}"


def document(ask: Asking, comparison: WhatIf, limit: int | None) -> dict[str, Any]:
    """Return the comparison as JSON.

    Places are lists of rungs: [] is the ground, null is a supporter who is left out.
    """
    return ask.document(
        new={"ladder": comparison.new.key, "title": comparison.new.title},
        at=ask.clock.iso(comparison.at),
        supporters=comparison.supporters,
        would_move=comparison.moves,
        higher=comparison.higher,
        lower=comparison.lower,
        left_out=comparison.left_out,
        steps=[
            {"from": _rungs(s.before), "to": _rungs(s.after), "supporters": s.supporters}
            for s in comparison.steps
        ],
        years=[{"year": year, "supporters": number} for year, number in comparison.years],
        most_affected=[_mover(ask, mover) for mover in _named(comparison, limit or 0)],
        findings=[asdict(pattern) for pattern in comparison.patterns],
    )


def _mover(ask: Asking, mover: Mover) -> dict[str, Any]:
    return {
        "supporter": mover.supporter,
        "from": _rungs(mover.before),
        "to": _rungs(mover.after),
        "difference": mover.difference,
        "since": ask.clock.iso(mover.since),
        "until": ask.clock.iso(mover.until),
        "why": mover.words,
        "reasons": [_reason(reason) for reason in mover.reasons],
    }


def _reason(reason: Apart) -> dict[str, Any]:
    return asdict(reason)


def _rungs(place: str) -> list[str] | None:
    return None if place == SILENT else [key for key in place.split("+") if key]
