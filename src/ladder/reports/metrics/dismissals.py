"""Dismissed serious findings: the times at which all of a supporter's findings are dismissed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Final, Self

import polars as pl

from ladder.language.nodes import Condition
from ladder.model.calendars import FOREVER
from ladder.model.intervals import Episode, Episodes, minus, union

SCHEMA: Final = {
    "supporter": pl.Int64, "condition": pl.String, "start": pl.Int64, "end": pl.Int64,
}  # fmt: skip
_ALL: Final = "found"
_OTHERS: Final = "found otherwise"
_OF: Final = "found as "


@dataclass(frozen=True)
class Dismissals:
    """Times during which findings were dismissed, per supporter and pattern."""

    stretches: Mapping[int, Mapping[str, Episodes]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[int, str, int, int | None]]) -> Self:
        """Build from rows of (supporter, pattern, at, until); `until` None means open-ended."""
        by_supporter: dict[int, dict[str, list[Episode]]] = defaultdict(lambda: defaultdict(list))
        for supporter, pattern, at, until in rows:
            by_supporter[supporter][pattern].append((at, FOREVER if until is None else until))
        joined = (
            (supporter, {key: union(when) for key, when in mine.items()})
            for supporter, mine in by_supporter.items()
        )
        return cls(dict(joined))

    def __bool__(self) -> bool:
        return bool(self.stretches)

    def conditions(self, serious: Mapping[str, Condition]) -> dict[str, Condition]:
        """Name the conditions to evaluate.

        All findings together, dismissed patterns one by one, and the other patterns together.
        """
        apart = {key for mine in self.stretches.values() for key in mine} & serious.keys()
        conditions = {_ALL: reduce(or_, serious.values())}
        conditions |= {f"{_OF}{key}": serious[key] for key in sorted(apart)}
        rest = [condition for key, condition in serious.items() if key not in apart]
        if apart and rest:
            conditions[_OTHERS] = reduce(or_, rest)
        return conditions

    def hiding(self, episodes: pl.DataFrame) -> pl.DataFrame:
        """Return the episodes in which all serious findings of a supporter are dismissed."""
        supporters = pl.Series(sorted(self.stretches), dtype=pl.Int64)
        theirs = episodes.filter(pl.col("supporter").is_in(supporters.implode()))
        by_condition: dict[int, dict[str, list[Episode]]] = defaultdict(lambda: defaultdict(list))
        for supporter, condition, start, end in theirs.select(*SCHEMA).iter_rows():
            by_condition[supporter][condition].append((start, end))
        rows = [
            (supporter, _ALL, start, end)
            for supporter, by_name in by_condition.items()
            for start, end in self._hidden(supporter, by_name)
        ]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")

    def _hidden(self, supporter: int, by_name: Mapping[str, list[Episode]]) -> Episodes:
        left = list(by_name.get(_OTHERS, ()))
        for condition, when in by_name.items():
            if condition.startswith(_OF):
                dismissed = self.stretches[supporter].get(condition.removeprefix(_OF), [])
                left += minus(union(when), dismissed)
        return minus(union(by_name.get(_ALL, ())), union(left))
