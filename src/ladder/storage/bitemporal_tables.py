"""The schema of bitemporal tables, and the rule by which their rows change.

A stored row never changes, except for its `retracted_at`. A result that no longer holds is
retracted, and a new one is added. That includes a result of which only `until` changed, or that
lies ahead. A row that would be recorded and retracted at one instant was never known, and is
deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, bindparam, delete, insert, not_, update

from ladder.storage import models
from ladder.storage.statements import Statement, Write

OWNER: Final = ("organisation_id", "definition_id", "supporter_id")

Content = tuple[Any, ...]
"""The values of a row in its table's `content` columns."""


class Stamp(NamedTuple):
    """The id of a stored row, and when it was recorded."""

    id: int
    recorded_at: int


@dataclass(frozen=True)
class RowChanges:
    """The added and the retracted rows of one supporter in a table."""

    added: Sequence[Content] = ()
    retracted: Mapping[Content, Stamp] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.retracted)


def compare(stored: Mapping[Content, Stamp], wanted: Sequence[Content]) -> RowChanges:
    """Retract what is stored and not wanted; add what is wanted and not stored."""
    kept = set(wanted)
    return RowChanges(
        [content for content in wanted if content not in stored],
        {content: stamp for content, stamp in stored.items() if content not in kept},
    )


class BitemporalTable:
    """A table of results: the columns of its content, and the statements that write it."""

    def __init__(self, table: Table, content: Sequence[str]) -> None:
        self.table = table
        self.content = tuple(content)
        row = table.c.id == bindparam("number")
        self._retract = Statement(update(table).where(row).values(retracted_at=bindparam("now")))
        self._add = Statement(insert(table), (*OWNER, "recorded_at", *content))
        self._delete = [Statement(delete(table).where(row))]
        if "summed" in table.c:
            # The summaries hold such a row: they have to see it retracted.
            self._delete = [
                Statement(delete(table).where(row, not_(table.c.summed))),
                Statement(update(table).where(row).values(retracted_at=table.c.recorded_at)),
            ]

    def writes(self, changes: RowChanges, owner: Mapping[str, int], now: int) -> list[Write]:
        """Build the writes for the changes of one supporter's rows."""
        stamps = changes.retracted.values()
        unknown = [{"number": stamp.id} for stamp in stamps if stamp.recorded_at >= now]
        known = [{"number": stamp.id, "now": now} for stamp in stamps if stamp.recorded_at < now]
        head = {**owner, "recorded_at": now}
        added = [head | dict(zip(self.content, row, strict=True)) for row in changes.added]
        writes: list[Write] = [(statement, unknown) for statement in self._delete if unknown]
        if known:
            writes.append((self._retract, known))
        if added:
            writes.append((self._add, added))
        return writes


MOVEMENT_TABLE: Final = BitemporalTable(
    models.Movement.__table__,
    ("at", "until", "kind", "before_id", "after_id", "skipped", "new_peak", "cause", "cause_id",
     "cause_others"),
)  # fmt: skip
FINDING_TABLE: Final = BitemporalTable(
    models.Finding.__table__, ("pattern", "severity", "at", "until")
)
STATE_TABLE: Final = BitemporalTable(
    models.FindingState.__table__, ("pattern", "state", "at", "until")
)
