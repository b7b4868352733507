"""Settings: named pieces of shipped patterns that an organisation may say otherwise.

A document of patterns declares each with its usual value and what it means:

    [settings.thanks_late]
    is = 'days(2)'
    means = "After how long a gift waits too long for thanks."

and a ladder that includes some of them says its own: `[settings]`, `thanks_late = 'days(3)'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ladder.documents.vocabulary import sort_of
from ladder.errors import nearest
from ladder.language.ladders import Pattern
from ladder.model.kinds import Kinds


@dataclass(frozen=True)
class Setting:
    """A name for a piece of patterns, its usual value, and what it means in words."""

    name: str
    value: object
    text: str
    means: str


class Shelf(Protocol):
    """Patterns for others to include."""

    def settings(self) -> Mapping[str, Setting]:
        """What may be said otherwise."""

    def patterns(self, given: Mapping[str, object], kinds: Kinds) -> tuple[Pattern, ...]:
        """All patterns, read with these settings and kinds."""


def misfit(name: str, value: object, known: Mapping[str, Setting]) -> str:
    """What is wrong with a setting of that name and value; empty when nothing is."""
    setting = known.get(name)
    if setting is None:
        return f"unknown setting {name!r}{nearest(name, known)}; known: {', '.join(known)}"
    if sort_of(value) != sort_of(setting.value):
        wanted = sort_of(setting.value)
        return f"{name} should be {wanted} such as {setting.text}, not {sort_of(value)}"
    return ""
