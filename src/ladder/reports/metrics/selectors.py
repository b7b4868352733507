"""What the metrics count, said in the ladder language: the shipped pieces, or one's own."""

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
"""Pieces of the catalogue that metrics are made of as well, each after what it is made of."""


@dataclass(frozen=True)
class Pieces:
    """The selectors and spans that metrics are made of, named as in catalogue and `pieces.toml`.

    >>> str(Pieces.shipped().reported)
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
    def shipped(cls) -> Self:
        """Those that come with the library."""
        return cls.of({})

    @classmethod
    def read(cls, source: Path | str) -> Self:
        """The shipped ones, with what a document's `[let]` says in their place.

        A ladder's document, or one that has nothing but `[let]` (and `[kinds]`, where it names
        kinds of its own): a `Path` is a file, a `str` the text itself. Raises `DefinitionErrors`.
        """
        text = source if isinstance(source, str) else _text(source)
        if "[ladder]" not in text:
            text = f'{text}\n[ladder]\nkey = "pieces"\n'
        return cls.of(catalogue_room.read(text).names)

    @classmethod
    def of(cls, names: Mapping[str, object]) -> Self:
        """From named pieces; what is not among them is shipped, made of those that are.

        Raises `DefinitionError` where one is a condition, say, and a selector is needed.
        """
        known: dict[str, object] = {}
        for name, text in _shipped().items():
            known[name] = names[name] if name in names else parse(text, names=known)
        return cls(**{each.name: _checked(each.name, known[each.name]) for each in fields(cls)})

    def with_receipts(self) -> Self:
        """Where automatic receipts count as thanks."""
        return replace(self, thanked=self.thanked | self.receipted)


@cache
def _shipped() -> Mapping[str, str]:
    """Texts and not nodes: what is said otherwise of one has to reach those that are made of it."""
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


def _checked(name: str, piece: object) -> Any:  # noqa: ANN401  (a selector or a span)
    """The piece, if it is of the sort that its place needs."""
    span = name.endswith(("_soon", "_late", "_missing"))
    if isinstance(piece, (Duration, Hours) if span else Selector):
        return piece
    needed = "a span such as days(14)" if span else "a selector such as donation"
    message = f"the piece {name!r} must be {needed}, and is {piece}"
    raise DefinitionError(message)
