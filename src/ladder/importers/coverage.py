"""What a mapping declares its log to hold, as the evaluators read it."""

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
    """The mapping's `[[coverage]]`; a bare date ends with its day.

    Each speaks of the mapping's own source, unless it names another, or "*": the log as a whole.

    `place` is where the mapping stands, for the `ImportFileError` of a selector that means nothing.
    """
    for number, each in enumerate(mapping.coverage, 1):
        try:
            yield Coverage(
                selector=parse_selector(each.selector, kinds=kinds),
                since=BEGINNING if each.since is None else calendar.instant(each.since),
                until=FOREVER if each.until is None else calendar.as_of(each.until) + 1,
                source=None if each.source == WHOLE else each.source or mapping.source,
            )
        except DefinitionError as error:
            message = f"{place}: [[coverage]] {number}: {error}"
            raise ImportFileError(message) from error
