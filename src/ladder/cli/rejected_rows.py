"""Rejected rows: one output file per input file, and the first few rows on the screen."""

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
"""Rejected rows whose reasons are shown at once; the file has all of them."""


def paths_for(sources: Sequence[Path], given: Path | None) -> list[Path]:
    """Choose the file for the rejected rows of each source.

    The default is NAME.refused.csv in the current folder. A file that is being read is never
    overwritten (corrected rows are replayed from such a file), and no file is chosen twice.

    Raises:
        ImportFileError: The requested file is one of the sources.
    """
    read = {source.resolve() for source in sources}
    if given is not None and given.resolve() in read:
        message = f"{given}: refused rows would overwrite the file they come from: name another"
        raise ImportFileError(message)
    chosen: list[Path] = []
    for source in sources:
        name = source.name.split(".")[0]
        if given is None:
            first = Path(f"{name}.refused.csv")
        elif len(sources) > 1:
            first = given.with_name(f"{given.stem}-{name}.csv")
        else:
            first = given
        further = (first.with_stem(f"{first.stem}-{number}") for number in count(2))
        candidates = chain([first], further)
        taken = read | {path.resolve() for path in chosen}
        chosen.append(next(path for path in candidates if path.resolve() not in taken))
    return chosen


@dataclass
class Refusals:
    """Rejected rows of one file, written as they come."""

    source: Path
    path: Path
    first: list[Refused] = field(default_factory=list)
    _file: RefusedFile | None = None
    _columns: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of rejected rows."""
        return 0 if self._file is None else self._file.written

    def watch(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the batches unchanged and note the file's columns."""
        for batch in batches:
            self._columns = self._columns or batch.columns
            yield batch

    def take(self, refused: Sequence[Refused]) -> None:
        """Write rejected rows to the file."""
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
        """Give the file its final name, or remove it after an error."""
        file = self._file or RefusedFile(self.path)
        file.__exit__(kind, error, trace)


class AllRefusals:
    """Rejected rows of all files; the end of the block closes all of them."""

    def __init__(self, sources: Sequence[Path], given: Path | None) -> None:
        paths = paths_for(sources, given)
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
        every = ExitStack()  # close all files, even if closing one of them raises
        for one in self.each:
            every.push(one.close)
        every.__exit__(kind, error, trace)

    def watch(self, number: int, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the batches of a file; rejected rows belong to that file from now on."""
        self._now = number
        yield from self.each[number].watch(batches)

    def take(self, refused: Sequence[Refused]) -> None:
        """Write rejected rows of the file that is being read."""
        self.each[self._now].take(refused)
