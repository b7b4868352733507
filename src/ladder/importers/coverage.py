"""Coverage declarations of a mapping, as the engines read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ladder.coverage import BEGINNING, Coverage
from ladder.documents import parse_selector
from ladder.errors import DefinitionError, ImportFileError
from ladder.importers.mapping import Mapping
from ladder.model.calendars import FOREVER, Calendar
from ladder.model.kinds import Kinds

WHOLE: Final = "*"


def coverages(mapping: Mapping, place: str, calendar: Calendar, kinds: Kinds) -> Iterator[Coverage]:
    """Yield the `[[coverage]]` entries of a mapping; a bare date as `until` includes its whole day.

    An entry covers the mapping's own source, unless it names another one, or "*" for the whole log.
    `place` names the mapping in error messages.

    Raises:
        ImportFileError: if a selector has no meaning.
    """
    for number, coverage in enumerate(mapping.coverage, 1):
        try:
            yield Coverage(
                selector=parse_selector(coverage.selector, kinds=kinds),
                since=BEGINNING if coverage.since is None else calendar.instant(coverage.since),
                until=FOREVER if coverage.until is None else calendar.as_of(coverage.until) + 1,
                source=None if coverage.source == WHOLE else coverage.source or mapping.source,
            )
        except DefinitionError as error:
            message = f"{place}: [[coverage]] {number}: {error}"
            raise ImportFileError(message) from error
