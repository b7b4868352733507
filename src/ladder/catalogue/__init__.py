"""The ladders and patterns that ship with the library, as TOML to read and copy.

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
    """Return the names of the shipped ladders."""
    paths = (Path(path.name) for path in files(__name__).iterdir())
    return tuple(sorted(f.stem for f in paths if f.suffix == ".toml" and f.stem != _PATTERNS))


def text(name: str) -> str:
    """Return the TOML text of a shipped ladder, or of `patterns`.

    Raises:
        NotFoundError: with the names of the shipped ladders.
    """
    if name not in (*names(), _PATTERNS):
        message = f"no ladder called {name!r} ships{nearest(name, names())}"
        raise NotFoundError(f"{message}; known: {', '.join(names())}")
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


@cache
def load(name: str) -> Ladder:
    """Load a shipped ladder by name: "default", "kanter", "pyramid", "orbit".

    Raises:
        NotFoundError: with the names of the shipped ladders.
    """
    return read(text(name)).ladder


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the shipped patterns, the organisation's side first."""
    return documents.read_patterns(text(_PATTERNS))


@cache
def settings() -> Mapping[str, Setting]:
    """Return the settings of the shipped patterns, with their default values."""
    return documents.read_settings(text(_PATTERNS))


def pattern(key: str) -> Pattern:
    """Return a shipped pattern by key ("O1") or name ("unthanked_gift")."""
    for shipped in patterns():
        if key in (shipped.key, shipped.name):
            return shipped
    known = [shipped.key for shipped in patterns()]
    message = f"no pattern called {key!r} ships{nearest(key, known)}; known: {', '.join(known)}"
    raise NotFoundError(message)


class _ShippedPatterns:
    """The shipped patterns, for `[include]`."""

    def settings(self) -> Mapping[str, Setting]:
        return settings()

    def patterns(self, given: Mapping[str, object], kinds: Kinds) -> tuple[Pattern, ...]:
        if not given:
            return patterns()
        try:
            return documents.read_patterns(text(_PATTERNS), given=given, kinds=kinds)
        except DefinitionErrorGroup as error:
            raise _as_settings_error(error, given) from None


def _as_settings_error(
    error: DefinitionErrorGroup, given: Mapping[str, object]
) -> DefinitionErrorGroup:
    # The lines are those of the shipped patterns, and the mistake is in the settings.
    return DefinitionErrorGroup(
        DefinitionError(
            f"{fault.message} (with changed [settings]: {', '.join(given)})",
            f"patterns.toml as it ships, {fault.place}",
        )
        for fault in error.errors
    )


def read(
    source: Path | str, *, macros: Mapping[str, Macro] = MACROS, trusted: bool = False
) -> Document:
    """Read a ladder's document, whose `[include]` may name shipped patterns.

    A `Path` is a file, a `str` the text itself; see `ladder.documents.read`. A definition that an
    organisation has adopted is `trusted`: an earlier release may have checked it.
    """
    return documents.read(source, macros=macros, pattern_source=_ShippedPatterns(), trusted=trusted)
