"""The comparison: read histories once, evaluate the new ladder, and compare with stored results."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import polars as pl

from ladder.coverage import Coverage
from ladder.engines.columnar.projection import Narrow, columns_of
from ladder.engines.columnar.queries import Standing, Standings
from ladder.language.ladders import Ladder, share_kinds
from ladder.language.versions import speaking
from ladder.model.kinds import begin_alike
from ladder.storage import coverage, definitions, supporters
from ladder.storage.adopted_ladders import InForce, in_force
from ladder.storage.read import histories
from ladder.storage.read.filtered_histories import read_narrowly
from ladder.storage.read.history_batches import PART_ROWS, Part, everybody, groups, read_parts
from ladder.storage.read.queries import Queries
from ladder.storage.store import Store
from ladder.storage.transactions import Where, looking
from ladder.whatif.changes import LadderChanges
from ladder.whatif.reasons import Reasons
from ladder.whatif.results import Mover, WhatIf
from ladder.whatif.stored import StoredStandings
from ladder.whatif.tally import Tally

MOST = 100
"""The default number of most affected supporters to report by name, with reasons."""

PEOPLE = 100_000
"""The most supporters in a part if no history needs to be read."""

Item = TypeVar("Item")
Result = TypeVar("Result")
OnProgress = Callable[[int, int], None]
OnMovers = Callable[[pl.DataFrame], None]


def whatif(
    where: Where,
    organisation: str,
    ladder: Ladder,
    *,
    now: int,
    at: int | None = None,
    instead_of: str | None = None,
    most: int = MOST,
    progress: OnProgress | None = None,
    movers: OnMovers | None = None,
    part_rows: int = PART_ROWS,
) -> WhatIf:
    """Compare the places of all supporters by this ladder with their current ones. Writes nothing.

    The current places are those of the ladder with the key `instead_of`. By default it is the
    ladder with the same key, or else the only one there is. If it has several versions, the one in
    force at the instant counts. Its results are read from storage as they are known now. Only the
    new ladder is evaluated, over whole histories, part by part in memory that does not grow with
    them.

    Args:
        where: An engine or a connection.
        organisation: The key of the organisation.
        ladder: The new ladder.
        now: The instant of looking, in microseconds.
        at: The instant of the comparison, past or future; by default `now`.
        instead_of: The key of the ladder to compare with.
        most: The number of most affected supporters to report with reasons.
        progress: Called with the number of finished supporters and the total.
        movers: Called part by part with all supporters who would move, as frames of supporter
            (key), before, after, difference, since, until. The last two are in microseconds
            (null: from the beginning of the line; 2**60: for ever).
        part_rows: The size of a part of the histories, in rows.

    Raises:
        NotFoundError: if the organisation does not exist or has adopted no such ladder.
        CurrencyError: if an amount cannot be converted, as in any evaluation.
    """
    begun = time.perf_counter()
    with looking(where) as connection:
        store = Store.open(connection, organisation)
        comparison = _Comparison.of(store, ladder, instead_of, now if at is None else at, now)
        tally = Tally(comparison.old, comparison.new, most, movers and _with_keys(store, movers))
        tally.keep(comparison.count_kept())
        total, finished = supporters.count(store), 0
        calendar = store.organisation.calendar
        for ids, old, new in comparison.standings_by_part(part_rows):
            tally.add(ids, old, new, calendar)
            finished += len(ids)
            if progress is not None:
                progress(finished, total)
        return WhatIf(
            comparison.old, comparison.new, comparison.at, now,
            tally.sorted_steps(), tally.higher, tally.lower, tuple(_movers(comparison, tally)),
            tuple(sorted(tally.years.items())), tally.changes(), tally.left_out,
            time.perf_counter() - begun,
        )  # fmt: skip


class _Comparison(NamedTuple):
    """The subject of a comparison: the two ladders with the kinds of all, and the instants."""

    store: Store
    root: int
    old: Ladder
    new: Ladder
    changed: LadderChanges
    begins: bool
    covered: tuple[Coverage, ...]
    at: int
    now: int

    @classmethod
    def of(
        cls, store: Store, ladder: Ladder, instead_of: str | None, at: int, now: int
    ) -> _Comparison:
        by_key = {adopted.definition.key: adopted for adopted in in_force(store)}
        key = instead_of or (ladder.key if ladder.key in by_key else None)
        held: InForce = by_key[definitions.current(store, key).key]
        known = [version.ladder for adopted in by_key.values() for version in adopted.versions]
        new, *_ = share_kinds([ladder, *known])
        old = speaking(held.versions, at)
        return cls(
            store, held.definition.root, old, new, LadderChanges.between(old, new),
            all(begin_alike(ladder.kinds, new.kinds) for ladder in known),
            coverage.declared(store, new.kinds), at, now,
        )  # fmt: skip

    def count_kept(self) -> dict[str, int]:
        """Count the open findings of patterns that mean the same in both ladders."""
        same = {pattern.key for pattern in self.new.patterns} - set(self.changed.keys)
        duties = [pattern.key for pattern in self.old.patterns if pattern.safeguard]
        ask = Queries(self.store, self.now, self.old.key, duties)
        numbers = Counter[str]()
        for (pattern, _), number in ask.finding_counts(self.at).items() if same else ():
            numbers[pattern] += number
        return {pattern: numbers[pattern] for pattern in same}

    def standings_by_part(self, part_rows: int) -> Iterator[tuple[pl.Series, Standings, Standings]]:
        """Yield per part the supporters (ids), their stored standings and their new ones."""
        stored = StoredStandings.read(
            self.store, self.root, at=self.at, now=self.now, patterns=self.changed.keys
        )
        question = Standing(self.new, self.at, self.now, self.changed.places, self.changed.patterns)
        if not list(question.conditions()):
            for ids in groups(everybody(self.store), PEOPLE):
                old = stored.of(ids)
                yield ids, old, old._replace(findings=old.findings.clear())
            return

        def evaluate(part: Part) -> Standings:
            organisation = self.store.organisation
            return question.of(part.frame, organisation, self.covered, part.brought)

        for part, new in with_results(self._read(question, part_rows), evaluate):
            old = stored.of(part.supporters)
            yield (
                part.supporters,
                old,
                new if self.changed.places else old._replace(findings=new.findings),
            )

    def _read(self, question: Standing, part_rows: int) -> Iterator[Part]:
        """Read the part of all histories that the question needs."""
        conditions = list(question.conditions())
        narrow = Narrow.of(self.new.kinds, conditions) if self.begins else None
        if narrow is not None:
            return read_narrowly(self.store, narrow, part_rows)
        columns = columns_of(conditions)
        return read_parts(self.store, self.new.kinds.values(), columns=columns, max_rows=part_rows)


def _movers(comparison: _Comparison, tally: Tally) -> Iterator[Mover]:
    """Yield the most affected supporters with reasons; this reads one history per supporter."""
    rows = [] if tally.top is None else list(tally.top.iter_rows())
    keys = histories.keys(comparison.store, [row[0] for row in rows])
    reasons = Reasons(
        comparison.store, comparison.old, comparison.new, comparison.covered, comparison.at
    )
    for number, before, after, difference, since, until in rows:
        yield Mover(
            keys[number], before, after, difference, since, until, tuple(reasons.of(number))
        )


def _with_keys(store: Store, movers: OnMovers) -> OnMovers:
    """Wrap `movers` so that it gets the keys of supporters instead of their ids."""

    def tell(rows: pl.DataFrame) -> None:
        keys = histories.keys(store, rows["supporter"].to_list())
        names = pl.Series("supporter", [keys[number] for number in rows["supporter"]])
        movers(rows.with_columns(names))

    return tell


def with_results(
    items: Iterable[Item], work: Callable[[Item], Result]
) -> Generator[tuple[Item, Result]]:
    """Yield items with the results of `work`, in order, and fetch the next item meanwhile.

    Items are fetched in the caller's thread, because a host's connection must not leave it. The
    work is done in another thread. At most three items are in memory at one time.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ladder-whatif") as worker:
        before: tuple[Item, Future[Result]] | None = None
        for item in items:
            job = worker.submit(work, item)
            if before is not None:
                yield before[0], before[1].result()
            before = item, job
        if before is not None:
            yield before[0], before[1].result()
