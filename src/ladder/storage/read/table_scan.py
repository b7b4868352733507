"""A table gone through once, and its rows kept by portions of supporters.

Touchpoints lie in the table as they came, and some supporters' are everywhere in it: whoever reads
a twentieth of the supporters at one time goes through the whole table twenty times, or looks up one
row after the other. So all is read in the table's own order, once, and sorted into portions on the
way. What grows too large for memory waits in a file that has no name, and is gone with the process
however it ends.
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
"""Rows of the table that are read in one statement: some 50 MB of touchpoints with all columns."""
KEPT_BYTES: Final = 2**28
"""What portions may take in memory before they are put aside: a quarter of a gigabyte."""

_STORED_AS: Final = {"supporter": "supporter_id", "referrer": "referrer_id"}


def latest_touchpoint(store: Store) -> int:
    """The greatest id of any touchpoint, of whichever organisation; 0 when there is none.

    What is added to this transaction afterwards has greater ones, on both databases.
    """
    found = fetch(store.connection, "SELECT coalesce(max(id), 0) FROM {touchpoint}", ids(["id"]))
    return int(found["id"][0])


def touchpoints(
    store: Store,
    names: Sequence[str],
    which: str,
    **given: Any,  # noqa: ANN401  (whatever a driver binds)
) -> pl.DataFrame:
    """The organisation's touchpoints of which that is true: these columns of `frames.STORED`.

    The `+` keeps SQLite off the organisation's index, which leads to one row at a time.
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
    """The same out of the whole table, in its own order, slice by slice.

    `upto` is the last id that is looked at, the latest one unless told.
    """
    last = latest_touchpoint(store) if upto is None else upto
    for low, high in slices(last):
        within = f"id > :low AND id <= :high AND ({which})"
        yield touchpoints(store, names, within, low=low, high=high, **given)


def slices(last: int) -> Iterator[tuple[int, int]]:
    """Ids in runs of what is read in one statement: beyond which one, up to which one."""
    return ((low, min(low + SLICE_ROWS, last)) for low in range(0, last, SLICE_ROWS))


class _Piece(NamedTuple):
    """Where rows of a portion lie in the file."""

    start: int
    size: int


class Portions:
    """Rows by portions of supporters, of whom `firsts` (ids, ascending) are the first ones."""

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
        order = np.argsort(code, kind="stable")  # by counting, for numbers that small
        rows, code = rows[pl.Series(order)], code[order]
        for number, start, size in _runs(code):
            self._held[number].append(rows[start : start + size])
        self._bytes += _size(rows)
        if self._bytes > KEPT_BYTES:
            self._put_aside()

    def take(self, number: int, like: pl.DataFrame) -> pl.DataFrame:
        """The rows of a portion, which is then forgotten; `like` has their columns."""
        aside, held = self._aside[number], self._held[number]
        self._aside[number], self._held[number] = [], []
        return pl.concat([like.clear(), *map(self._read, aside), *held])

    def close(self) -> None:
        """Let go of the file."""
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
    """Bytes in memory; Polars counts the letters of texts, and not the 16 bytes that each has."""
    texts = sum(kind == pl.String for kind in rows.dtypes)
    return int(rows.estimated_size()) + 16 * texts * len(rows)


def _smallest(size: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if size <= 2**8 else np.uint16 if size <= 2**16 else np.uint64


def _runs(code: NDArray[np.unsignedinteger[Any]]) -> Iterator[tuple[int, int, int]]:
    """Each of these ascending numbers once: where it begins, and how often it is there."""
    if not len(code):
        return
    starts = np.concatenate(([0], np.flatnonzero(code[1:] != code[:-1]) + 1))
    sizes = np.diff(starts, append=len(code))
    yield from zip(code[starts].tolist(), starts.tolist(), sizes.tolist(), strict=True)
