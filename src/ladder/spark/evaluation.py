"""From a Spark frame of touchpoints to Spark frames of movements, findings and first instants."""

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
from ladder.spark.parts import PART_ROWS
from ladder.spark.tables import TABLES, spark_schema
from ladder.spark.workers import Work


@dataclass(frozen=True)
class Result:
    """The columns of `ladder.engines.columnar.Result`, as Spark frames not yet computed.

    Each of the three that is asked for on its own evaluates everything: use `write`, or ask within
    `kept()`.
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
        """Supporter and where her line begins."""
        return self._table("first_at")

    @contextmanager
    def kept(self) -> Iterator[Result]:
        """Evaluate once, whatever is asked inside; in the workers' memory, or on their disks."""
        self.together.persist()
        try:
            with readable():
                yield self
        finally:
            self.together.unpersist()

    def write(self, folder: str, *, overwrite: bool = False) -> None:
        """As Parquet: `movements`, `findings` and `first_at` below the folder, evaluated once.

        Raises a worker's `LadderError`; each table is there and whole when its `_SUCCESS` is.
        """
        mode = "overwrite" if overwrite else "error"
        with self.kept():
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
    `id`: unique whole numbers, which `causes` names. It is taken to hold everybody. Neither
    `partitions` (`spark.sql.shuffle.partitions` unless told) nor `part_rows` (what a worker
    evaluates at one time) changes an answer.

    Raises `ImportFileError` for columns that are missing or of another type, at once; what the
    workers refuse (a kind that is unknown, a currency without a rate) comes when rows are asked
    for: see `readable`.
    """
    rows = inputs.lines(inputs.taken(frame, ladder), ladder.kinds)
    number = () if partitions is None else (partitions,)
    # By line and not by a bucket of lines: a worker cuts what it reads into parts of whole
    # supporters itself, so nobody has to guess how many buckets fit into its memory.
    whole = rows.repartition(*number, "line").sortWithinPartitions("line", "own", "at", "id")
    named = pl.String() if dict(frame.dtypes)["supporter"] == "string" else pl.Int64()
    work = Work(Definition.of(ladder, organisation, coverage), part_rows)
    return Result(whole.mapInArrow(work, spark_schema(named)))
