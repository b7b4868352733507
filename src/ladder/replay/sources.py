"""Where a replay's touchpoints come from: files, frames, anything that yields batches of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl

from ladder.importers.importer import Batch, read
from ladder.importers.mapping import Mapping
from ladder.model.kinds import Kinds
from ladder.model.organisations import Organisation


@dataclass(frozen=True)
class Source:
    """Touchpoints in batches, and what the diary of imports says of them.

    A source is read once. `name` is the file's, `digest` a hash of its bytes.
    """

    batches: Iterable[Batch]
    name: str = ""
    digest: str = ""
    mapping: str = ""

    @classmethod
    def of_file(
        cls, path: str | Path, mapping: Mapping, organisation: Organisation, kinds: Kinds
    ) -> Self:
        """A CSV, Parquet or JSON Lines file, read by a mapping."""
        return cls(
            read(path, mapping, organisation, kinds),
            name=Path(path).name,
            digest=digest_of(path),
            mapping=mapping.text(),
        )

    @classmethod
    def of_frames(cls, *frames: pl.DataFrame, name: str = "frames") -> Self:
        """Touchpoint frames; a column `row`, where there is one, numbers their rows."""
        return cls(_batches(frames), name=name)


def digest_of(path: str | Path) -> str:
    """SHA-256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _batches(frames: Iterable[pl.DataFrame]) -> Iterator[Batch]:
    frames, done = list(frames), 0
    total = sum(map(len, frames))
    for frame in frames:
        numbers = pl.int_range(done, done + len(frame), eager=True, dtype=pl.Int64)
        rows = frame["row"] if "row" in frame.columns else numbers
        done += len(frame)
        yield Batch(
            frame=frame,
            rows=rows.alias("row"),
            refused=(),
            rows_read=len(frame),
            ignored=0,
            bytes_done=done,
            bytes_total=total,
        )
