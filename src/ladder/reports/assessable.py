"""Of how many supporters a pattern can be judged at all: the rest is not known, and not clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
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
    needs = list(dict.fromkeys(each.needs for each in ladder.patterns if each.needs is not None))
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
