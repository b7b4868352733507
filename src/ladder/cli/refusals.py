"""Where refused rows go: one file for each file read, and the first few on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ladder.importers import Batch, Refused, RefusedFile

SHOWN: Final = 5
"""Refused rows whose reasons are told at once; the file has them all."""


def path_for(source: Path, asked: Path | None, *, several: bool) -> Path:
    """`refused.csv` as asked, else one named after the file read, in the present folder."""
    if asked is None:
        return Path(f"{source.name.split('.')[0]}.refused.csv")
    return asked.with_name(f"{asked.stem}-{source.name.split('.')[0]}.csv") if several else asked


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
        several = len(sources) > 1
        self.each = [
            Refusals(source, path_for(source, asked, several=several)) for source in sources
        ]
        twice = [path for path, n in Counter(one.path for one in self.each).items() if n > 1]
        for path in twice:
            same = [one for one in self.each if one.path == path]
            for number, one in enumerate(same, 1):
                one.path = path.with_name(f"{path.stem}-{number}{path.suffix}")
        self._now = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for one in self.each:
            one.close(kind, error, trace)

    def watch(self, number: int, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches of the file of that number; from now on refused rows are its."""
        self._now = number
        yield from self.each[number].watch(batches)

    def take(self, refused: Sequence[Refused]) -> None:
        """Rows of the file that is being read."""
        self.each[self._now].take(refused)
