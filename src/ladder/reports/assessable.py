"""Of how many supporters a pattern can be judged at all: the rest is not known, and not clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ladder.columnar import columns, episodes_of_lines, evaluate
from ladder.conditions import count
from ladder.coverage import BEGINNING, Coverage, Lack, lacks, only_logged
from ladder.ladders import Grade, Ladder, Pattern
from ladder.nodes import Condition
from ladder.selectors import Anything
from ladder.spans import Ever
from ladder.storage.answers import Finding
from ladder.storage.parts import read_parts
from ladder.storage.spells import begun
from ladder.storage.store import Store


@dataclass(frozen=True)
class Judged:
    """What became of one pattern at an instant, in numbers of supporters.

    `found` by severity, the gravest first; `clear` and `not_assessable` are the others. `reason` is
    the pattern's word on what would have to be logged, `missing` what nobody has declared of that,
    for those whose line began first.
    """

    pattern: Pattern
    found: dict[str, int]
    clear: int
    not_assessable: int
    reason: str
    missing: tuple[Lack, ...] = ()

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
    silent: pl.Series,
) -> list[Judged]:
    """One for each pattern, in the ladder's order.

    `findings` are those open at the instant, `people` how many supporters there are then without
    the `silent`, of whom nothing but duties is told whichever instant is asked about.
    """
    declared, open_, hidden = tuple(coverage), list(findings), set(silent)
    lines = begun(store).filter(pl.col("at") <= at)
    shown = lines.filter(~pl.col("supporter").is_in(silent.implode()))
    known = _assessable(store, ladder, declared, at, shown, silent)
    result = []
    for pattern in ladder.patterns:
        mine = [each for each in open_ if each.pattern == pattern.key]
        counted = Counter(each.severity for each in mine)
        found: dict[str, int] = {
            grade.severity: counted[grade.severity] for grade in reversed(pattern.grades)
        }
        theirs = sum(each.supporter_id not in hidden for each in mine)
        number = people if pattern.needs is None else known[pattern.needs]
        missing = max(0, people - max(number, theirs))
        reason = pattern.needs_words or ("" if pattern.needs is None else str(pattern.needs))
        lacking = _lacking(store, ladder, declared, pattern, at, shown) if missing else ()
        clear = max(0, number - theirs)
        result.append(Judged(pattern, found, clear, missing, reason if missing else "", lacking))
    return result


def _lacking(
    store: Store,
    ladder: Ladder,
    coverage: Sequence[Coverage],
    pattern: Pattern,
    at: int,
    lines: pl.DataFrame,
) -> tuple[Lack, ...]:
    first = lines["at"].min()
    begins = first if isinstance(first, int) else BEGINNING
    assert pattern.needs is not None  # nobody lacks what nothing needs  # noqa: S101
    calendar = store.organisation.calendar
    return tuple(lacks(pattern.needs, coverage, ladder.kinds, calendar, at=at, begun=begins))


def _assessable(
    store: Store,
    ladder: Ladder,
    coverage: tuple[Coverage, ...],
    at: int,
    lines: pl.DataFrame,
    silent: pl.Series,
) -> dict[Condition, int]:
    """For each condition that a pattern needs: of how many it is true at the instant.

    What is a matter of declarations alone is told from where the lines begin; only for the rest
    are histories read.
    """
    needs = list(dict.fromkeys(each.needs for each in ladder.patterns if each.needs is not None))
    now = (pl.col("start") <= at) & (pl.col("end") > at)
    known: dict[Condition, int] = {}
    for each in filter(only_logged, needs):
        met = episodes_of_lines(each, lines, ladder, store.organisation, coverage)
        known[each] = met.filter(now)["supporter"].n_unique()
    others = [each for each in needs if each not in known]
    return known | _in_histories(store, ladder, coverage, others, at, silent)


def _in_histories(
    store: Store,
    ladder: Ladder,
    coverage: tuple[Coverage, ...],
    needs: Sequence[Condition],
    at: int,
    silent: pl.Series,
) -> dict[Condition, int]:
    if not needs:
        return {}
    asked = _asking(ladder, needs)
    found: Counter[str] = Counter()
    shown = ~pl.col("supporter").is_in(silent.implode())
    now = (pl.col("at") <= at) & (pl.col("until") > at) & shown
    for part in read_parts(store, columns=columns(asked)):
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
