"""Line numbers of keys in a TOML text, and pydantic's complaints in words with these lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from ladder.errors import nearest

Path = tuple[str | int, ...]

_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_PAIR: Final = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'|\.|\s)+?)\s*=\s*(.*)$""")
_NAME: Final = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


class Places:
    """The lines of a TOML text by path.

    This reads headers and keys and is not a parser: `tomllib` gives no line numbers. A wrong guess
    only costs a line number, because the nearest enclosing table is named instead.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        counts: dict[Path, int] = {}
        table: Path = ()
        array: Path | None = None
        for number, line in enumerate(text.splitlines(), start=1):
            header, pair = _HEADER.match(line), _PAIR.match(line)
            if array is not None:
                if line.lstrip().startswith("{"):
                    self._element(array, counts, number, line)
                array = None if line.lstrip().startswith("]") else array
            elif header:
                table = self._table(header, counts, number)
            elif pair:
                where = (*table, *_names(pair[1]))
                self._lines.setdefault(where, number)
                array = where if pair[2].startswith("[") and "]" not in pair[2] else None
                self._inner(where, pair[2], number)

    def line(self, path: Path) -> int | None:
        """Return the line of that path, or of the nearest table around it."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _table(self, header: re.Match[str], counts: dict[Path, int], number: int) -> Path:
        path: Path = ()
        names = _names(header[2])
        for place, name in enumerate(names):
            path = (*path, name)
            if place < len(names) - 1 and path in counts:
                path = (*path, counts[path] - 1)
        if header[1] == "[[":
            counts[path] = counts.get(path, 0) + 1
            path = (*path, counts[path] - 1)
        self._lines.setdefault(path, number)
        return path

    def _element(self, array: Path, counts: dict[Path, int], number: int, line: str) -> None:
        place = counts.get(array, 0)
        counts[array] = place + 1
        self._lines[(*array, place)] = number
        self._inner((*array, place), line, number)

    def _inner(self, where: Path, text: str, number: int) -> None:
        """Note the keys of an inline table, which stand on its line."""
        if text.lstrip().startswith("{"):
            for name in re.findall(r"[{,]\s*([A-Za-z0-9_-]+)\s*=", text):
                self._lines.setdefault((*where, name), number)


def complaints(
    error: ValidationError, model: type[BaseModel], places: Places, place: str
) -> list[str]:
    """Describe every problem of a document: file, line, problem, and the nearest known name."""
    return [
        f"{_where(places, place, tuple(fault['loc']))}: {_words(fault, model)}"
        for fault in error.errors()
    ]


def _where(places: Places, place: str, path: Path) -> str:
    line = places.line(path)
    return f"{place}, line {line}" if line else place


def _words(fault: Any, model: type[BaseModel]) -> str:  # noqa: ANN401  (pydantic's ErrorDetails)
    path: Path = tuple(fault["loc"])
    title = ".".join(str(part) for part in path if isinstance(part, str))
    if fault["type"] == "extra_forbidden":
        known = list(_model_at(model, path[:-1]).model_fields)
        advice = nearest(str(path[-1]), known) or f"; known here: {', '.join(known)}"
        return f"unknown key {title!r}{advice}"
    if fault["type"] == "missing":
        return f"{title!r} is missing: say {path[-1]} = ..."
    message = str(fault["msg"]).removeprefix("Value error, ")
    text = message[:1].lower() + message[1:]
    text = f"{text} (not {fault['input']!r})" if _is_shown(fault) else text
    return f"{title}: {text}" if title else text


def _is_shown(fault: Any) -> bool:  # noqa: ANN401
    return fault["type"] != "value_error" and isinstance(fault["input"], str | int)


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel]:
    inner_model = model
    for part in path:
        if isinstance(part, str) and part in inner_model.model_fields:
            inner = next(_models(inner_model.model_fields[part].annotation), None)
            inner_model = inner or inner_model
    return inner_model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _names(text: str) -> Path:
    return tuple(name.strip("\"'") for name in _NAME.findall(text))
