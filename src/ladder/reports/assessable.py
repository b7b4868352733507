"""Of how many supporters a pattern can be judged at all: the rest is not known, and not clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ladder.columnar import columns, evaluate
from ladder.conditions import count
from ladder.coverage import Coverage
from ladder.ladders import Grade, Ladder, Pattern
from ladder.nodes import Condition
from ladder.selectors import Anything
from ladder.spans import Ever
from ladder.storage.answers import Finding
from ladder.storage.parts import read_parts
from ladder.storage.store import Store


@dataclass(frozen=True)
class Judged:
    """What became of one pattern at an instant, in numbers of supporters.

    `found` by severity, the gravest first, `acknowledged` those of them that are; `dismissed` are
    found too, and apart. `clear` and `not_assessable` are the others, and `reason` says what would
    have to be logged.
    """

    pattern: Pattern
    found: dict[str, int]
    clear: int
    not_assessable: int
    reason: str
    acknowledged: int = 0
    dismissed: int = 0

    @property
    def assessable(self) -> int:
        """Those of whom something can be said."""
        return sum(self.found.values()) + self.dismissed + self.clear


def judged(
    store: Store,
    ladder: Ladder,
    coverage: Iterable[Coverage],
    findings: Iterable[Finding],
    at: int,
    people: int,
    states: Mapping[tuple[str, str, str], int] | None = None,
) -> list[Judged]:
    """One for each pattern, in the ladder's order.

    `findings` are those found at the instant and not dismissed, `people` how many supporters there
    are then, `states` how many findings of each (state, pattern, severity) are handled.
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
        handled = Counter[str]()
        for (state, key, _), how_many in (states or {}).items():
            handled[state] += how_many if key == pattern.key else 0
        all_found = sum(found.values()) + handled["dismissed"]
        needs = ladder.assessable(pattern)
        number = people if needs is None else known[needs]
        clear = max(0, number - all_found)
        missing = max(0, people - max(number, all_found))
        words = pattern.wants if missing else ""
        result.append(
            Judged(
                pattern, found, clear, missing, words, handled["acknowledged"], handled["dismissed"]
            )
        )
    return result


def _assessable(
    store: Store, ladder: Ladder, coverage: tuple[Coverage, ...], at: int
) -> dict[Condition, int]:
    """For each condition that a pattern needs: of how many it is true at the instant."""
    every = map(ladder.assessable, ladder.patterns)
    needs = list(dict.fromkeys(each for each in every if each is not None))
    if not needs:
        return {}
    asked = _asking(ladder, needs)
    found: Counter[str] = Counter()
    now = (pl.col("at") <= at) & (pl.col("until") > at)
    for part in read_parts(store, asked.kinds.values(), columns=columns(asked)):
        said = evaluate(part.frame, asked, store.organisation, coverage, part.brought)
        found.update(dict(said.findings.filter(now)["pattern"].value_counts().iter_rows()))
    return {each: found[f"N{number}"] for number, each in enumerate(needs)}


def _asking(ladder: Ladder, needs: Sequence[Condition]) -> Ladder:
    """A ladder of patterns that find where these conditions hold: all of them in one evaluation.

    One `columnar.episodes` for each would prepare the same histories again and again.
    """
    always = Grade(severity="info", condition=count(Anything(), Ever()) >= 1)
    patterns = tuple(
        Pattern(key=f"N{number}", side="organisation", grades=(always,), needs=each)
        for number, each in enumerate(needs)
    )
    return Ladder(
        key="needs",
        patterns=patterns,
        silent=ladder.silent,
        own_kinds=ladder.own_kinds,
        rates=ladder.rates,
    )
