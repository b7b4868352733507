"""Evaluate a Spark frame of touchpoints to frames of movements, findings and line starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
from pyspark.sql import DataFrame

from ladder.coverage import Coverage
from ladder.language.ladders import Ladder
from ladder.model.organisations import Organisation
from ladder.spark import inputs
from ladder.spark.definition import Definition
from ladder.spark.errors import readable
from ladder.spark.tables import TABLES, spark_schema
from ladder.spark.workers import PART_ROWS, Work


@dataclass(frozen=True)
class Result:
    """The columns of `ladder.engines.columnar.Result`, as Spark frames that are not computed yet.

    Each of the three frames evaluates everything when it is used alone. Use `write`, or use them
    within `cache()`.
    """

    together: DataFrame

    @property
    def movements(self) -> DataFrame:
        """Supporter, at, until, kind, before, after, cause, causes and the rest."""
        return self._table("movements")

    @property
    def findings(self) -> DataFrame:
        """Supporter, pattern, severity, at, until."""
        return self._table("findings")

    @property
    def first_at(self) -> DataFrame:
        """Supporter and the start of their line."""
        return self._table("first_at")

    @contextmanager
    def cache(self) -> Iterator[Result]:
        """Evaluate once for all uses inside; results stay in the workers' memory or on disk."""
        self.together.persist()
        try:
            with readable():
                yield self
        finally:
            self.together.unpersist()

    def write(self, folder: str, *, overwrite: bool = False) -> None:
        """Write Parquet: `movements`, `findings` and `first_at` in the folder, evaluated once.

        A table is complete when its `_SUCCESS` exists.

        Raises:
            LadderError: A worker refused a touchpoint.
        """
        mode = "overwrite" if overwrite else "error"
        with self.cache():
            for table in TABLES:
                self._table(table).write.mode(mode).parquet(f"{folder.rstrip('/')}/{table}")

    def _table(self, name: str) -> DataFrame:
        return self.together.where(f"{name} IS NOT NULL").select(f"{name}.*")


def evaluate(
    frame: DataFrame,
    ladder: Ladder,
    organisation: Organisation,
    coverage: Sequence[Coverage] = (),
    *,
    partitions: int | None = None,
    part_rows: int = PART_ROWS,
) -> Result:
    """Evaluate these touchpoints as `ladder.engines.columnar.evaluate` does, on Spark's workers.

    `frame` has the columns of `ladder.model.touchpoint_frame.SCHEMA` that the ladder reads, and
    `id`: unique whole numbers, to which `causes` refers. It must hold all supporters. Neither
    `partitions` (by default `spark.sql.shuffle.partitions`) nor `part_rows` (rows that a worker
    evaluates at a time) changes a result.

    Errors of the workers (an unknown kind, a currency without a rate) appear when rows are
    computed: see `readable`.

    Raises:
        ImportFileError: Columns are missing or have another type; raised at once.
    """
    rows = inputs.lines(inputs.select_columns(frame, ladder), ladder.kinds)
    number = () if partitions is None else (partitions,)
    # By line instead of a bucket of lines: a worker divides its rows into parts of whole
    # supporters itself, so the number of buckets need not fit its memory.
    whole = rows.repartition(*number, "line").sortWithinPartitions("line", "own", "at", "id")
    named = pl.String() if dict(frame.dtypes)["supporter"] == "string" else pl.Int64()
    work = Work(Definition.of(ladder, organisation, coverage), part_rows)
    return Result(whole.mapInArrow(work, spark_schema(named)))
