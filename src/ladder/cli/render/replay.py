"""Output of a replay: text and JSON."""

from __future__ import annotations

import re
from textwrap import fill

import click

from ladder.cli.output import number_of, tell, warn
from ladder.cli.rejected_rows import AllRefusals
from ladder.importers import Refused
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.replay import Report


def document(
    organisation: Organisation, ladder: Ladder, report: Report, refusals: AllRefusals
) -> dict[str, object]:
    """Return the result as JSON.

    It has no duration, so that the same replay prints the same document.
    """
    return {
        "organisation": organisation.key,
        "ladder": ladder.key,
        "rows": report.rows,
        "kept": report.kept,
        "known": report.known,
        "refused": report.refused,
        "ignored": report.tally.ignored,
        "supporters": report.supporters - report.left_out,
        "left_out": report.left_out,
        "evaluated": report.evaluated,
        "movements": report.movements,
        "findings": report.findings,
        "refused_files": [
            {"file": str(one.source), "refused": one.count, "written_to": str(one.path)}
            for one in refusals.each
            if one.count
        ],
        "not_assessable": [
            {
                "pattern": pattern.pattern,
                "supporters": pattern.supporters,
                "of": pattern.of,
                "reason": pattern.reason,
                "missing": [lack.to_dict() for lack in pattern.missing],
            }
            for pattern in report.unassessable
        ],
    }


def show(db: str, ladder: Ladder, report: Report, refusals: AllRefusals, files: int) -> None:
    """Print the result for people."""
    if files:
        known = f", {report.known:,} known before" if report.known else ""
        ignored = f", {report.tally.ignored:,} passed over" if report.tally.ignored else ""
        click.echo(
            f"{number_of(report.rows, 'row')}: {number_of(report.kept, 'touchpoint')} taken{known}"
            f"{ignored}, {number_of(report.refused, 'row')} refused"
        )
    counts = {
        "supporter": report.supporters - report.left_out,
        "movement": report.movements,
        "finding": report.findings,
    }
    click.echo(", ".join(number_of(count, thing) for thing, count in counts.items()))
    if report.left_out:
        words = "objected, died, on the staff, or a placeholder"
        click.echo(f"{report.left_out:,} more are left out: {words}")
    click.echo(f"on the ladder: {ladder.title or ladder.key}")
    tell(f"{number_of(report.evaluated, 'supporter')} worked out in {report.seconds:.1f} s")
    for one in refusals.each:
        if one.count:
            warn(f"{number_of(one.count, 'row')} of {one.source.name} refused, see {one.path}:")
            for row in one.first:
                tell(_reason(row))
            if one.count > len(one.first):
                tell(f"  and {one.count - len(one.first):,} more")
    if report.unassessable:
        keys = ", ".join(pattern.pattern for pattern in report.unassessable)
        words = f"Not assessable without declared coverage: {keys} (see `ladder coverage`)"
        tell(fill(words, 80))
    tell(f"Now look: ladder standings --db {db}")


def _reason(row: Refused) -> str:
    """Format a rejected row as a paragraph, without repeating the row number of the reason."""
    reason = re.sub(rf"^row {row.row}(?:, |: )", "", row.reason)
    return fill(f"row {row.row}: {reason}", 80, initial_indent="  ", subsequent_indent="    ")
