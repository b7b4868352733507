"""Where refused rows go: one file for each file read, and the first few on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ladder.errors import ImportFileError
from ladder.importers import Batch, Refused, RefusedFile

SHOWN: Final = 5
"""Refused rows whose reasons are told at once; the file has them all."""


def paths_for(sources: Sequence[Path], asked: Path | None) -> list[Path]:
    """Where each file's refused rows go: as asked, else to NAME.refused.csv in the present folder.

    Never over a file that is being read (mended rows are replayed from such a file), nor twice to
    the same. Raises `ImportFileError` where that is what was asked for.
    """
    read = {source.resolve() for source in sources}
    if asked is not None and asked.resolve() in read:
        message = f"{asked}: refused rows would overwrite the file they come from: name another"
        raise ImportFileError(message)
    chosen: list[Path] = []
    for source in sources:
        name = source.name.split(".")[0]
        if asked is None:
            first = Path(f"{name}.refused.csv")
        elif len(sources) > 1:
            first = asked.with_name(f"{asked.stem}-{name}.csv")
        else:
            first = asked
        further = (first.with_stem(f"{first.stem}-{number}") for number in count(2))
        candidates = chain([first], further)
        taken = read | {path.resolve() for path in chosen}
        chosen.append(next(path for path in candidates if path.resolve() not in taken))
    return chosen


@dataclass
class Refusals:
    """What was refused of one file, written as it comes."""

    source: Path
    path: Path
    first: list[Refused] = field(default_factory=list)
    _file: RefusedFile | None = None
    _columns: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows."""
        return 0 if self._file is None else self._file.written

    def watch(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches as they are, having learnt the file's columns from them."""
        for batch in batches:
            self._columns = self._columns or batch.columns
            yield batch

    def take(self, refused: Sequence[Refused]) -> None:
        """Write rows down."""
        if self._file is None:
            self._file = RefusedFile(self.path, self._columns)
        self._file.write(refused)
        self.first += refused[: SHOWN - len(self.first)] if len(self.first) < SHOWN else []

    def close(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Give the file its name; or, after an error, take it away."""
        file = self._file or RefusedFile(self.path)
        file.__exit__(kind, error, trace)


class AllRefusals:
    """Those of every file; the block's end closes them all."""

    def __init__(self, sources: Sequence[Path], asked: Path | None) -> None:
        paths = paths_for(sources, asked)
        self.each = [Refusals(*pair) for pair in zip(sources, paths, strict=True)]
        self._now = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        every = ExitStack()  # each is closed, whatever closing another one raises
        for one in self.each:
            every.push(one.close)
        every.__exit__(kind, error, trace)

    def watch(self, number: int, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches of the file of that number; from now on refused rows are its."""
        self._now = number
        yield from self.each[number].watch(batches)

    def take(self, refused: Sequence[Refused]) -> None:
        """Rows of the file that is being read."""
        self.each[self._now].take(refused)
