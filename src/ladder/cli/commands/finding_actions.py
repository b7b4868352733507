"""`ladder findings acknowledge`, `dismiss` and `reopen`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any

import click

from ladder.cli import options
from ladder.cli.context import asking
from ladder.cli.dates import MOMENT, Clock
from ladder.cli.interrupts import past_stopping
from ladder.cli.output import print_json
from ladder.cli.render.console import Paper
from ladder.cli.render.supporter_findings import Hers
from ladder.crm import CRM, Action, Finding
from ladder.errors import NotFoundError
from ladder.model.calendars import to_datetime
from ladder.storage.databases import choose, writing

Act = Callable[[CRM, Finding, dict[str, Any]], Action]

_whom = click.argument("supporter")
_what = click.argument("pattern")
_by = click.option("--by", default="", metavar="NAME", help="Who does it.")
_when = click.option(
    "--at",
    type=MOMENT,
    metavar="DATE",
    help="When it was done (default: now); counts from then on.",
)


@click.command(name="acknowledge")
@_whom
@_what
@options.where
@click.option("--note", default="", metavar="TEXT", help="What is being done.")
@_by
@_when
@options.now
@options.as_json
def acknowledge(*, note: str, **arguments: Any) -> None:  # noqa: ANN401
    """Somebody has seen the finding PATTERN of SUPPORTER, and sees to it.

    Until something new proves it; then it is open again.
    """
    _act(lambda crm, finding, how: crm.acknowledge(finding, note=note, **how), **arguments)


@click.command(name="dismiss")
@_whom
@_what
@options.where
@click.option("--reason", required=True, metavar="TEXT", help="Why there is nothing to it.")
@_by
@_when
@options.now
@options.as_json
def dismiss(*, reason: str, **arguments: Any) -> None:  # noqa: ANN401
    """There is nothing to the finding PATTERN of SUPPORTER.

    It is counted apart from then on, also when the clock makes it graver, until something new
    proves it. Thanks that were never written down are better recorded than the finding dismissed.
    """
    _act(lambda crm, finding, how: crm.dismiss(finding, reason=reason, **how), **arguments)


@click.command(name="reopen")
@_whom
@_what
@options.where
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@_by
@_when
@options.now
@options.as_json
def reopen(*, reason: str, **arguments: Any) -> None:  # noqa: ANN401
    """What was said of the finding PATTERN of SUPPORTER no longer holds: it is open again."""
    _act(lambda crm, finding, how: crm.reopen(finding, reason=reason, **how), **arguments)


def _act(
    act: Act,
    *,
    supporter: str,
    pattern: str,
    db: str,
    organisation: str | None,
    ladder: str | None,
    by: str,
    at: date | None,
    now: date | None,
    as_json: bool,
) -> None:
    """Apply the action in its own transaction, then print the finding."""
    with ExitStack() as rest, writing(db) as work:
        store = choose(work.connection, organisation)
        clock = Clock.of(store.organisation.calendar, now)
        present = to_datetime(clock.now)
        crm = CRM(work.connection, store.organisation.key, ladder, clock=lambda: present)
        moment = to_datetime(clock.as_of(at)) if isinstance(at, datetime) else at
        key = crm.ladder.pattern(pattern).key
        findings = [
            finding for finding in crm.findings(supporter, moment) if finding.pattern == key
        ]
        if not findings:
            message = f"{supporter} has no finding {key} on {clock.day(clock.as_of(at))}"
            raise NotFoundError(message)
        act(crm, findings[0], {"by": by, "at": moment})
        rest.enter_context(past_stopping())
    with asking(db, organisation, ladder, now) as ask:
        instant = ask.clock.as_of(at)
        listing = Hers(ask.at(instant), instant, supporter, key)
        if as_json:
            print_json(listing.document(1))
        else:
            listing.print(Paper(), 1)
