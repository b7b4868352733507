"""The ladders and patterns that ship with the library, as TOML that anybody can read and copy.

>>> load("default").title
'From hearing to evangelising'
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from ladder import documents
from ladder.documents import Document
from ladder.documents.settings import Setting
from ladder.errors import DefinitionError, DefinitionErrorGroup, NotFoundError, nearest
from ladder.language.ladders import Ladder, Pattern
from ladder.language.macros import MACROS, Macro
from ladder.model.kinds import Kinds

__all__ = ["load", "names", "pattern", "patterns", "read", "settings", "text"]

_PATTERNS = "patterns"


@cache
def names() -> tuple[str, ...]:
    """The ladders that ship, by name."""
    found = (Path(each.name) for each in files(__name__).iterdir())
    return tuple(sorted(f.stem for f in found if f.suffix == ".toml" and f.stem != _PATTERNS))


def text(name: str) -> str:
    """A shipped ladder (or `patterns`) as it is written, to be copied and changed."""
    if name not in (*names(), _PATTERNS):
        message = f"no ladder called {name!r} ships{nearest(name, names())}"
        raise NotFoundError(f"{message}; known: {', '.join(names())}")
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


@cache
def load(name: str) -> Ladder:
    """A shipped ladder by name: "default", "kanter", "pyramid", "orbit".

    Raises `NotFoundError` with the names there are.
    """
    return read(text(name)).ladder


@cache
def patterns() -> tuple[Pattern, ...]:
    """The shipped patterns, the organisation's side first."""
    return documents.read_patterns(text(_PATTERNS))


@cache
def settings() -> Mapping[str, Setting]:
    """What of the shipped patterns an organisation may say otherwise, with the usual values."""
    return documents.read_settings(text(_PATTERNS))


def pattern(key: str) -> Pattern:
    """A shipped pattern by key ("O1") or name ("unthanked_gift")."""
    for each in patterns():
        if key in (each.key, each.name):
            return each
    known = [each.key for each in patterns()]
    message = f"no pattern called {key!r} ships{nearest(key, known)}; known: {', '.join(known)}"
    raise NotFoundError(message)


class _Shelf:
    """The shipped patterns, for `[include]`."""

    def settings(self) -> Mapping[str, Setting]:
        return settings()

    def patterns(self, given: Mapping[str, object], kinds: Kinds) -> tuple[Pattern, ...]:
        if not given:
            return patterns()
        try:
            return documents.read_patterns(text(_PATTERNS), given=given, kinds=kinds)
        except DefinitionErrorGroup as error:
            raise _blamed(error, given) from None


def _blamed(error: DefinitionErrorGroup, given: Mapping[str, object]) -> DefinitionErrorGroup:
    """What comes of settings is told as such: the lines are ours, and nothing is wrong there."""
    return DefinitionErrorGroup(
        DefinitionError(
            f"{each.message} (with the [settings] said otherwise: {', '.join(given)})",
            f"patterns.toml as it ships, {each.place}",
        )
        for each in error.errors
    )


def read(
    source: Path | str, *, macros: Mapping[str, Macro] = MACROS, trusted: bool = False
) -> Document:
    """A ladder's document: a `Path` is a file, a `str` the text itself.

    As `ladder.documents.read`, and its `[include]` may name the patterns that ship. What an
    organisation has adopted is `trusted`: its sense was judged then, perhaps by an older release.
    """
    return documents.read(source, macros=macros, shelf=_Shelf(), trusted=trusted)
