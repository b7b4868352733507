"""How many, at any instant, from the sums: exact, and in one statement.

It is what the sums hold up to the slot of the instant, and the instants of that slot one by one;
what the sums do not know yet; less whoever is silent now and was not then. One statement, because
it has to see one state of the database, whoever writes meanwhile.

Each function gives a select; `run` adds up its rows, and says None where there are no sums. Then
the caller counts one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    cast,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
)

from ladder.calendars import FOREVER
from ladder.storage import models
from ladder.storage.indexed import indexed
from ladder.storage.selects import SILENCE, known, open_at, silences
from ladder.storage.sets import Query
from ladder.storage.store import Store
from ladder.storage.sums import FINDINGS, FINEST, FLOWS, SHIFTS, STANDINGS, Row, Sum, pending, sign

_MOVEMENT = models.Movement.__table__
_SUPPORTER = models.Supporter.__table__
_SUMMARY = models.Summary.__table__

Numbers = Counter[tuple[Any, ...]]
"""How many there are of each key of a `Sum`."""

NUMBER: Final = "number"
BEGUN: Final = "begun"
SUMS: Final = "sums"


def run(store: Store, query: Any) -> dict[str, Numbers] | None:  # noqa: ANN401  (a compound select)
    """What such a statement says, by what it says it of; None where there are no sums."""
    said: dict[str, Numbers] = {NUMBER: Counter(), BEGUN: Counter(), SUMS: Counter()}
    for what, *key, number in store.connection.execute(query):
        said[what][tuple(key)] += int(number)
    return said if said[SUMS].total() else None


def standings(organisation_id: int, root: int, *, at: int, now: int) -> Any:  # noqa: ANN401
    """How many stand at each (place, silent) at an instant, and how many lines had begun."""
    asked = _Asked(STANDINGS, root, now)
    asked.changes(at + 1)
    elsewhere = not_(open_at(asked.silence.c, at))
    row = asked.row
    asked.less(and_(open_at(row.c, at)), elsewhere)
    begun = and_(_SUPPORTER.c.organisation_id == organisation_id, _SUPPORTER.c.first_at <= at)
    asked.remark(BEGUN, func.count(), _SUPPORTER, begun)
    hers = asked.silence.join(_SUPPORTER, _SUPPORTER.c.id == asked.silence.c.supporter_id)
    apart = and_(asked.silent, elsewhere, _SUPPORTER.c.first_at <= at)
    asked.remark(BEGUN, -func.count(), hers, apart)
    return asked.query()


def flows(root: int, *, since: int | None, until: int | None, now: int) -> Any:  # noqa: ANN401
    """How many movements of each (kind, before, after, new peak, seam) within `[since, until)`."""
    asked = _Asked(FLOWS, root, now)
    first, end = -FOREVER if since is None else since, FOREVER if until is None else until
    asked.changes(end)
    asked.changes(first, -1)
    row, silence = asked.row, asked.silence
    over = or_(silence.c.until.is_(None), silence.c.until >= end)
    throughout = and_(silence.c.at < first, over)  # then there is no movement of hers within
    asked.less(and_(row.c.at >= first, row.c.at < end), not_(throughout))
    return asked.query()


def findings(root: int, *, at: int, now: int, duties: Collection[str]) -> Any:  # noqa: ANN401
    """How many findings of each (pattern, severity) are open at an instant.

    Of those who are silent now only the duties count. Of those who were silent at the instant too,
    there are no others: silence ends them.
    """
    asked = _Asked(FINDINGS, root, now)
    asked.changes(at + 1)
    row = asked.row
    of_others = and_(open_at(row.c, at), row.c.pattern.not_in(list(duties)))
    asked.less(of_others, not_(open_at(asked.silence.c, at)))
    return asked.query()


@dataclass
class _Asked:
    """The parts of one statement."""

    what: Sum
    root: int
    now: int
    parts: list[Query] = field(default_factory=list)

    def __post_init__(self) -> None:
        standing = f"uq_{self.what.source.name}_standing"
        self.row: Row = indexed(self.what.source, "row", standing)
        self.silence: Row = indexed(_MOVEMENT, "silence", SILENCE)

    @property
    def silent(self) -> ColumnElement[bool]:
        """Silences that hold now."""
        return silences(self.silence, self.root, self.now)

    def changes(self, bound: int, factor: int = 1) -> None:
        """What began before an instant, less what ended before it (times a factor)."""
        slot = bound >> FINEST
        self._slots(bound, factor)
        self._part(slot << FINEST, bound, factor)
        self._pending(slot << FINEST, factor)

    def less(self, hers: ColumnElement[bool], when: ColumnElement[bool]) -> None:
        """Take off such rows of those who are silent now."""
        row, silence = self.row, self.silence
        same = row.c.definition_id == self.root, row.c.supporter_id == silence.c.supporter_id
        # An outer join only for its order: the few who are silent first, then their rows.
        joined = silence.outerjoin(row, and_(*same, hers, known(row.c)))
        self._number(row, -func.count(row.c.id), joined, and_(self.silent, when))

    def remark(
        self,
        said: str,
        number: Any,  # noqa: ANN401
        source: Any,  # noqa: ANN401
        where: ColumnElement[bool],
    ) -> None:
        """A number of something else."""
        columns = [self.what.table.c[name] for name in self.what.names]
        nothing = [cast(null(), column.type) for column in columns]
        query = select(literal_column(f"'{said}'"), *nothing, number)
        self.parts.append(query.select_from(source).where(where))

    def query(self) -> Any:  # noqa: ANN401
        """All of it."""
        self.remark(SUMS, func.count(), _SUMMARY, _SUMMARY.c.definition_id == self.root)
        return union_all(*self.parts)

    def _number(
        self,
        row: Row,
        number: Any,  # noqa: ANN401
        source: Any,  # noqa: ANN401
        where: ColumnElement[bool],
    ) -> None:
        keys = list(self.what.keys(row).values())
        query = select(literal_column(f"'{NUMBER}'"), *keys, number).select_from(source)
        self.parts.append(query.where(where).group_by(*keys))

    def _slots(self, bound: int, factor: int) -> None:
        """Slots that end before the bound: as many long ones as there are, then shorter ones."""
        table = self.what.table
        keys = [table.c[name] for name in self.what.names]
        for where in _ranges(table, bound):
            query = select(literal_column(f"'{NUMBER}'"), *keys, func.sum(factor * table.c.change))
            its = table.c.definition_id == self.root
            self.parts.append(query.where(its, where).group_by(*keys))

    def _part(self, first: int, bound: int, factor: int) -> None:
        """The instants of the slot in which the bound lies."""
        what = self.what
        row = indexed(what.source, "row", what.begun_by)
        its = and_(row.c.definition_id == self.root, known(row.c))
        within = and_(row.c.at >= first, row.c.at < bound, what.begun(row))
        self._number(row, factor * func.count(), row, and_(its, within))
        if what.ended is not None:
            row = indexed(what.source, "row", what.ended_by)
            its = and_(row.c.definition_id == self.root, known(row.c))
            within = and_(row.c.until >= first, row.c.until < bound, what.ended(row, self.root))
            self._number(row, -factor * func.count(), row, and_(its, within))

    def _pending(self, first: int, factor: int) -> None:
        """What the sums are wrong about before that slot."""
        row = indexed(self.what.source, "row", f"ix_{self.what.source.name}_pending")
        news = and_(row.c.definition_id == self.root, pending(row))
        number = func.sum(factor * sign(row))
        self._number(row, number, row, and_(news, row.c.at < first))
        if self.what.ended is not None:
            self._number(row, -number, row, and_(news, row.c.until < first))


def _ranges(table: Row, bound: int) -> Iterator[ColumnElement[bool]]:
    """Where to find the slots before an instant, by their lengths."""
    first = -FOREVER
    for shift in SHIFTS:
        slots = and_(table.c.slot >= first >> shift, table.c.slot < bound >> shift)
        yield and_(table.c.shift == literal_column(f"{shift}"), slots)
        first = bound >> shift << shift
