"""The positions of keys and values in a TOML text, which `tomllib` does not report.

`tomllib` has read the text before, so the scanner assumes that it is well formed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ladder.documents.locations import Page, Passage

Path = tuple[str | int, ...]
"""A key in a document: ("rung", 0, "enter")."""

_BLANK: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}\n#]*")
_FOLD: Final = re.compile(r"\\[ \t]*\n[ \t\n]*")
_ESCAPES: Final = {
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    '"': '"',
    "\\": "\\",
}
_PLAIN: Final = re.compile(r"""[^"'\\]+""")
_HEX: Final = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True)
class Spot:
    """The start offsets of a key and its value; the passage of a value that is a string."""

    key: int
    value: int
    passage: Passage | None = None


def scan(text: str, file: str = "") -> Mapping[Path, Spot]:
    """Find the spots of every table, key and array item of a well-formed TOML text."""
    scanner = _Scanner(text, Page(text, file))
    scanner.document()
    return scanner.spots


@dataclass
class _Scanner:
    text: str
    page: Page
    at: int = 0
    spots: dict[Path, Spot] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def document(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def header(self) -> Path:
        start, several = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if several else 1
        names = self.key()
        self.at += 2 if several else 1
        path: Path = ()
        for place, name in enumerate(names):
            path = (*path, name)
            last = place == len(names) - 1
            if last and several:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        self.spots.setdefault(path, Spot(start, start))
        return path

    def key(self) -> list[str]:
        names = []
        while True:
            self.skip(_SPACE)
            if self.text[self.at] in "\"'":
                names.append(self.string().text)
            else:
                match = _BARE.match(self.text, self.at)
                names.append(match[0] if match else "")
                self.at = match.end() if match else self.at + 1
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self.key())
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path, start)

    def value(self, path: Path, start: int) -> None:
        begin = self.at
        self.spots[path] = Spot(start, begin)
        opening = self.text[self.at : self.at + 1]
        if opening in ('"', "'"):
            self.spots[path] = Spot(start, begin, self.string())
        elif opening == "[":
            self.items(path, "]")
        elif opening == "{":
            self.items(path, "}")
        else:
            self.skip(_SCALAR)

    def items(self, path: Path, closing: str) -> None:
        self.at += 1
        place = 0
        self.skip(_BLANK)
        while not self.text.startswith(closing, self.at):
            if closing == "]":
                self.value((*path, place), self.at)
            else:
                self.pair(path)
            place += 1
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            self.skip(_BLANK)
        self.at += 1

    def string(self) -> Passage:
        quote = self.text[self.at]
        closing = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(closing)
        if len(closing) > 1 and self.text.startswith("\n", self.at):
            self.at += 1
        parts: list[tuple[str, int]] = []
        while not self.closes(closing):
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                parts.extend(zip(plain[0], range(self.at, plain.end()), strict=True))
                self.at = plain.end()
                continue
            parts.append(self.character(quote))
        end = self.at
        self.at += len(closing)
        parts = [part for part in parts if part[0]]
        text = "".join(part for part, _ in parts)
        return Passage(text, self.page, (*(offset for _, offset in parts), end))

    def closes(self, closing: str) -> bool:
        """Check for the closing quotes.

        Of four or five quotes in a row the last three close; the first ones belong to the text.
        """
        if not self.text.startswith(closing, self.at):
            return False
        return len(closing) == 1 or not self.text.startswith(closing, self.at + 1)

    def character(self, quote: str) -> tuple[str, int]:
        start, character = self.at, self.text[self.at]
        self.at += 1
        if character != "\\" or quote == "'":
            return character, start
        fold = _FOLD.match(self.text, start)
        if fold:
            self.at = fold.end()
            return "", start
        escape = self.text[self.at]
        self.at += 1
        digits = _HEX.get(escape, 0)
        if digits:
            code = self.text[self.at : self.at + digits]
            self.at += digits
            return chr(int(code, 16)), start
        return _ESCAPES.get(escape, escape), start
