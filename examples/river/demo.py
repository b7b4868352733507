"""Replay a contact list into a database, and print answers from it.

    make demo        or    python examples/river/demo.py [--supporters 600] [--until 2026-11-15]

Makes the history of the river charity (`generate.py`), replays it with the command that you would
use for your own list, and prints some answers. Needs `ladder-crm[cli]`.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from datetime import date, timedelta
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from charity import Charity
from generate import write
from rich.console import CONSOLE_SVG_FORMAT, Console

from ladder.cli.commands.explain import print_short
from ladder.cli.commands.findings import Found
from ladder.cli.commands.upcoming import print_upcoming
from ladder.cli.context import Asking, asking
from ladder.cli.group import run
from ladder.cli.readings import Readings
from ladder.cli.render.common import print_flows, print_left_out, print_pyramid
from ladder.cli.render.console import Paper
from ladder.explanations import explain
from ladder.reports.flows import flows
from ladder.reports.pyramid import pyramid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ladder.storage.read.queries import Movement

HERE = Path(__file__).resolve().parent
MAPPING = HERE.parent / "mappings" / "river.toml"
FALLS = 6  # how many of those who will fall soon are shown
PROVED = 2  # patterns of which a finding is shown with its evidence


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the list, replay it, print answers; return the exit code."""
    usual = Charity()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "out", help="folder for the files")
    parser.add_argument("--supporters", type=int, default=usual.supporters)
    parser.add_argument("--until", type=date.fromisoformat, default=usual.until, help="today")
    parser.add_argument("--picture", type=Path, help="write the output as an SVG, too")
    options = parser.parse_args(arguments)
    charity = Charity(supporters=options.supporters, until=options.until)
    contacts = write(options.out, charity)
    db = options.out / "river.db"
    for end in ("", "-wal", "-shm"):
        Path(f"{db}{end}").unlink(missing_ok=True)

    paper = Paper(recorder() if options.picture else None)
    introduce(paper, charity, contacts)
    code = replay(contacts, db, options.out / "refused.csv", options.until)
    if code > 1:
        return code
    with asking(str(db), None, None, options.until) as ask:
        show_standings(paper, ask)
        show_year(paper, ask, options.until)
        falls = show_upcoming(paper, ask)
        findings = Found(ask, ask.clock.now)
        show_patterns(paper, findings)
        if options.picture:
            save(paper, options.picture)
        show_evidence(paper, findings)
        show_one(paper, ask, falls)
    show_refused(paper, options.out / "refused.csv")
    show_ways_on(paper, db, falls, options.until)
    return 0


def introduce(paper: Paper, charity: Charity, contacts: Path) -> None:
    """Introduce the charity and its contact list."""
    paper.heading("The Friends of the Alder, a made-up charity for a made-up river")
    paper.prose(
        f"Its contact list of {charity.years} years is in {shown(contacts)}: who came, gave, "
        "helped and wrote, and what the office sent, asked, thanked for and forgot."
    )


def replay(contacts: Path, db: Path, refused: Path, until: date) -> int:
    """Run `ladder replay` on the list."""
    sys.stdout.write("\nThis is what `ladder replay` says when it reads that list:\n")
    sys.stdout.flush()
    return run(
        [
            *("replay", shown(contacts), "--mapping", shown(MAPPING), "--db", shown(db)),
            *("--organisation", "alder", "--name", "Friends of the Alder", "--currency", "EUR"),
            *("--refused", shown(refused), "--now", until.isoformat()),
        ]
    )


def show_standings(paper: Paper, ask: Asking) -> None:
    """Print the pyramid."""
    today = ask.clock.day(ask.clock.now)
    counted = pyramid(ask.ladder, ask.questions.counts(ask.clock.now))
    paper.heading(f"Where {counted.total} supporters stand on {today}")
    print_pyramid(paper, counted)
    print_left_out(paper, ask, counted)


def show_year(paper: Paper, ask: Asking, until: date) -> None:
    """Print the movements of the last twelve months."""
    since = ask.clock.start(until - timedelta(days=364))
    moved = flows(ask.ladder, ask.questions.movements(since, ask.clock.now + 1))
    paper.heading("Who moved in the last twelve months, and where to")
    print_flows(paper, moved)
    paper.prose(f"{moved.peaks} times somebody stood higher than ever before.", "dim")


def show_upcoming(paper: Paper, ask: Asking) -> list[Movement]:
    """Print the supporters who will fall within 30 days; return their movements."""
    falls = ask.questions.upcoming(ask.clock.now, 30)
    paper.heading(f"Who will fall within 30 days unless something happens: {len(falls)} supporters")
    print_upcoming(ask, paper, falls[:FALLS])
    if len(falls) > FALLS:
        paper.line(f"and {len(falls) - FALLS} more", "dim")
    return falls


def show_patterns(paper: Paper, findings: Found) -> None:
    """Print the patterns with their numbers of findings."""
    paper.heading("Where the relationship runs like a cash machine")
    findings.print_patterns(paper)


def show_evidence(paper: Paper, findings: Found) -> None:
    """Print one finding of some patterns, with its evidence and remedy."""
    for pattern in [row for row in findings.judged if sum(row.by_severity.values())][:PROVED]:
        findings.print_pattern(paper, pattern, 1)


def show_one(paper: Paper, ask: Asking, falls: Sequence[Movement]) -> None:
    """Print why one supporter stands where they stand."""
    if not falls:
        return
    one = max(falls, key=lambda fall: fall.height_before - fall.height_after)
    paper.heading(f"Why {one.key} stands there, and what would lift them")
    said = explain(Readings(ask).of(one.supporter_id), ask.ladder, ask.clock.now)
    print_short(ask, paper, one.key, said)


def show_refused(paper: Paper, refused: Path) -> None:
    """Print where the rejected rows are."""
    paper.heading("Rejected rows")
    rows = max(0, len(refused.read_text(encoding="utf-8").splitlines()) - 1)
    paper.prose(
        f"{rows} rows were rejected and nothing else was lost. They are in {shown(refused)}, each "
        "with its row number and the reason: correct them there, and replay that file."
    )


def show_ways_on(paper: Paper, db: Path, falls: Sequence[Movement], until: date) -> None:
    """Print the commands to try next."""
    somebody = falls[0].key if falls else "A000001"
    later = until + timedelta(days=182)
    paper.heading("Now ask it yourself")
    here = Path(sys.executable).with_name("ladder")
    command = "ladder" if which("ladder") or not here.exists() else shown(here)
    paper.line(f"  export LADDER_DB={shown(db)}")
    for words in (
        f"standings --at {later}",
        "standings --rung evangelising",
        "movements --since 2026-10-01",
        f"explain {somebody}",
        "findings --pattern O7",
        "verify",
    ):
        paper.line(f"  {command} {words}")
    paper.line()
    paper.prose("A list of your own: see README.md, it takes five minutes.")


def shown(path: Path) -> str:
    """Return the path relative to the working directory."""
    return os.path.relpath(path)


def recorder() -> Console:
    """Return a console of 80 columns that records its output."""
    return Console(
        record=True, width=80, force_terminal=True, highlight=False, emoji=False, markup=False
    )


def save(paper: Paper, picture: Path) -> None:
    """Save the output so far as an SVG without web fonts."""
    fonts = "font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    plain = re.sub(r"@font-face {{.*?}}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    plain = re.sub(r"font-family: (?:Fira Code, monospace|arial)", fonts, plain)
    paper.console.save_svg(str(picture), title="make demo", code_format=plain)


if __name__ == "__main__":
    sys.exit(main())
