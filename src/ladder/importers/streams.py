"""Streams of exports: plain or gzip, strictly decoded, with their progress."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import polars as pl

from ladder.errors import ImportFileError
from ladder.importers.rejections import Refused

_CHUNK: Final = 1 << 20
_LONGEST_LINE: Final = 32 << 20
"""The most characters of a line; no export has longer ones, and memory must stay bounded."""

_LIKELY: Final = ("utf-8", "cp1252", "utf-16", "mac-roman")


@dataclass(frozen=True)
class Stretch:
    """Some rows of a file, as a reader passes them on.

    `share` is the share of the file that is read by their end, if the file position does not show
    it.
    """

    cells: pl.DataFrame
    numbers: pl.Series
    refused: tuple[Refused, ...] = ()
    ignored: int = 0
    share: float | None = None


class Source:
    """An open file. `total` and `done` are bytes of the file on disk."""

    def __init__(self, path: Path, raw: IO[bytes]) -> None:
        self.path = path
        self.total = path.stat().st_size
        self._raw = raw
        self.packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        self.bytes: IO[bytes] = gzip.GzipFile(fileobj=raw) if self.packed else raw  # type: ignore[assignment]

    @property
    def done(self) -> int:
        """Bytes of the file read so far."""
        return min(self._raw.tell(), self.total)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file for reading; problems while reading become an `ImportFileError`."""
    try:
        with path.open("rb") as raw:
            yield Source(path, raw)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"{path}: the gzip file is damaged or cut short ({error}): fetch it again"
        raise ImportFileError(message) from error
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise ImportFileError(message) from error


class Lines:
    """The lines of a text, without their ends (LF, CRLF or CR), many at a time."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._source = source
        self._encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
        decoder = codecs.getincrementaldecoder(self._encoding)()
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._lines: list[str] = []
        self._place = 0
        self._rest = ""
        self._ended = False

    def take(self, count: int) -> list[str]:
        """Return the next `count` lines; fewer at the end of the file."""
        while len(self._lines) - self._place < count and not self._ended:
            self._more()
        taken = self._lines[self._place : self._place + count]
        self._place += len(taken)
        return taken

    def one(self) -> str | None:
        """Return the next line, or None at the end."""
        return next(iter(self.take(1)), None)

    def _more(self) -> None:
        packet = self._source.bytes.read(_CHUNK)
        try:
            text = self._rest + self._decoder.decode(packet, final=not packet)
        except UnicodeError as error:
            raise ImportFileError(undecodable(self._source.path, self._encoding)) from error
        lines = text.split("\n")
        self._rest = lines.pop()
        if not packet:
            self._ended = True
            lines += [self._rest] if self._rest else []
        elif len(self._rest) > _LONGEST_LINE:
            message = f"{self._source.path}: a line without an end: is this a text file at all?"
            raise ImportFileError(message)
        self._lines = self._lines[self._place :] + lines
        self._place = 0


def undecodable(path: Path, encoding: str) -> str:
    """Describe the first byte that the encoding cannot read, and suggest other encodings."""
    named = encoding.removesuffix("-sig")
    with opened(path) as source:
        decoder = codecs.getincrementaldecoder(encoding)()
        offset, lines = 0, 1
        while chunk := source.bytes.read(_CHUNK):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                start = error.start - held
                lines += chunk[: max(start, 0)].count(b"\n")
                what = f"byte {offset + start:,} (0x{error.object[error.start]:02x}), line {lines}"
                return f"{path}: not {named}: {what}, cannot be read; {_advice(chunk, named)}"
            except UnicodeError as error:
                return f"{path}: not {named}: {error}; {_advice(chunk, named)}"
            offset += len(chunk)
            lines += chunk.count(b"\n")
    return f"{path}: not {named}: it ends within a character; {_advice(b'', named)}"


def fitting(sample: bytes) -> list[str]:
    """Return encodings that could read these bytes, likeliest first."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    if sample[1:400:2].count(0) > len(sample[:400]) // 4:
        return ["utf-16-le"]
    return [name for name in _LIKELY if name != "utf-16" and _decodes(sample, name)]


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _advice(sample: bytes, encoding: str) -> str:
    likely = [name for name in fitting(sample) if name != encoding] or ["cp1252", "utf-16"]
    return f'it is likely {" or ".join(likely)}: say encoding = "{likely[0]}" under [file]'
