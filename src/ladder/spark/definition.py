"""The definition that is sent to the workers as text, and checks that both sides agree."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from typing import NamedTuple

from ladder.coverage import Coverage
from ladder.documents import dump, load, parse_selector
from ladder.errors import DefinitionError
from ladder.language.ladders import Ladder
from ladder.model.calendars import Calendar, to_day
from ladder.model.organisations import Organisation

Declared = tuple[str, int, int, str | None]
"""A coverage declaration as text: selector, since, until, source."""

_MONDAYS = range(to_day(date(1970, 1, 5)), to_day(date(2040, 1, 2)), 7)


class World(NamedTuple):
    """The ladder, organisation and coverage of an evaluation."""

    ladder: Ladder
    organisation: Organisation
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True)
class Definition:
    """A ladder as TOML with every name expanded, an organisation as JSON, coverage as text.

    Names are expanded, so that a host's own macros, which are functions of the driver, need not
    exist on the workers. `release` and `zone` are this library's version and a checksum of the
    organisation's days. Workers with other values would return other results, and refuse.
    """

    ladder: str
    organisation: str
    coverage: tuple[Declared, ...]
    release: str
    zone: int

    @classmethod
    def of(
        cls, ladder: Ladder, organisation: Organisation, coverage: Sequence[Coverage]
    ) -> Definition:
        """Build the definition that a worker needs."""
        declared = tuple(
            (str(declaration.selector), declaration.since, declaration.until, declaration.source)
            for declaration in coverage
        )
        return cls(
            ladder=dump(ladder),
            organisation=json.dumps(asdict(organisation)),
            coverage=declared,
            release=version("ladder-crm"),
            zone=days_of(organisation.calendar),
        )

    def world(self) -> World:
        """Parse the definition, once per process of a worker.

        Raises:
            DefinitionError: This machine's library version or time zone differs from the driver's.
        """
        return _world(self)


@lru_cache(maxsize=8)
def _world(definition: Definition) -> World:
    here = version("ladder-crm")
    if here != definition.release:
        message = f"this worker has ladder-crm {here} and the driver {definition.release}"
        raise DefinitionError(f"{message}: give both the same wheel")
    organisation = Organisation(**json.loads(definition.organisation))
    if days_of(organisation.calendar) != definition.zone:
        message = f"this worker's rules of the time zone {organisation.zone} are not the driver's"
        raise DefinitionError(f"{message}: give both the same tzdata")
    ladder = load(definition.ladder, trusted=True)
    declared = tuple(
        Coverage(
            selector=parse_selector(selector, kinds=ladder.kinds),
            since=since,
            until=until,
            source=source,
        )
        for selector, since, until, source in definition.coverage
    )
    return World(ladder, organisation, declared)


def days_of(calendar: Calendar) -> int:
    """Return a checksum of the starts of days in that zone, for every week from 1970 to 2040."""
    return zlib.crc32(repr([calendar.day_start(day) for day in _MONDAYS]).encode())
