"""Tiny exports, and what an importer makes of them, in a form that reads well in a test."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ladder.importers import Mapping, Refused, read
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation

BERLIN = Organisation(key="alder", zone="Europe/Berlin", currency="EUR")

GIFTS = """
source = "crm"
[columns]
supporter = "who"
at = "date"
amount = "amount"
[kinds]
default = "donation"
"""
"""The plainest mapping there is."""


@dataclass(frozen=True)
class Result:
    """All batches of a file together."""

    frame: pl.DataFrame
    refused: tuple[Refused, ...]
    rows_read: int
    ignored: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.frame.to_dicts()

    @property
    def only(self) -> dict[str, Any]:
        assert self.reasons == []
        assert len(self.frame) == 1
        return self.rows[0]

    @property
    def reasons(self) -> list[str]:
        return [reason for each in self.refused for reason in each.reasons]

    def column(self, name: str) -> list[Any]:
        return self.frame[name].to_list()


def imported(
    path: Path,
    mapping: str | Mapping = GIFTS,
    organisation: Organisation = BERLIN,
    batch_rows: int = 50_000,
) -> Result:
    """Read a file through; every batch accounts for each of its rows."""
    if isinstance(mapping, str):
        mapping = Mapping.parse(mapping, "mapping.toml")
        assert Mapping.parse(mapping.text()) == mapping
    batches = list(read(path, mapping, organisation, KINDS, batch_rows=batch_rows))
    for batch in batches:
        told = {*batch.rows.to_list(), *(each.row for each in batch.refused)}
        assert batch.rows_read == len(told) + batch.ignored
        assert len(batch.rows) == len(batch.frame)
    return Result(
        pl.concat([batch.frame for batch in batches]),
        tuple(each for batch in batches for each in batch.refused),
        sum(batch.rows_read for batch in batches),
        sum(batch.ignored for batch in batches),
    )


@dataclass(frozen=True)
class Exports:
    """Writes a file of the test and imports it."""

    folder: Path

    def write(self, text: str, name: str = "gifts.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / name
        data = text.encode(encoding)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def read(
        self,
        text: str,
        mapping: str = GIFTS,
        name: str = "gifts.csv",
        encoding: str = "utf-8",
        organisation: Organisation = BERLIN,
        batch_rows: int = 50_000,
    ) -> Result:
        return imported(self.write(text, name, encoding), mapping, organisation, batch_rows)

    def gift(self, date: str = "2024-05-01", amount: str = "10", **mapping: str) -> Result:
        """One gift with that date and amount, under mapping parts such as dates='zone = ...'."""
        parts = "".join(f"[{name}]\n{text}\n" for name, text in mapping.items())
        row = f"ada\t{date}\t{amount}"
        tabs = f'{GIFTS}\n[file]\ndelimiter = "\\t"\n{parts}'
        return self.read(f"who\tdate\tamount\n{row}\n", tabs)


def at(instant: int) -> str:
    """An instant as its UTC time."""
    return datetime.fromtimestamp(instant / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def shared(*parts: str) -> Path:
    """A real history that lives outside the repository; the test says so where it is absent."""
    root = os.environ.get("LADDER_SHARED_DATA")
    folder = Path(root) if root else Path(__file__).parents[3] / "shared" / "data"
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no real data at {path}: set LADDER_SHARED_DATA to where it is")
    return path
