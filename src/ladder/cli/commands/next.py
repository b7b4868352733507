"""`ladder next`."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import click

from ladder.cli import options
from ladder.cli.context import Asking, asking
from ladder.cli.output import number_of, print_json, tell
from ladder.cli.render.console import Column, Paper, Table
from ladder.contact_rules import load
from ladder.contact_rules.next_action import QUEUES, Queue
from ladder.crm import CRM, NextTouch
from ladder.model.calendars import to_datetime
from ladder.outreach import Calls
from ladder.storage.databases import writing

MOST: Final = 10
"""People per queue that are shown by default."""

WORDS: Final[dict[str, str]] = {
    "stop": "Stop writing to them",
    "answer": "Answer them",
    "thank": "Thank them",
    "report": "Report back to them",
    "climbers": "New climbers: thank them for the step",
    "steadies": "Old steadies: thank them for staying",
    "listen": "Listen to them",
    "invite": "Invite them",
    "inform": "Send them something that asks for nothing",
    "ask": "Ask them, before they lapse",
}
UPWARDS: Final = ("listen", "invite", "inform")
"""Queues that show the next step up; in the others it would distract."""

COLUMNS: Final = (
    "supporter", "queue", "touch", "since", "pattern", "severity", "why", "remedy", "lift",
    "evidence",
)  # fmt: skip


@click.command(name="next")
@options.where
@click.option(
    "--queue",
    "queues",
    multiple=True,
    type=click.Choice(QUEUES),
    help="Only this queue; repeatable (default: all, the most pressing first).",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most so many of each queue; 0: all (default: 10).",
)
@click.option("--assign", is_flag=True, help="Write down that these are handed out now.")
@click.option("--csv", "as_csv", is_flag=True, help="A CSV file on stdout, for a mail merge.")
@options.rules
@options.now
@options.as_json
def command(
    *,
    db: str,
    organisation: str | None,
    ladder: str | None,
    queues: tuple[Queue, ...],
    limit: int | None,
    assign: bool,
    as_csv: bool,
    rules: Path | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Whom to contact next, and why: queues that a person can work through.

    Everybody is in one queue at most, that of the most pressing reason: a wrong to be stopped,
    answers, thanks and reports that are due, gratitude to those who climbed or stayed, then an
    invitation, and a request only where `may-ask` says yes. Who was thanked or called is left in
    peace for a while; with --assign so is whoever is handed out. More: docs/asking.md
    """
    most = MOST if limit is None else limit or None
    with asking(db, organisation, ladder, now) as ask:
        known = load(rules, kinds=ask.ladder.kinds)
        calls = Calls(ask.store, ask.questions.definition.root, ask.ladder, known, ask.clock.now)
        crm = CRM(
            ask.store.connection, ask.store.organisation.key, ask.ladder.key,
            clock=lambda: to_datetime(ask.clock.now), rules=rules,
        )  # fmt: skip
        wanted = [queue for queue in QUEUES if not queues or queue in queues]
        by_queue: dict[Queue, list[NextTouch]] = {}
        for queue in wanted:
            handed = ((person.supporter, person.call) for person in calls.people(queue, most))
            with_lift = as_json or as_csv or queue in UPWARDS
            by_queue[queue] = crm.touches_of_calls(handed, with_lift=with_lift)
        counts = calls.counts()
        if as_json:
            print_json(_document(ask, by_queue))
        elif as_csv:
            _write(by_queue)
        else:
            _print(Paper(), ask, by_queue, counts, single=bool(queues))
        key, chosen = ask.store.organisation.key, ask.ladder.key
        instant = to_datetime(ask.clock.now)
    if assign:
        everybody = [touch for people in by_queue.values() for touch in people]
        with writing(db) as open_:
            desk = CRM(open_.connection, key, chosen, clock=lambda: instant)
            for touch in everybody:
                desk.assign(touch)
        tell(f"{number_of(len(everybody), 'supporter')} written down as handed out")


def _print(
    paper: Paper,
    ask: Asking,
    queues: dict[Queue, list[NextTouch]],
    counts: dict[Queue, int],
    *,
    single: bool,
) -> None:
    """Print one heading per queue, then its people with the reasons."""
    for queue, people in queues.items():
        if not people and not single:
            continue
        paper.heading(f"{WORDS[queue]} ({queue})")
        table = Table(
            (
                Column("supporter", fit="whole"),
                Column("date", fit="whole"),
                Column("why", fit="fold"),
            )
        )
        for person in people:
            since = "" if person.since is None else f"{person.since:%Y-%m-%d}"
            grave = f" ({person.severity})" if person.severity else ""
            step = f"; one step up: {person.lift}" if person.lift and queue in UPWARDS else ""
            table.add(person.supporter, since, f"{person.why}{grave}{_proof(person)}{step}")
        paper.table(table)
        remedies = dict.fromkeys(person.remedy for person in people if person.remedy)
        for remedy in list(remedies)[:2]:
            paper.prose(f"What to do: {remedy}", "green", 2)
        if not people:
            paper.prose("nobody", "dim")
        elif counts[queue] > len(people):
            tell(f"{len(people):,} of {counts[queue]:,} at most shown: --queue {queue} --limit 0")
    if not single and not any(queues.values()):
        tell(f"{ask.name}: nobody waits for anything")


def _proof(touch: NextTouch) -> str:
    """Return the last touchpoint of the evidence."""
    if not touch.evidence:
        return ""
    last = touch.evidence[-1]
    day = last.at.strftime("%Y-%m-%d")
    size = "" if last.amount is None else f" {last.amount} {last.currency}"
    return f": {last.kind}{size} of {day}"


def _row(touch: NextTouch) -> dict[str, object]:
    since = None if touch.since is None else touch.since.isoformat()
    return {
        "supporter": touch.supporter,
        "queue": touch.queue,
        "touch": touch.touch,
        "since": since,
        "pattern": touch.pattern,
        "severity": touch.severity,
        "why": touch.why,
        "remedy": touch.remedy or None,
        "lift": touch.lift or None,
        "evidence": [str(one) for one in touch.evidence],
    }


def _document(ask: Asking, by_queue: dict[Queue, list[NextTouch]]) -> dict[str, object]:
    queues = {queue: [_row(person) for person in people] for queue, people in by_queue.items()}
    return ask.document(now=ask.clock.iso(ask.clock.now), queues=queues)


def _write(queues: dict[Queue, Sequence[NextTouch]] | dict[Queue, list[NextTouch]]) -> None:
    rows = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for people in queues.values():
        for person in people:
            row = _row(person)
            rows.writerow(row | {"evidence": "; ".join(str(one) for one in person.evidence)})
