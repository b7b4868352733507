"""Of how many supporters a pattern can be judged at all: the rest is not known, and not clear."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ladder.columnar import columns, episodes
from ladder.coverage import Coverage
from ladder.ladders import Ladder, Pattern
from ladder.nodes import Condition
from ladder.storage.answers import Finding
from ladder.storage.parts import read_parts
from ladder.storage.store import Store


@dataclass(frozen=True)
class Judged:
    """What became of one pattern at an instant, in numbers of supporters.

    `found` by severity, the gravest first; `clear` and `not_assessable` are the others, and
    `reason` says what would have to be logged.
    """

    pattern: Pattern
    found: dict[str, int]
    clear: int
    not_assessable: int
    reason: str

    @property
    def assessable(self) -> int:
        """Those of whom something can be said."""
        return sum(self.found.values()) + self.clear


def judged(
    store: Store,
    ladder: Ladder,
    coverage: Iterable[Coverage],
    findings: Iterable[Finding],
    at: int,
    people: int,
) -> list[Judged]:
    """One for each pattern, in the ladder's order.

    `findings` are those open at the instant, `people` how many supporters there are then.
    """
    known = _assessable(store, ladder, tuple(coverage), at)
    open_ = list(findings)
    result = []
    for pattern in ladder.patterns:
        found: dict[str, int] = {}
        for grade in reversed(pattern.grades):
            found[grade.severity] = sum(
                each.pattern == pattern.key and each.severity == grade.severity for each in open_
            )
        number = people if pattern.needs is None else known[pattern.needs]
        clear = max(0, number - sum(found.values()))
        missing = max(0, people - max(number, sum(found.values())))
        reason = pattern.needs_words or ("" if pattern.needs is None else str(pattern.needs))
        result.append(Judged(pattern, found, clear, missing, reason if missing else ""))
    return result


def _assessable(
    store: Store, ladder: Ladder, coverage: tuple[Coverage, ...], at: int
) -> dict[Condition, int]:
    """For each condition that a pattern needs: of how many it is true at the instant."""
    asked = list(dict.fromkeys(each.needs for each in ladder.patterns if each.needs is not None))
    counts = dict.fromkeys(asked, 0)
    if not asked:
        return counts
    now = (pl.col("start") <= at) & (pl.col("end") > at)
    for part in read_parts(store, columns=columns(ladder)):
        for needs in asked:
            condition = needs if ladder.silent is None else needs & ~ladder.silent
            true = episodes(
                condition, part.frame, ladder, store.organisation, coverage, part.brought
            )
            counts[needs] += true.filter(now)["supporter"].n_unique()
    return counts
