"""Recompute everything and compare it with the stored results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from ladder.engines import columnar
from ladder.errors import DefinitionError
from ladder.findings import FindingContext, state_mismatches
from ladder.language.ladders import Ladder
from ladder.language.versions import Succession, kinds_of
from ladder.replay.reports import Progress
from ladder.storage import coverage, definitions, models, supporters
from ladder.storage.adopted_ladders import in_force, stored_ladder
from ladder.storage.definitions import Definition, Places
from ladder.storage.frames import fetch, ids
from ladder.storage.read.history_batches import PART_ROWS, Part, read_parts
from ladder.storage.store import Store
from ladder.storage.transactions import Where, looking
from ladder.storage.write.bitemporal_bulk import finding_rows, movement_rows, standing

SCHEMA: Final = {
    "supporter": pl.String(),
    "what": pl.String(),
    "problem": pl.String(),
    "at": pl.Int64(),
    "until": pl.Int64(),
    "told": pl.String(),
}
MISSING: Final = "computed, not stored"
EXTRA: Final = "stored, not computed"


@dataclass(frozen=True)
class Verified:
    """The counts of a verification and its `differences`, of which there should be none.

    The columns of `differences` are supporter (key), what (movement, finding, state or line),
    problem, at, until and told. `movements` and `findings` count the recomputed ones.
    """

    ladder: str
    supporters: int
    movements: int
    findings: int
    differences: pl.DataFrame

    @property
    def fine(self) -> bool:
        """Whether the stored results agree with the touchpoints."""
        return self.differences.is_empty()


def verify(
    where: Where,
    organisation: str,
    *,
    ladder: Ladder | str | None = None,
    progress: Callable[[Progress], None] | None = None,
    part_rows: int = PART_ROWS,
) -> Verified:
    """Compare stored movements, findings and finding states with recomputed ones.

    `ladder` is a key, needed if the organisation has several ladders. It is the ladder itself if
    its document needs macros of the host. Writes nothing.

    Raises:
        NotFoundError: if the organisation or the ladder does not exist.
        DefinitionError: if a ladder differs from the one that was adopted under its key.
    """
    with looking(where) as connection:
        store = Store.open(connection, organisation)
        return _checks(store, ladder, progress or _ignore, part_rows)


def _checks(
    store: Store, ladder: Ladder | str | None, progress: Callable[[Progress], None], part_rows: int
) -> Verified:
    key = ladder.key if isinstance(ladder, Ladder) else ladder
    definition = definitions.current(store, key)
    given = [ladder] if isinstance(ladder, Ladder) else []
    *earlier, last = definitions.adopted(store, definition.key)
    _same(last, given[0] if given else stored_ladder(store, last))
    for each in earlier:
        _same(each, stored_ladder(store, each))
    (meant,) = (
        version for version in in_force(store, *given) if version.definition.id == definition.id
    )
    check = _Check(store, definition, meant.versions)
    total, finished = supporters.count(store), 0
    columns = columnar.columns_all(meant.versions)
    kinds = kinds_of(meant.versions)
    for part in read_parts(store, kinds, columns=columns, max_rows=part_rows):
        check.part(part)
        finished += len(part.supporters)
        progress(Progress("evaluate", definition.key, finished, total))
    check.states()
    return check.result(total)


def _ignore(_: object) -> None:
    """Ignore progress that no caller asked for."""


def _same(definition: Definition, ladder: Ladder) -> None:
    if definition.fingerprint != ladder.fingerprint:
        message = (
            f"ladder {ladder.key} does not mean what was adopted under that key (its document "
            "reads differently now): replay with it first"
        )
        raise DefinitionError(message)


class _Check:
    """A comparison, part by part."""

    def __init__(self, store: Store, definition: Definition, versions: Succession) -> None:
        self.store, self.definition, self.versions = store, definition, versions
        self.coverage = coverage.declared(store, versions[-1].ladder.kinds)
        self.places = Places(store, definition.root).ids(())
        self.movements = self.findings = 0
        self.found: list[pl.DataFrame] = []

    def part(self, part: Part) -> None:
        """Recompute these supporters and note the differences."""
        results = columnar.evaluate_all(
            part.frame, self.versions, self.store.organisation, self.coverage, part.brought
        )
        moved = movement_rows(results.movements, self.places)
        row_list = finding_rows(results.findings)
        self.movements += len(moved)
        self.findings += len(row_list)
        self._compare("movement", part.supporters, moved, pl.format("{} ({})", "kind", "cause"))
        label = pl.format("{} {}", "pattern", "severity")
        self._compare("finding", part.supporters, row_list, label)
        self._lines(part.supporters, results.first_at)

    def _compare(
        self, what: str, supporter_ids: pl.Series, computed: pl.DataFrame, label: pl.Expr
    ) -> None:
        table = {"movement": models.Movement, "finding": models.Finding}[what].__table__
        stored = standing(self.store, self.definition.root, table, supporter_ids)
        on = computed.columns
        for left, right, problem in (
            (computed, stored, MISSING),
            (stored, computed, EXTRA),
        ):
            alone = left.join(right, on=on, how="anti", nulls_equal=True)
            self._note(what, problem, alone.select("supporter_id", "at", "until", told=label))

    def _lines(self, supporter_ids: pl.Series, first_at: pl.DataFrame) -> None:
        stored = fetch(
            self.store.connection,
            "SELECT id, first_at FROM {supporter} "
            "WHERE +organisation_id = :organisation AND id IN :whose",
            ids(["supporter_id", "at"]),
            organisation=self.store.organisation_id,
            whose=supporter_ids.to_list(),
        )
        differing = first_at.select(
            pl.col("supporter").cast(pl.Int64).alias("supporter_id"),
            pl.col("first_at").cast(pl.Int64).alias("until"),
        )
        both = stored.join(differing, on="supporter_id", how="left")
        other = both.filter(pl.col("at").ne_missing(pl.col("until")))
        label = pl.lit("at: as stored, until: as computed")
        self._note("line", "begins elsewhere", other.with_columns(told=label))

    def states(self) -> None:
        """Compare stored finding states with the states that follow from recorded actions."""
        key, root = self.definition.key, self.definition.root
        stored_states = list(
            state_mismatches(FindingContext(self.store, key, root, self.versions, self.coverage))
        )
        for missing, problem in ((True, MISSING), (False, EXTRA)):
            rows = [
                (supporter, pattern.at, pattern.until, f"{pattern.pattern} {pattern.state}")
                for supporter, pattern, lacks in stored_states
                if lacks == missing
            ]
            columns = {**ids(["supporter_id", "at", "until"]), "told": pl.String()}
            self._note("state", problem, pl.DataFrame(rows, schema=columns, orient="row"))

    def _note(self, what: str, problem: str, rows: pl.DataFrame) -> None:
        if len(rows):
            words = {"what": pl.lit(what), "problem": pl.lit(problem)}
            self.found.append(rows.with_columns(**words))

    def result(self, total: int) -> Verified:
        """Return all noted differences, sorted by supporter, instant, what, problem and text."""
        columns = [name for name in SCHEMA if name != "supporter"]
        noted = [rows.select("supporter_id", *columns) for rows in self.found]
        differences = pl.DataFrame(schema=SCHEMA)
        if noted:
            rows = pl.concat(noted)
            keys = fetch(
                self.store.connection,
                "SELECT id, key FROM {supporter} "
                "WHERE +organisation_id = :organisation AND id IN :whose",
                {"supporter_id": pl.Int64(), "supporter": pl.String()},
                organisation=self.store.organisation_id,
                whose=rows["supporter_id"].unique().to_list(),
            )
            named = rows.join(keys, on="supporter_id", how="left").select(*SCHEMA)
            differences = named.sort("supporter", "at", "what", "problem", "told")
        return Verified(self.definition.key, total, self.movements, self.findings, differences)
