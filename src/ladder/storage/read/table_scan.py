"""Scan the touchpoint table once, and keep its rows by portions of supporters.

Touchpoints are stored in order of arrival, so the rows of some supporters are everywhere in the
table. To read a twentieth of the supporters at a time would scan the table twenty times, or look up
rows one by one. So the table is scanned once, in its own order, and sorted into portions. Portions
that exceed the memory limit wait in an unnamed temporary file, which disappears with the process.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ladder.errors import StorageError
from ladder.storage.frames import STORED, fetch, ids
from ladder.storage.store import Store

SLICE_ROWS: Final = 250_000
"""Rows of the table read in one statement: about 50 MB of touchpoints with all columns."""
KEPT_BYTES: Final = 2**28
"""The memory that portions may take before they are moved to the file: a quarter of a gigabyte."""

_STORED_AS: Final = {"supporter": "supporter_id", "referrer": "referrer_id"}


def latest_touchpoint(store: Store) -> int:
    """Return the greatest touchpoint id of all organisations; 0 without any.

    Touchpoints that this transaction adds later have greater ids, on both databases.
    """
    found = fetch(store.connection, "SELECT coalesce(max(id), 0) FROM {touchpoint}", ids(["id"]))
    return int(found["id"][0])


def touchpoints(
    store: Store,
    names: Sequence[str],
    which: str,
    **given: Any,  # noqa: ANN401  (whatever a driver binds)
) -> pl.DataFrame:
    """Read the organisation's touchpoints for which `which` is true.

    `names` are columns of `frames.STORED`. The `+` keeps SQLite off the organisation's index, which
    leads to one row at a time.
    """
    fields = ", ".join(_STORED_AS.get(name, name) for name in names)
    return fetch(
        store.connection,
        f"SELECT {fields} FROM {{touchpoint}} "  # noqa: S608  (own names)
        f"WHERE +organisation_id = :organisation AND {which}",
        {name: STORED[name] for name in names},
        organisation=store.organisation_id,
        **given,
    )


def swept(
    store: Store,
    names: Sequence[str],
    which: str = "1 = 1",
    *,
    upto: int | None = None,
    **given: Any,  # noqa: ANN401
) -> Iterator[pl.DataFrame]:
    """Scan the organisation's touchpoints in the table's own order, slice by slice.

    `upto` is the last id to read, by default the latest one.
    """
    last = latest_touchpoint(store) if upto is None else upto
    for low, high in slices(last):
        within = f"id > :low AND id <= :high AND ({which})"
        yield touchpoints(store, names, within, low=low, high=high, **given)


def slices(last: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of ids `(low, high]`, one per statement."""
    return ((low, min(low + SLICE_ROWS, last)) for low in range(0, last, SLICE_ROWS))


class _Piece(NamedTuple):
    """The place of a portion's rows in the file."""

    start: int
    size: int


class Portions:
    """Rows by portions of supporters; `firsts` are the portions' lowest ids, ascending."""

    def __init__(self, firsts: Sequence[int], by: str = "supporter") -> None:
        self.by = by
        self._firsts = np.asarray(firsts, np.int64)
        self._held: list[list[pl.DataFrame]] = [[] for _ in firsts]
        self._aside: list[list[_Piece]] = [[] for _ in firsts]
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """Sort these rows into their portions."""
        which = np.searchsorted(self._firsts, rows[self.by].to_numpy(), side="right") - 1
        code: NDArray[np.unsignedinteger[Any]] = which.astype(_smallest(len(self._firsts)))
        order = np.argsort(code, kind="stable")  # small numbers are sorted by counting
        rows, code = rows[pl.Series(order)], code[order]
        for number, start, size in _runs(code):
            self._held[number].append(rows[start : start + size])
        self._bytes += _size(rows)
        if self._bytes > KEPT_BYTES:
            self._put_aside()

    def take(self, number: int, like: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a portion and forget them; `like` has their columns."""
        aside, held = self._aside[number], self._held[number]
        self._aside[number], self._held[number] = [], []
        return pl.concat([like.clear(), *map(self._read, aside), *held])

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _put_aside(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="ladder-")  # noqa: SIM115  (see `close`)
        try:
            for number, held in enumerate(self._held):
                if held:
                    self._aside[number].append(self._write(pl.concat(held)))
        except OSError as error:
            message = (
                f"histories larger than memory are put aside in {tempfile.gettempdir()}, which has "
                f"no room ({error.strerror}): set TMPDIR to a folder that has"
            )
            raise StorageError(message) from error
        self._held = [[] for _ in self._held]
        self._bytes = 0

    def _write(self, rows: pl.DataFrame) -> _Piece:
        assert self._file is not None  # noqa: S101
        text = io.BytesIO()
        rows.write_ipc_stream(text, compression="lz4")
        start = self._file.seek(0, io.SEEK_END)
        self._file.write(text.getbuffer())
        self._file.flush()
        return _Piece(start, text.tell())

    def _read(self, piece: _Piece) -> pl.DataFrame:
        assert self._file is not None  # noqa: S101
        self._file.seek(piece.start)
        return pl.read_ipc_stream(io.BytesIO(self._file.read(piece.size)))


def _size(rows: pl.DataFrame) -> int:
    """Estimate bytes in memory; Polars omits the 16 bytes of each text's header."""
    texts = sum(kind == pl.String for kind in rows.dtypes)
    return int(rows.estimated_size()) + 16 * texts * len(rows)


def _smallest(size: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if size <= 2**8 else np.uint16 if size <= 2**16 else np.uint64


def _runs(code: NDArray[np.unsignedinteger[Any]]) -> Iterator[tuple[int, int, int]]:
    """Yield each of these ascending numbers once, with its start and its length."""
    if not len(code):
        return
    starts = np.concatenate(([0], np.flatnonzero(code[1:] != code[:-1]) + 1))
    sizes = np.diff(starts, append=len(code))
    yield from zip(code[starts].tolist(), starts.tolist(), sizes.tolist(), strict=True)
