"""What a log holds: how many touchpoints of each sort came in each month, from which source.

Read once, in parts, and added up at once: what stays in memory is a row for each source, sort and
month, and one for each supporter (where her line begins, how much she did).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

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
"""What tells sorts of touchpoint apart, as far as coverage is declared of them."""
COLUMNS: Final = ("at", *SORT)
"""The columns of a touchpoint frame that are looked at, besides `supporter`."""

_ASIDE: Final = ("placeholder", "placed")
"""Kinds that are said about people and are no contact."""
_ACTS: Final = ("money", "time", "voice", "word")
"""Families of which nobody does more than so many a day."""


@dataclass(frozen=True)
class Holding:
    """What one source holds of some sort: `months` are touchpoints by month since January 1970.

    `first` and `last` are instants, `touchpoints` how many.
    """

    source: str
    touchpoints: int
    first: int
    last: int
    months: Mapping[int, int]

    @property
    def span(self) -> Sequence[int]:
        """How many in each month from the first to the last of them."""
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
        """Months between the first and the last in which there was none."""
        return self.span.count(0)


@dataclass(frozen=True)
class Holdings:
    """Everything that was counted.

    `sorts` has a row for each of `SORT` and month; `lines` each supporter's `at` (where her line
    begins; null where it has not) and `acts`; `busy` whoever did more than so much on one day, by
    `supporter`, `day` (number) and `touchpoints`; `nobody` the supporters who are placeholders.
    """

    sorts: pl.DataFrame
    lines: pl.DataFrame
    busy: pl.DataFrame
    nobody: pl.Series
    organisation: Organisation
    kinds: Kinds

    @property
    def touchpoints(self) -> int:
        """How many there are in all."""
        return int(self.sorts["touchpoints"].sum())

    @property
    def last(self) -> int | None:
        """The instant of the last touchpoint."""
        found = self.sorts["last"].max()
        return found if isinstance(found, int) else None

    def sources(self) -> dict[str, Holding]:
        """What each source holds of everything, by name."""
        return {each.source: each for each in _holdings(self.sorts)}

    def by_kind(self) -> list[tuple[str, str | None, Holding]]:
        """(kind, direction, holding) by source and then by number; the direction where unusual."""
        found = []
        for (kind, direction), rows in self.sorts.group_by("kind", "direction"):
            usual = self.kinds.find(str(kind)).direction if kind in self.kinds else None
            shown = None if direction in (usual, None) else str(direction)
            found += [(str(kind), shown, each) for each in _holdings(rows)]
        return sorted(found, key=_order)

    def of(self, selector: Selector) -> list[Holding]:
        """What each source holds of what a plain selector selects, by name."""
        sorts = self.sorts.select(SORT).unique(maintain_order=True)
        rows = [
            Row(id=n, supporter=0, at=0, **_said(sort))
            for n, sort in enumerate(sorts.iter_rows(named=True))
        ]
        # The reference evaluator judges each sort as if it were one touchpoint of one supporter.
        history = History.from_rows(rows, self.organisation, self.kinds)
        chosen = {fact.id for fact in Evaluation(history, self.organisation).select(selector)}
        mine = sorts.filter(pl.Series([n in chosen for n in range(len(sorts))], dtype=pl.Boolean))
        return _holdings(self.sorts.join(mine, on=SORT, how="semi", nulls_equal=True))


def _order(each: tuple[str, str | None, Holding]) -> tuple[str, int, str, str]:
    kind, direction, held = each
    return held.source, -held.touchpoints, kind, direction or ""


def _said(sort: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sort[name] for name in SORT}


def _holdings(sorts: pl.DataFrame) -> list[Holding]:
    found = []
    by_source = sorts.group_by("source", "month").agg(
        pl.col("touchpoints").sum(), pl.col("first").min(), pl.col("last").max()
    )
    for (source,), rows in by_source.group_by("source"):
        months = dict(rows.sort("month").select("month", "touchpoints").iter_rows())
        first, last = rows["first"].min(), rows["last"].max()
        assert isinstance(first, int)  # of instants  # noqa: S101
        assert isinstance(last, int)  # noqa: S101
        found.append(Holding(str(source), sum(months.values()), first, last, months))
    return sorted(found, key=lambda each: each.source)


@dataclass
class Counting:
    """Adds up frames of touchpoints, in any order and of any size."""

    organisation: Organisation
    kinds: Kinds
    _sorts: pl.DataFrame | None = None
    _lines: list[pl.DataFrame] = field(default_factory=list)
    _busy: list[pl.DataFrame] = field(default_factory=list)
    _nobody: list[pl.Series] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        """Count these too: `supporter` and the columns of `COLUMNS`."""
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
        """What was counted."""
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
"""Frames of people that are kept before they are added up: whole ones may name a person often."""
_SORTS: Final = {
    **dict.fromkeys(SORT, pl.String),
    **dict.fromkeys(("month", "touchpoints", "first", "last"), pl.Int64),
}
_LINES: Final = {"supporter": pl.String, "at": pl.Int64, "acts": pl.Int64}
_BUSY: Final = {"supporter": pl.String, "day": pl.Int64, "touchpoints": pl.Int64}


def grouped(months: Sequence[int], most: int) -> tuple[list[int], str]:
    """The same numbers by month, quarter or year, whichever makes at most so many, and which.

    The last one ends with the last month; the first may be of a shorter time.
    """
    for size, unit in ((1, "month"), (3, "quarter"), (12, "year")):
        padded = [*([0] * (-len(months) % size)), *months]
        sums = [sum(padded[n : n + size]) for n in range(0, len(padded), size)]
        if len(sums) <= most or size == 12:  # noqa: PLR2004
            return sums[-most:], unit
    return [], "month"
