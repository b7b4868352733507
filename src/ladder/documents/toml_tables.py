"""Tables of a TOML document that are read key by key, collecting all mistakes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from ladder.documents.expression_parser import DependentError
from ladder.documents.locations import Page, Passage, Place
from ladder.documents.toml_positions import Path, Spot, scan
from ladder.errors import DefinitionError, DefinitionErrorGroup, nearest

_SAYS_WHERE: Final = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_PLACE: Final = re.compile(r"line (\d+), column (\d+)$")
_SORTS: Final[Mapping[type, str]] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number",
    list: "a list",
    dict: "a table",
}


@dataclass
class Sheet:
    """A TOML document: its data, the spots of its keys, and the errors so far."""

    text: str
    file: str
    data: dict[str, Any]
    spots: Mapping[Path, Spot]
    errors: list[DefinitionError] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, file: str = "") -> Sheet:
        """Read the text.

        Raises:
            DefinitionErrorGroup: the text is not valid TOML.
        """
        text = text.replace("\r\n", "\n")
        try:
            data = tomllib.loads(text, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            raise DefinitionErrorGroup([_no_toml(str(error), text, file)], file) from None
        return cls(text, file, data, scan(text, file))

    def table(self, *path: str | int) -> Table:
        """Return the table at this path; an empty one when there is none."""
        data: Any = self.data
        for part in path:
            present = (isinstance(data, dict) and part in data) or isinstance(part, int)
            data = data[part] if present else {}
        if not isinstance(data, dict):
            self.wrong(path, f"{path[-1]} should be a table: [{'.'.join(map(str, path))}]")
            data = {}
        return Table(self, path, data)

    def tables(self, name: str) -> Iterator[Table]:
        """Yield the tables of an array, `[[name]]`."""
        items = self.data.get(name, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            self.wrong((name,), f"{name} should be written with two brackets: [[{name}]]")
            return
        for place in range(len(items)):
            yield self.table(name, place)

    def place(self, path: Path, *, value: bool = False) -> Place:
        """Return the place of the key (or its value), or of the nearest table around it."""
        while path and path not in self.spots:
            path = path[:-1]
        spot = self.spots.get(path, Spot(0, 0))
        return self.page.place(spot.value if value else spot.key)

    def wrong(self, path: Path, message: str, *, value: bool = False) -> None:
        """Note an error at this key (or at its value)."""
        self.note(DefinitionError(message, str(self.place(path, value=value))))

    @cached_property
    def page(self) -> Page:
        """The text with its lines."""
        return Page(self.text, self.file)

    def note(self, error: DefinitionError) -> None:
        """Note an error, unless it only follows from another or is known already."""
        if isinstance(error, DependentError) or str(error) in map(str, self.errors):
            return
        self.errors.append(error)

    def close(self) -> None:
        """Raise all noted errors, if there are any.

        Raises:
            DefinitionErrorGroup: with the errors in the order of their places.
        """
        if self.errors:
            raise DefinitionErrorGroup(sorted(self.errors, key=_line_and_column), self.file)


@dataclass(frozen=True)
class Table:
    """A table of the document; absent and wrong keys are read as None or the default."""

    sheet: Sheet
    path: Path
    data: Mapping[str, Any]

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def only(self, known: Iterable[str], what: str) -> None:
        """Note an error for every key that is not among these."""
        known = list(known)
        for key in self.data:
            if key not in known:
                remedy = nearest(key, known) or f"; known: {', '.join(known)}"
                self.wrong(key, f"unknown key {key!r} in {what}{remedy}")

    def wrong(self, key: str, message: str, *, value: bool = False) -> None:
        """Note an error at one of the table's keys."""
        self.sheet.wrong((*self.path, key), message, value=value)

    def require(self, *keys: str) -> bool:
        """Check that the keys are present; note every absent one."""
        lacking = [key for key in keys if key not in self.data]
        for key in lacking:
            name = ".".join(str(part) for part in self.path if isinstance(part, str))
            header = f"[[{name}]]" if isinstance(self.path[-1], int) else f"[{name}]"
            self.wrong(key, f"{header} lacks its {key}")
        return not lacking

    def text(self, key: str, default: str = "") -> str:
        """Read a text."""
        return str(self._of_sort(key, str, default))

    def flag(self, key: str) -> bool:
        """Read true or false; false when absent."""
        return bool(self.optional_flag(key))

    def optional_flag(self, key: str) -> bool | None:
        """Read true or false; None when absent."""
        flag: bool | None = self._of_sort(key, bool, None)
        return flag

    def number(self, key: str) -> int | None:
        """Read a whole number."""
        number: int | None = self._of_sort(key, int, None)
        return number

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str | None:
        """Read a text from a closed set."""
        value = self._of_sort(key, str, default)
        if value is not None and value not in known and key in self.data:
            remedy = nearest(str(value), known) or f"; known: {', '.join(known)}"
            self.wrong(key, f"unknown {key} {value!r}{remedy}", value=True)
            return default
        return None if value is None else str(value)

    def texts(self, key: str, known: Sequence[str] | None = None) -> list[str]:
        """Read a list of texts, from a closed set when one is given."""
        texts = []
        for place, value in enumerate(self._of_sort(key, list, [])):
            path = (*self.path, key, place)
            if not isinstance(value, str):
                self.sheet.wrong(path, f"{key} lists texts in quotes, not {_sort(value)}")
            elif known is not None and value not in known:
                remedy = nearest(value, known) or f"; known: {', '.join(known)}"
                self.sheet.wrong(path, f"unknown name {value!r} in {key}{remedy}")
            else:
                texts.append(value)
        return texts

    def passage(self, key: str) -> Passage | None:
        """Read an expression: its text with the place of every character."""
        if self._of_sort(key, str, None) is None:
            return None
        spot = self.sheet.spots[*self.path, key]
        assert spot.passage is not None  # the scanner and tomllib agree on strings  # noqa: S101
        return spot.passage

    def place(self) -> Place:
        """Return the place of the table."""
        return self.sheet.place(self.path)

    def _of_sort(self, key: str, sort: type, default: Any) -> Any:  # noqa: ANN401  (any value of TOML)
        if key not in self.data:
            return default
        value = self.data[key]
        if isinstance(value, sort) and (sort is bool or not isinstance(value, bool)):
            return value
        self.wrong(key, f"{key} should be {_SORTS[sort]}, not {_sort(value)}", value=True)
        return default


def _line_and_column(error: DefinitionError) -> tuple[int, int]:
    match = _PLACE.search(error.place)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _sort(value: object) -> str:
    return _SORTS.get(type(value), f"a {type(value).__name__}")


def _no_toml(message: str, text: str, file: str) -> DefinitionError:
    match = _SAYS_WHERE.search(message)
    plain = _SAYS_WHERE.sub("", message)
    if match and match[1]:
        place = Place(file, int(match[1]), int(match[2]))
    else:
        place = Passage.whole(text, file).place(len(text))
    return DefinitionError(f"this is no TOML: {plain[:1].lower()}{plain[1:]}", str(place))
