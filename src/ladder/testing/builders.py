"""A database in memory, an organisation in it, and histories told in a few words."""

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
"""The organisation of `memory_crm`, unless told."""

Told = Touchpoint | tuple[Any, ...]
"""A touchpoint, or (kind, when), (kind, when, amount) or (kind, when, {field: value})."""


@contextmanager
def memory_session() -> Iterator[Session]:
    """A SQLAlchemy session on a fresh SQLite database in memory, with the library's tables.

    Nothing is left of it afterwards, whatever was committed.
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
    """A CRM of one organisation (`alder`, in Berlin) with a ladder (the default one).

    Its clock stands still at `now`; a bare date is noon of that day in the organisation's zone.
    """
    still = at(now, organisation.calendar)
    chosen = catalogue.load("default") if ladder is None else ladder
    return CRM.create(session, organisation, chosen, clock=lambda: still)


def supporter_history(
    supporter: str,
    *told: Told,
    source: str = "test",
    **common: Any,  # noqa: ANN401
) -> list[Touchpoint]:
    """Touchpoints of one supporter, told shortly: kind and when, an amount or more fields.

    Each gets an external id of its own, "ada-1" and so on, unless it says one; `answers` may name
    one of those. `common` fields go to all of them.

    >>> gift, thanks = supporter_history(
    ...     "ada",
    ...     ("donation", date(2024, 3, 5), "25"),
    ...     ("thank_you", date(2024, 3, 7), {"answers": "ada-1"}),
    ... )
    >>> thanks.answers_key == gift.key
    True
    """
    made = []
    for number, each in enumerate(told, 1):
        if isinstance(each, Touchpoint):
            made.append(each)
            continue
        kind, when, *rest = each
        more: dict[str, Any] = {}
        for part in rest:
            more |= part if isinstance(part, dict) else {"amount": part}
        usual = {"source": source, "external_id": f"{supporter}-{number}"}
        fields = usual | common | {"supporter": supporter, "kind": kind, "at": when} | more
        made.append(Touchpoint(**fields))
    return made


def at(moment: datetime | date, calendar: Calendar | None = None) -> datetime:
    """An aware datetime as it is; a bare date as its noon in that calendar's zone (UTC)."""
    if isinstance(moment, datetime):
        return moment
    zone = UTC if calendar is None else ZoneInfo(calendar.zone)
    return datetime.combine(moment, time(12), zone)
