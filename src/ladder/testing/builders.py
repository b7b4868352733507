"""A database in memory, an organisation in it, and histories in short notation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ladder import catalogue
from ladder.crm import CRM
from ladder.language.ladders import Ladder
from ladder.model.calendars import Calendar
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint
from ladder.storage.engines import create_engine
from ladder.storage.migrations import upgrade
from ladder.storage.transactions import Host, Session, session_of

ALDER = Organisation(key="alder", name="Alder", zone="Europe/Berlin", currency="EUR")
"""The default organisation of `memory_crm`."""

Entry = Touchpoint | tuple[Any, ...]
"""A touchpoint, or (kind, when), (kind, when, amount) or (kind, when, {field: value})."""


@contextmanager
def memory_session() -> Iterator[Session]:
    """Open a SQLAlchemy session on a fresh SQLite database in memory, with the library's tables.

    The database is gone afterwards, including everything committed.
    """
    engine = create_engine("sqlite://")
    try:
        upgrade(engine)
        with session_of(engine) as session:
            yield session
    finally:
        engine.dispose()


def memory_crm(
    session: Host,
    ladder: Ladder | None = None,
    *,
    organisation: Organisation = ALDER,
    now: datetime | date = datetime(2024, 6, 1, 12, tzinfo=UTC),
) -> CRM:
    """Create a CRM of one organisation (`alder`, in Berlin) with a ladder (the default one).

    Its clock stands still at `now`. A bare date is noon of that day in the organisation's zone.
    """
    still = at(now, organisation.calendar)
    chosen = catalogue.load("default") if ladder is None else ladder
    return CRM.create(session, organisation, chosen, clock=lambda: still)


def supporter_history(
    supporter: str,
    *entries: Entry,
    source: str = "test",
    **common: Any,  # noqa: ANN401
) -> list[Touchpoint]:
    """Build touchpoints of one supporter from short notation.

    An entry is a touchpoint, or a kind and a time, with an amount or a dict of more fields.

    Every touchpoint gets an external id of its own ("ada-1" and so on) unless it names one;
    `answers` may name such an id. `common` fields go to all touchpoints in short notation.

    >>> gift, thanks = supporter_history(
    ...     "ada",
    ...     ("donation", date(2024, 3, 5), "25"),
    ...     ("thank_you", date(2024, 3, 7), {"answers": "ada-1"}),
    ... )
    >>> thanks.answers_key == gift.key
    True
    """
    made = []
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, Touchpoint):
            made.append(entry)
            continue
        kind, when, *rest = entry
        more: dict[str, Any] = {}
        for part in rest:
            more |= part if isinstance(part, dict) else {"amount": part}
        usual = {"source": source, "external_id": f"{supporter}-{number}"}
        fields = usual | common | {"supporter": supporter, "kind": kind, "at": when} | more
        made.append(Touchpoint(**fields))
    return made


def at(moment: datetime | date, calendar: Calendar | None = None) -> datetime:
    """Return a datetime unchanged, and a bare date as its noon in the calendar's zone (UTC)."""
    if isinstance(moment, datetime):
        return moment
    zone = UTC if calendar is None else ZoneInfo(calendar.zone)
    return datetime.combine(moment, time(12), zone)
