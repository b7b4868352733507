"""Replay: read files and write the movements and findings of all supporters, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from ladder import documents
from ladder.coverage import Coverage
from ladder.engines import columnar
from ladder.errors import ImportFileError
from ladder.findings import FindingContext, refresh_all
from ladder.importers.importer import Batch
from ladder.importers.rejections import Refused
from ladder.language.ladders import Ladder
from ladder.language.versions import kinds_of, speaking
from ladder.model.organisations import Organisation
from ladder.replay.guards import Guard
from ladder.replay.reports import Progress, Report, Tally, unassessable
from ladder.replay.sources import Source
from ladder.storage import coverage as coverages
from ladder.storage import definitions, imports, supporters
from ladder.storage.adopted_ladders import InForce, in_force
from ladder.storage.imports import Import
from ladder.storage.indexes import built_afterwards
from ladder.storage.read.finding_intervals import silent_at
from ladder.storage.read.history_batches import PART_ROWS, affected, read_parts
from ladder.storage.read.table_scan import latest_touchpoint
from ladder.storage.store import Store
from ladder.storage.transactions import Where, changing
from ladder.storage.write.bitemporal_bulk import WRITTEN, Writer, count_rows
from ladder.storage.write.bulk_load import LOADED, Loader

Guards = Sequence[Guard]
OnProgress = Callable[[Progress], None]
OnRefused = Callable[[Sequence[Refused]], None]


def replay(
    where: Where,
    organisation: Organisation,
    ladder: Ladder,
    sources: Iterable[Source] = (),
    *,
    now: int,
    coverage: Iterable[Coverage] = (),
    document: str | None = None,
    progress: OnProgress | None = None,
    refused: OnRefused | None = None,
    part_rows: int = PART_ROWS,
    allow_reimport: bool = False,
    recompute: bool = False,
) -> Report:
    """Store touchpoints, then recompute the supporters that they affect.

    Given an engine, everything is one transaction: a replay that is killed leaves the database as
    it was. Given a connection, the transaction is the caller's. Replaying the same sources twice
    changes nothing.

    All supporters are recomputed if the meaning of the ladder or the declared coverage is new;
    otherwise only those with new touchpoints. The other ladders of the organisation are brought up
    to date for them too. No definition changes if the ladder means the same as the version
    that is in force now, or as the last version. Any other ladder with that key is adopted from the
    beginning of time (`CRM.adopt` can adopt it from a date).

    A file may have been read before with another mapping. If none of its touchpoints then has a
    known id, all would count twice, and the file is rejected unless `allow_reimport` is set.

    Args:
        where: An engine or a connection.
        organisation: The organisation; created if it does not exist.
        ladder: The ladder to replay with.
        sources: The touchpoints. Every source is read once.
        now: The instant (microseconds) at which all this becomes known.
        coverage: Declarations of coverage to add.
        document: The ladder as TOML; derived from `ladder` if left out.
        progress: Called with the progress.
        refused: Called per batch with the rejected rows: unreadable, of an unknown kind, in a
            currency without a rate, or in conflict with stored touchpoints.
        part_rows: The size of a part of the histories, in rows.
        allow_reimport: Accept a file that was read before with another mapping.
        recompute: Evaluate all supporters, including unchanged ones.

    Raises:
        StorageError: if the disk is full or the database cannot go on.
        ImportFileError: if a file cannot be read at all, or would count twice.
        LadderError: any error of the evaluation. After an error nothing is changed.
    """
    run = _Run(
        ladder, now, progress or _ignore, refused or _ignore, part_rows, allow_reimport, recompute
    )
    begun = time.perf_counter()
    with changing(where) as connection:
        store = Store.ensure(connection, organisation)
        report = run.whole(store, sources, coverage, document)
    report.seconds = time.perf_counter() - begun
    return report


@dataclass
class _Run:
    """The settings of one replay."""

    ladder: Ladder
    now: int
    progress: OnProgress
    refused: OnRefused
    part_rows: int
    allow_reimport: bool
    recompute: bool

    def whole(
        self,
        store: Store,
        sources: Iterable[Source],
        declared: Iterable[Coverage],
        document: str | None,
    ) -> Report:
        report = Report()
        store.lock()
        text = documents.dump(self.ladder) if document is None else document
        renamed = False
        known_as = definitions.known(store, self.ladder, self.now)
        if known_as is None:
            definition = definitions.adopt(store, self.ladder, text, now=self.now)
        else:
            definition = known_as
            renamed = definitions.rename(store, known_as, self.ladder, text)
        ladders = in_force(store, self.ladder)
        declared_anew = coverages.declare(store, declared, now=self.now) > 0
        known = latest_touchpoint(store)
        loader = Loader(store, self.now)
        every = (version.ladder for ladder in ladders for version in ladder.versions)
        guards = [Guard(ladder, store.organisation) for ladder in every]
        with built_afterwards(store.connection, LOADED):
            for source in sources:
                report.tally.add(self._load(store, loader, guards, source))
        everybody = self.recompute or declared_anew
        touched = None if everybody else affected(store, known)
        for each in ladders:
            mine = each.definition.key == self.ladder.key
            new = mine and known_as is None
            among = None if new else touched
            self._evaluate(store, each, among, report)
            self._tend(store, each, None if mine and renamed else among)
            if mine:
                covered = coverages.declared(store, each.ladder.kinds)
                speaks = speaking(each.versions, self.now)
                root = each.definition.root
                report.unassessable = unassessable(store, speaks, covered, root, self.now)
        report.supporters = supporters.count(store)
        report.left_out = len(silent_at(store, definition.root, self.now))
        report.movements, report.findings = count_rows(store, definition.root)
        return report

    def _load(self, store: Store, loader: Loader, guards: Guards, source: Source) -> Tally:
        tally = Tally()
        for batch in source.batches:
            tally.add(self._take(loader, guards, batch))
            self.progress(Progress("read", source.name, batch.bytes_done, batch.bytes_total))
        if not self.allow_reimport:
            _not_twice(store, source, tally)
        imports.note(
            store,
            Import(
                source.name, source.digest, source.mapping, self.now, self.now, tally.rows,
                tally.kept, tally.known, tally.refused,
            ),
        )  # fmt: skip
        return tally

    def _take(self, loader: Loader, guards: Guards, batch: Batch) -> Tally:
        """Store one batch; pass rows that importer, guards or store reject to the caller."""
        wrong = _problems_of(guards, batch.frame)
        numbered = batch.frame.with_columns(batch.rows.alias("row"))
        taken = numbered if wrong.is_empty() else _without(numbered, wrong["index"])
        inserted = loader.insert(taken)
        rejections = [*batch.refused]
        rejections += _refusals(batch, numbered[wrong["index"]]["row"], wrong["reason"])
        rejections += _refusals(batch, inserted.conflicts["row"], inserted.conflicts["reason"])
        if rejections:
            self.refused(sorted(rejections, key=lambda item: item.row))
        return Tally(batch.rows_read, inserted.new, inserted.known, len(rejections), batch.ignored)

    def _evaluate(self, store: Store, by: InForce, among: pl.Series | None, report: Report) -> None:
        """Recompute these supporters (None: all) by one ladder and write the differences."""
        ladder, finished = by.ladder, 0
        declared = coverages.declared(store, ladder.kinds)
        writer = Writer(store, by.definition.root, self.now)
        total = supporters.count(store) if among is None else len(among)
        columns = columnar.columns_all(by.versions)
        with built_afterwards(store.connection, *WRITTEN):
            for part in read_parts(
                store, kinds_of(by.versions), columns=columns, among=among, max_rows=self.part_rows
            ):
                results = columnar.evaluate_all(
                    part.frame, by.versions, store.organisation, declared, part.brought
                )
                report.written += writer.write(
                    part.supporters, results.movements, results.findings, results.first_at
                )
                finished += len(part.supporters)
                self.progress(Progress("evaluate", ladder.key, finished, total))
        writer.finish()
        report.evaluated = max(report.evaluated, finished)

    def _tend(self, store: Store, by: InForce, among: pl.Series | None) -> None:
        """Refresh the states of findings on which an operator has acted."""
        declared = coverages.declared(store, by.ladder.kinds)
        judging = FindingContext(
            store, by.definition.key, by.definition.root, by.versions, declared
        )
        refresh_all(judging, now=self.now, among=among)


def _not_twice(store: Store, source: Source, tally: Tally) -> None:
    """Reject a file that would count twice.

    Ids derived from content change with the mapping, so the same file would become other
    touchpoints.
    """
    if not source.digest or not tally.kept or tally.known:
        return
    for earlier in imports.noted(store):
        same_file = earlier.digest == source.digest and earlier.kept + earlier.known > 0
        if same_file and earlier.mapping != source.mapping:
            when = store.organisation.calendar.text(earlier.finished_at)
            message = (
                f"{source.name} was replayed before ({when}) by another mapping, and by this one "
                f"none of its {tally.kept} touchpoints has the id that it had: all would count "
                "twice. Give them their ids back (the mapping's external_id or identity; see "
                "docs/importing.md), or replay into a new database; if both readings are meant, "
                "say so: --allow-reimport (allow_reimport=True)"
            )
            raise ImportFileError(message)


def _problems_of(guards: Guards, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that any of the ladders cannot read, with the first reason of a row."""
    judged = pl.concat([guard.judge(frame) for guard in guards])
    return judged.unique("index", keep="first", maintain_order=True).sort("index")


def _without(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    return frame.filter(~pl.int_range(pl.len()).is_in(rows.implode()))


def _refusals(batch: Batch, rows: pl.Series, reasons: pl.Series) -> Iterator[Refused]:
    numbers = rows.to_list()
    cells = batch.texts(numbers)
    for row, reason in zip(numbers, reasons.to_list(), strict=True):
        yield Refused(row, (reason,), cells.get(row, {}))


def _ignore(_: object) -> None:
    """Ignore a report that no caller asked for."""
