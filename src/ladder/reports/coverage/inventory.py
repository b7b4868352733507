"""Inventory of a log: number of touchpoints per source, sort and month.

The log is read once, in parts, and added up at once. Memory holds one row per source, sort and
month, and one per supporter (start of the line, number of acts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from ladder.engines.columnar.calendar_arrays import days_of, months_of
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Row
from ladder.engines.reference.history import History
from ladder.importers.placeholders import MOST_A_DAY
from ladder.language.nodes import Selector
from ladder.model.calendars import Calendar
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation

SORT: Final = ("source", "kind", "direction", "purposes", "asks_for")
"""Columns that distinguish sorts of touchpoints, as far as coverage is declared for them."""
COLUMNS: Final = ("at", *SORT)
"""Columns of a touchpoint frame that are read, in addition to `supporter`."""

_ASIDE: Final = ("placeholder", "placed")
"""Kinds that describe a supporter and are not a contact."""
_ACTS: Final = ("money", "time", "voice", "word")
"""Families in which one person has only a limited number of acts on one day."""


@dataclass(frozen=True)
class Holding:
    """Touchpoints of one sort in one source; `months` counts them by month since January 1970.

    `first` and `last` are instants, `touchpoints` is the total.
    """

    source: str
    touchpoints: int
    first: int
    last: int
    months: Mapping[int, int]

    @property
    def span(self) -> Sequence[int]:
        """Touchpoints per month, from the first to the last month."""
        return [self.months.get(month, 0) for month in range(self.begins, self.ends + 1)]

    @property
    def begins(self) -> int:
        """The first month."""
        return min(self.months)

    @property
    def ends(self) -> int:
        """The last month."""
        return max(self.months)

    @property
    def empty(self) -> int:
        """Number of months without a touchpoint between the first and the last."""
        return self.span.count(0)


@dataclass(frozen=True)
class Holdings:
    """The complete inventory of a log.

    `sorts` has one row per combination of `SORT` and month. `lines` has each supporter's `at`
    (start of the line; null without one) and `acts`. `busy` has the days on which a supporter had
    more than `MOST_A_DAY` acts: `supporter`, `day` (number) and `touchpoints`. `nobody` has the
    supporters who are placeholders.
    """

    sorts: pl.DataFrame
    lines: pl.DataFrame
    busy: pl.DataFrame
    nobody: pl.Series
    organisation: Organisation
    kinds: Kinds

    @property
    def touchpoints(self) -> int:
        """Number of all touchpoints."""
        return int(self.sorts["touchpoints"].sum())

    @property
    def last(self) -> int | None:
        """The instant of the last touchpoint."""
        last = self.sorts["last"].max()
        return last if isinstance(last, int) else None

    def sources(self) -> dict[str, Holding]:
        """Return the holding of all touchpoints per source, by name."""
        return {holding.source: holding for holding in _holdings(self.sorts)}

    def by_kind(self) -> list[tuple[str, str | None, Holding]]:
        """Return (kind, direction, holding), by source and then by descending number.

        The direction is None where it is the usual one of the kind.
        """
        rows_by_kind = []
        for (kind, direction), rows in self.sorts.group_by("kind", "direction"):
            usual = self.kinds.find(str(kind)).direction if kind in self.kinds else None
            unusual = None if direction in (usual, None) else str(direction)
            rows_by_kind += [(str(kind), unusual, holding) for holding in _holdings(rows)]
        return sorted(rows_by_kind, key=_order)

    def of(self, selector: Selector) -> list[Holding]:
        """Return the holding per source of what a plain selector selects, by name."""
        sorts = self.sorts.select(SORT).unique(maintain_order=True)
        rows = [
            Row(id=n, supporter=0, at=0, **sort)
            for n, sort in enumerate(sorts.iter_rows(named=True))
        ]
        # The reference evaluator judges each sort as if it were one touchpoint of one supporter.
        history = History.from_rows(rows, self.organisation, self.kinds)
        chosen = {fact.id for fact in Evaluation(history, self.organisation).select(selector)}
        mine = sorts.filter(pl.Series([n in chosen for n in range(len(sorts))], dtype=pl.Boolean))
        return _holdings(self.sorts.join(mine, on=SORT, how="semi", nulls_equal=True))


def _order(row: tuple[str, str | None, Holding]) -> tuple[str, int, str, str]:
    kind, direction, held = row
    return held.source, -held.touchpoints, kind, direction or ""


def _holdings(sorts: pl.DataFrame) -> list[Holding]:
    holdings = []
    by_source = sorts.group_by("source", "month").agg(
        pl.col("touchpoints").sum(), pl.col("first").min(), pl.col("last").max()
    )
    for (source,), rows in by_source.group_by("source"):
        months = dict(rows.sort("month").select("month", "touchpoints").iter_rows())
        first, last = rows["first"].min(), rows["last"].max()
        assert isinstance(first, int)  # of instants  # noqa: S101
        assert isinstance(last, int)  # noqa: S101
        holdings.append(Holding(str(source), sum(months.values()), first, last, months))
    return sorted(holdings, key=lambda holding: holding.source)


@dataclass
class Counting:
    """A counter of touchpoint frames, in any order and of any size."""

    organisation: Organisation
    kinds: Kinds
    _sorts: pl.DataFrame | None = None
    _lines: list[pl.DataFrame] = field(default_factory=list)
    _busy: list[pl.DataFrame] = field(default_factory=list)
    _nobody: list[pl.Series] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        """Count the rows of a frame, which needs `supporter` and the columns of `COLUMNS`."""
        if frame.is_empty():
            return
        days = days_of(self._calendar, frame["at"].to_numpy())
        known = frame.select("supporter", *COLUMNS).with_columns(
            pl.Series("day", days), pl.Series("month", months_of(days))
        )
        self._nobody.append(known.filter(pl.col("kind") == "placeholder")["supporter"].unique())
        self._add_sorts(known.filter(~pl.col("kind").is_in(_ASIDE)))
        self._add_people(known)

    @property
    def _calendar(self) -> Calendar:
        return self.organisation.calendar

    def _add_sorts(self, known: pl.DataFrame) -> None:
        at = pl.col("at")
        counted = known.group_by(*SORT, "month").agg(
            pl.len().cast(pl.Int64).alias("touchpoints"),
            at.min().alias("first"),
            at.max().alias("last"),
        )
        parts = [counted] if self._sorts is None else [self._sorts, counted]
        self._sorts = pl.concat(parts).group_by(*SORT, "month").agg(
            pl.col("touchpoints").sum(), pl.col("first").min(), pl.col("last").max()
        )  # fmt: skip

    def _add_people(self, known: pl.DataFrame) -> None:
        families = {name: kind.family for name, kind in self.kinds.items()}
        family = pl.col("kind").replace_strict(families, default="", return_dtype=pl.String)
        lining = known.with_columns(family.alias("family"))
        begins = pl.col("at").filter(pl.col("family") != "status").min()
        act = (pl.col("direction") == "inbound") & pl.col("family").is_in(_ACTS)
        people = lining.group_by("supporter").agg(
            begins.alias("at"), act.sum().cast(pl.Int64).alias("acts")
        )
        self._lines.append(people)
        if len(self._lines) > _PILE:
            self._lines = [self._people()]
        days = lining.filter(act).group_by("supporter", "day").agg(
            pl.len().cast(pl.Int64).alias("touchpoints")
        )  # fmt: skip
        self._busy.append(days.filter(pl.col("touchpoints") > MOST_A_DAY))

    def _people(self) -> pl.DataFrame:
        whole = pl.concat(self._lines)
        return whole.group_by("supporter").agg(pl.col("at").min(), pl.col("acts").sum())

    def whole(self) -> Holdings:
        """Return the inventory of all frames added so far."""
        sorts, key = self._sorts, pl.String
        lines = self._people() if self._lines else pl.DataFrame(schema=_LINES)
        if len(lines):
            key = lines.schema["supporter"]  # type: ignore[assignment]
        busy = pl.concat(self._busy) if self._busy else pl.DataFrame(schema=_BUSY)
        nobody = pl.concat(self._nobody).unique() if self._nobody else pl.Series([], dtype=key)
        return Holdings(
            pl.DataFrame(schema=_SORTS) if sorts is None else sorts.sort(*SORT, "month"),
            lines.sort("supporter"),
            busy,
            nobody,
            self.organisation,
            self.kinds,
        )


_PILE: Final = 32
"""Number of supporter frames kept before they are added up: whole frames can contain a supporter
often."""
_SORTS: Final = {
    **dict.fromkeys(SORT, pl.String),
    **dict.fromkeys(("month", "touchpoints", "first", "last"), pl.Int64),
}
_LINES: Final = {"supporter": pl.String, "at": pl.Int64, "acts": pl.Int64}
_BUSY: Final = {"supporter": pl.String, "day": pl.Int64, "touchpoints": pl.Int64}


def sum_by_unit(months: Sequence[int], most: int) -> tuple[list[int], str]:
    """Return the numbers by month, quarter or year, and that unit.

    The unit is the smallest with at most `most` numbers. The last group ends with the last month;
    the first may be shorter than the unit. Years are cut to the last `most`.
    """
    for size, unit in ((1, "month"), (3, "quarter"), (12, "year")):
        padded = [*([0] * (-len(months) % size)), *months]
        sums = [sum(padded[n : n + size]) for n in range(0, len(padded), size)]
        if len(sums) <= most or size == 12:  # noqa: PLR2004
            return sums[-most:], unit
    return [], "month"
