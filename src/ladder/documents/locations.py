"""Places in a document: file, line and column, both counted from 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ladder.errors import DefinitionError
from ladder.language.ladders import Ladder


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file; `file` is empty for an expression from no file.

    >>> str(Place("ladder.toml", 12, 9))
    'ladder.toml, line 12, column 9'
    """

    file: str = ""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        spot = f"line {self.line}, column {self.column}"
        return f"{self.file}, {spot}" if self.file else spot


@dataclass(frozen=True)
class Page:
    """A whole text that converts offsets to lines and columns."""

    text: str
    file: str = ""

    @cached_property
    def _starts(self) -> list[int]:
        breaks = (at + 1 for at, character in enumerate(self.text) if character == "\n")
        return [0, *breaks]

    def place(self, offset: int) -> Place:
        """Return the place of the character at this offset."""
        line = bisect_right(self._starts, offset)
        return Place(self.file, line, offset - self._starts[line - 1] + 1)


@dataclass(frozen=True)
class Passage:
    """A piece of text from a page, possibly unescaped, with the original offset of every character.

    There is one more offset than there are characters: the last one is the end of the piece.
    """

    text: str
    page: Page
    offsets: tuple[int, ...] = field(repr=False)

    @classmethod
    def whole(cls, text: str, file: str = "") -> Passage:
        """Make a passage of a text that is a page of its own."""
        return cls(text, Page(text, file), tuple(range(len(text) + 1)))

    def place(self, offset: int) -> Place:
        """Return the place on the page of the character at this offset of the passage."""
        return self.page.place(self.offsets[max(0, min(offset, len(self.offsets) - 1))])

    def error(self, message: str, offset: int = 0) -> DefinitionError:
        """Return an error at the character at this offset of the passage."""
        return DefinitionError(message, str(self.place(offset)))


@dataclass(frozen=True)
class Source:
    """A document's text, and the places of the parts of its ladder.

    Parts are named "rung donating", "pattern O1", "suppress_when", or with a key within them: "rung
    donating, enter", "pattern O1, requires", "pattern O1, high".
    """

    file: str = ""
    text: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)

    def place(self, part: str) -> Place | None:
        """Return the place of a part, or else of the part around it; None without either."""
        return self.places.get(part) or self.places.get(part.partition(",")[0])


@dataclass(frozen=True)
class Document:
    """A ladder as read, the named pieces of its document, and the places of its parts."""

    ladder: Ladder
    names: Mapping[str, object]
    source: Source
