"""Count at any instant from the summaries: exactly, and in one statement.

A count adds up the summaries before the slot of the instant, the rows within that slot, and the
rows that the summaries do not include yet. It subtracts supporters who are suppressed now and were
not then. It is one statement, because it must see one state of the database despite other writers.

Statements are cached: to build one takes longer than to run it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    null,
    select,
    union,
    union_all,
)

from ladder.model.calendars import FOREVER
from ladder.storage import models, selects
from ladder.storage.indexes import indexed
from ladder.storage.selects import SILENCE, known, open_at, silences
from ladder.storage.sql import Query
from ladder.storage.statements import Statement, raw_rows
from ladder.storage.store import Store
from ladder.storage.summary import summaries
from ladder.storage.summary.summaries import (
    APART,
    FINDINGS,
    FINEST,
    FLOWS,
    SHIFTS,
    STANDINGS,
    Row,
    Sum,
    anybody_apart,
    counted_apart,
    pending,
    sign,
)

_MOVEMENT = models.Movement.__table__
_SUPPORTER = models.Supporter.__table__
_SUMMARY = models.Summary.__table__

Numbers = Counter[tuple[Any, ...]]
"""The number for each key of a `Sum`."""

NUMBER: Final = "number"
HIDDEN: Final = "hidden"
BEGUN: Final = "begun"
SUMS: Final = "sums"


def standings(store: Store, root: int, *, at: int, now: int) -> dict[str, Numbers] | None:
    """Count supporters at each (place, silent) at an instant, and the lines that had begun.

    Returns None without summaries.
    """
    given = {"mine": store.organisation_id, "root": root, "at": at, "now": now}
    return _run(store, _standings(), given | _bound("end", at + 1))


def flows(
    store: Store, root: int, *, since: int | None, until: int | None, now: int
) -> dict[str, Numbers] | None:
    """Count movements of each (kind, before, after, new peak, seam) within `[since, until)`.

    Returns None without summaries.
    """
    first, end = -FOREVER if since is None else since, FOREVER if until is None else until
    given = {"root": root, "now": now} | _bound("start", first) | _bound("end", end)
    return _run(store, _flows(), given)


def findings(
    store: Store, root: int, *, at: int, now: int, duties: Collection[str]
) -> dict[str, Numbers] | None:
    """Count the open findings of each (pattern, severity) at an instant.

    Of supporters who are suppressed now, only safeguard patterns (`duties`) count. A supporter who
    was suppressed at the instant has no other findings, because suppression ends them. Returns None
    without summaries.
    """
    said = _run(store, _findings(), {"root": root, "at": at, "now": now} | _bound("end", at + 1))
    if said is not None:
        for key in said[HIDDEN]:
            said[NUMBER][key] -= 0 if key[0] in duties else said[HIDDEN][key]
    return said


def sorts_of_findings(store: Store, root: int) -> set[tuple[str, str]] | None:
    """Return every (pattern, severity) that the findings of that ladder ever have.

    Returns None without summaries.
    """
    rows = raw_rows(store.connection.execute(_sorts().clause, {"root": root}))
    return {(pattern, severity) for pattern, severity in rows if pattern} if rows else None


def _run(store: Store, statement: Statement, given: dict[str, int]) -> dict[str, Numbers] | None:
    said: dict[str, Numbers] = {what: Counter() for what in (NUMBER, HIDDEN, BEGUN, SUMS)}
    for what, *key, number in raw_rows(store.connection.execute(statement.clause, given)):
        if number:  # an outer join without a row has no key
            said[what][tuple(key)] += int(number)
    return said if said[SUMS].total() else None


def _bound(name: str, instant: int) -> dict[str, int]:
    """Return an instant and the ranges of slots before it, as `_Asked.changes` takes them."""
    found, first = {name: instant, f"{name}_first": instant >> FINEST << FINEST}, -FOREVER
    for shift in SHIFTS:
        found |= {f"{name}_from_{shift}": first >> shift, f"{name}_to_{shift}": instant >> shift}
        first = instant >> shift << shift
    return found


@cache
def _standings() -> Statement:
    asked, at = _Asked(STANDINGS), _value("at")
    asked.changes("end")
    asked.of_silent("end", open_at(asked.row.c, at), -1)
    person = _SUPPORTER.c
    asked.remark(BEGUN, func.count(), _SUPPORTER,
                 and_(person.organisation_id == _value("mine"), person.first_at <= at))  # fmt: skip
    hers = asked.silence.join(_SUPPORTER, person.id == asked.silence.c.supporter_id)
    asked.remark(BEGUN, -func.count(), hers, and_(asked.silent, person.first_at <= at))
    return asked.prepared()


@cache
def _flows() -> Statement:
    asked, first, end = _Asked(FLOWS), _value("start"), _value("end")
    row = asked.row
    asked.changes("end")
    asked.changes("start", -1)
    asked.of_silent("end", and_(row.c.at >= first, row.c.at < end), -1, since="start")
    return asked.prepared()


@cache
def _findings() -> Statement:
    asked, at = _Asked(FINDINGS), _value("at")
    asked.changes("end")
    asked.of_silent("end", open_at(asked.row.c, at), 1, HIDDEN)
    return asked.prepared()


@cache
def _sorts() -> Statement:
    root, nothing = _value("root"), cast(null(), String())
    there = select(nothing, nothing.label("severity")).where(_SUMMARY.c.definition_id == root)
    return Statement(union(*summaries.sorts_of_findings(root), there))


def _value(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


@dataclass
class _Asked:
    """The parts of one statement."""

    what: Sum
    root: Any = field(default_factory=lambda: _value("root"))
    now: Any = field(default_factory=lambda: _value("now"))
    parts: list[Query] = field(default_factory=list)

    def __post_init__(self) -> None:
        standing = f"uq_{self.what.source.name}_standing"
        self.row: Row = indexed(self.what.source, "row", standing)
        self.silence: Row = indexed(_MOVEMENT, "silence", SILENCE)
        self.news: Row = indexed(_MOVEMENT, "news", "ix_ladder_movement_pending")

    @property
    def silent(self) -> ColumnElement[bool]:
        """The condition of suppressions that hold now."""
        return silences(self.silence, self.root, self.now)

    def changes(
        self, bound: str, factor: int = 1, said: str = NUMBER, *, apart: bool = False
    ) -> None:
        """Add the rows begun before an instant, less those ended before it, times a factor.

        `bound` is the name of the instant. Uses the summaries as far as they reach, then single
        rows. `apart` restricts it to supporters that the summaries hold as suppressed for good.
        """
        self._slots(bound, factor, said, APART if apart else 1)
        self._part(bound, factor, said, apart=apart)
        self._pending(_value(f"{bound}_first"), factor, said, apart=apart)

    def of_silent(
        self,
        bound: str,
        hers: ColumnElement[bool],
        factor: int,
        said: str = NUMBER,
        since: str | None = None,
    ) -> None:
        """Add the changes of supporters who are suppressed now; `hers` selects their rows.

        Supporters suppressed for good come from the summaries. Other suppressed supporters are
        counted row by row. Supporters that the summaries hold as suppressed for good, but who are
        not suppressed now, are subtracted row by row.
        """
        self.changes(bound, factor, said, apart=True)
        if since is not None:
            self.changes(since, -factor, said, apart=True)
        for silence, which in self._silent_besides():
            self._rows_of(silence, which, hers, factor, said)
        for silence, which in self._apart_besides():
            self._rows_of(silence, which, hers, -factor, said)

    def _silent_besides(self) -> Iterator[tuple[Row, ColumnElement[bool]]]:
        """Yield present suppressions that the summaries do not hold as being for good."""
        for silence, which in (
            (self.silence, self.silence.c.until.is_not(None)),
            (self.news, and_(pending(self.news), self.news.c.until.is_(None))),
        ):
            now = silences(silence, self.root, self.now)
            new = not_(counted_apart(self.root, silence.c.supporter_id))
            yield silence, and_(now, which, new)

    def _apart_besides(self) -> Iterator[tuple[Row, ColumnElement[bool]]]:
        """Yield suppressions for good in the summaries of supporters who are not suppressed now."""
        for silence, which in (
            (self.silence, and_(known(self.silence.c), self.silence.c.at > self.now)),
            (self.news, and_(pending(self.news), self.news.c.retracted_at.is_not(None))),
        ):
            row = silence.c
            held = row.kind == literal_column("'silenced'"), row.until.is_(None), row.summed
            now = selects.silent(self.root, row.supporter_id, self.now)
            yield silence, and_(row.definition_id == self.root, *held, which, not_(now))

    def _rows_of(
        self,
        silence: Row,
        which: ColumnElement[bool],
        hers: ColumnElement[bool],
        factor: int,
        said: str,
    ) -> None:
        """Add the rows of the supporters of these suppressions."""
        row = self.row
        same = row.c.definition_id == self.root, row.c.supporter_id == silence.c.supporter_id
        # The outer join fixes the order: the few suppressed supporters first, then their rows.
        joined = silence.outerjoin(row, and_(*same, hers, known(row.c)))
        self._number(row, _times(factor) * func.count(row.c.id), joined, which, said)

    def remark(
        self,
        said: str,
        number: Any,  # noqa: ANN401
        source: Any,  # noqa: ANN401
        where: ColumnElement[bool],
    ) -> None:
        """Add a number of another table."""
        columns = [self.what.table.c[name] for name in self.what.names]
        nothing = [cast(null(), column.type) for column in columns]
        query = select(literal_column(f"'{said}'"), *nothing, number)
        self.parts.append(query.select_from(source).where(where))

    def prepared(self) -> Statement:
        """Return the statement of all parts."""
        self.remark(SUMS, func.count(), _SUMMARY, _SUMMARY.c.definition_id == self.root)
        return Statement(union_all(*self.parts))

    def _number(
        self,
        row: Row,
        number: Any,  # noqa: ANN401
        source: Any,  # noqa: ANN401
        where: ColumnElement[bool],
        said: str = NUMBER,
    ) -> None:
        keys = list(self.what.keys(row).values())
        query = select(literal_column(f"'{said}'"), *keys, number).select_from(source)
        self.parts.append(query.where(where).group_by(*keys))

    def _slots(self, bound: str, factor: int, said: str, sign: int) -> None:
        """Add the slots that end before the bound: the longest possible ones, then shorter ones."""
        table = self.what.table
        keys = [table.c[name] for name in self.what.names]
        total = _times(factor) * func.sum(table.c.change)
        for shift in SHIFTS:
            query = select(literal_column(f"'{said}'"), *keys, total).where(
                table.c.definition_id == self.root,
                table.c.shift == literal_column(f"{shift * sign}"),
                table.c.slot >= _value(f"{bound}_from_{shift}"),
                table.c.slot < _value(f"{bound}_to_{shift}"),
            )
            self.parts.append(query.group_by(*keys))

    def _part(self, bound: str, factor: int, said: str, *, apart: bool) -> None:
        """Add the rows within the slot of the bound."""
        what, first, last = self.what, _value(f"{bound}_first"), _value(bound)
        row = indexed(what.source, "row", what.begun_by)
        its = row.c.definition_id == self.root, known(row.c), *self._whose(row, apart=apart)
        within = row.c.at >= first, row.c.at < last, what.begun(row)
        self._number(row, _times(factor) * func.count(), row, and_(*its, *within), said)
        if what.ended is not None:
            row = indexed(what.source, "row", what.ended_by)
            its = row.c.definition_id == self.root, known(row.c), *self._whose(row, apart=apart)
            within = row.c.until >= first, row.c.until < last, what.ended(row, self.root)
            self._number(row, _times(-factor) * func.count(), row, and_(*its, *within), said)

    def _pending(self, first: ColumnElement[int], factor: int, said: str, *, apart: bool) -> None:
        """Add the pending rows before that slot."""
        row = indexed(self.what.source, "row", f"ix_{self.what.source.name}_pending")
        news = row.c.definition_id == self.root, pending(row), *self._whose(row, apart=apart)
        number = _times(factor) * func.sum(sign(row))
        self._number(row, number, row, and_(*news, row.c.at < first), said)
        if self.what.ended is not None:
            self._number(row, -number, row, and_(*news, row.c.until < first), said)

    def _whose(self, row: Row, *, apart: bool) -> list[ColumnElement[bool]]:
        if not apart:
            return []
        return [anybody_apart(self.root), counted_apart(self.root, row.c.supporter_id)]


def _times(factor: int) -> ColumnElement[int]:
    """Render a factor as a literal; a prepared statement binds all other numbers when it runs."""
    return literal_column(f"({factor})", Integer())
