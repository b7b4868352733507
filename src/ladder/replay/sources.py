"""Sources of touchpoints for a replay: files, frames, or any iterable of batches."""

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
    """Touchpoints in batches, with their entry in the import log.

    A source is read once. `name` is the file's name, `digest` the SHA-256 of its bytes, and
    `mapping` the text of its mapping.
    """

    batches: Iterable[Batch]
    name: str = ""
    digest: str = ""
    mapping: str = ""

    @classmethod
    def of_file(
        cls, path: str | Path, mapping: Mapping, organisation: Organisation, kinds: Kinds
    ) -> Self:
        """Read a CSV, Parquet or JSON Lines file with a mapping."""
        return cls(
            read(path, mapping, organisation, kinds),
            name=Path(path).name,
            digest=digest_of(path),
            mapping=mapping.text(),
        )

    @classmethod
    def of_frames(cls, *frames: pl.DataFrame, name: str = "frames") -> Self:
        """Wrap touchpoint frames; an optional column `row` numbers their rows."""
        return cls(_batches(frames), name=name)


def digest_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
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
