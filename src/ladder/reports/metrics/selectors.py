"""Selectors and spans that metrics count, in the ladder language: from_catalogue or custom."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

from ladder import catalogue as catalogue_room
from ladder.documents import parse
from ladder.errors import DefinitionError
from ladder.language.nodes import Selector
from ladder.language.spans import Duration, Elapsed, Hours

SHARED: Final = (
    "gift", "given", "ask", "money_ask", "nonask", "contact", "thanks", "thanked", "reports",
    "reported", "answered",
)  # fmt: skip
"""Pieces of the catalogue that metrics use as well, sorted so that a piece follows those it
uses."""


@dataclass(frozen=True)
class Pieces:
    """The selectors and spans of metrics, named as in the catalogue and in `pieces.toml`.

    >>> str(Pieces.from_catalogue().reported)
    'outbound and purpose("report")'
    """

    occasion: Selector
    money_ask: Selector
    nonask: Selector
    contact: Selector
    thanked: Selector
    receipted: Selector
    reported: Selector
    query: Selector
    answered: Selector
    conversation: Selector
    thank_soon: Elapsed
    thank_late: Elapsed
    report_late: Elapsed
    answer_soon: Elapsed
    answer_missing: Elapsed

    @classmethod
    def from_catalogue(cls) -> Self:
        """Return the pieces that come with the library."""
        return cls.of({})

    @classmethod
    def read(cls, source: Path | str) -> Self:
        """Return the shipped pieces, replaced where the `[let]` of a document defines them.

        The document is a ladder, or has nothing but `[let]` (and `[kinds]`, where it names custom
        kinds). A `Path` is a file, a `str` is the text itself.

        Raises:
            DefinitionErrorGroup: The document is not valid.
        """
        text = source if isinstance(source, str) else _text(source)
        if "[ladder]" not in text:
            text = f'{text}\n[ladder]\nkey = "pieces"\n'
        return cls.of(catalogue_room.read(text).names)

    @classmethod
    def of(cls, names: Mapping[str, object]) -> Self:
        """Build from named pieces; the others are the shipped ones, which use the named ones.

        Raises:
            DefinitionError: A piece has the wrong type, such as a condition in place of a selector.
        """
        known: dict[str, object] = {}
        for name, text in _shipped_texts().items():
            known[name] = names[name] if name in names else parse(text, names=known)
        return cls(
            **{field.name: _check_type(field.name, known[field.name]) for field in fields(cls)}
        )

    def with_receipts(self) -> Self:
        """Return the pieces with automatic receipts counted as thanks."""
        return replace(self, thanked=self.thanked | self.receipted)


@cache
def _shipped_texts() -> Mapping[str, str]:
    """Return texts, not nodes: a replaced piece must affect the pieces that use it."""
    catalogue = tomllib.loads(catalogue_room.text("patterns"))
    usual = {name: setting["is"] for name, setting in catalogue["settings"].items()}
    theirs = usual | catalogue["let"]
    text = files(__package__).joinpath("pieces.toml").read_text(encoding="utf-8")
    ours: dict[str, str] = tomllib.loads(text)["let"]
    return {name: theirs[name] for name in SHARED} | ours


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read as text: {error}"
        raise DefinitionError(message) from error


def _check_type(name: str, piece: object) -> Any:  # noqa: ANN401  (a selector or a span)
    """Return the piece if it has the type that its name needs."""
    span = name.endswith(("_soon", "_late", "_missing"))
    if isinstance(piece, (Duration, Hours) if span else Selector):
        return piece
    needed = "a span such as days(14)" if span else "a selector such as donation"
    message = f"the piece {name!r} must be {needed}, and is {piece}"
    raise DefinitionError(message)
