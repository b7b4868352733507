"""A CSV file of supporters that is written part by part."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import polars as pl

from ladder.model.calendars import FOREVER


class PeopleFile:
    """A CSV file that is either complete or absent; times are in the organisation's zone."""

    def __init__(self, path: Path, zone: str) -> None:
        self.path, self.zone = path, zone
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._file: BinaryIO | None = None
        self._begun = False

    def __enter__(self) -> Self:
        self._file = self._partial.open("wb")
        return self

    def write(self, rows: pl.DataFrame) -> None:
        """Append rows."""
        if self._file is None:
            return
        times = [
            pl.when(pl.col(name) < FOREVER)
            .then(pl.from_epoch(name, "us").dt.replace_time_zone("UTC"))
            .dt.convert_time_zone(self.zone)
            .dt.to_string("%Y-%m-%dT%H:%M:%S%:z")
            .alias(name)
            for name in ("since", "until")
        ]
        rows = rows.with_columns(times).rename({"before": "from", "after": "to"})
        rows.write_csv(self._file, include_header=not self._begun)
        self._begun = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            if not self._begun:
                self._file.write(b"supporter,from,to,difference,since,until\n")
            self._file.close()
        if error is None:
            self._partial.replace(self.path)
        self._partial.unlink(missing_ok=True)
