"""Settings: named pieces of shipped patterns that an organisation may override.

A document of patterns declares a setting with its default value and its meaning:

    [settings.thanks_late]
    is = 'days(2)'
    means = "After how long a gift waits too long for thanks."

A ladder that includes some of the patterns overrides it: `[settings]`, `thanks_late = 'days(3)'`.
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
    """A named piece of patterns, its default value, and its meaning in words."""

    name: str
    value: object
    text: str
    means: str


class PatternSource(Protocol):
    """A collection of patterns for ladders to include."""

    def settings(self) -> Mapping[str, Setting]:
        """Return the settings that a ladder may override."""

    def patterns(self, given: Mapping[str, object], kinds: Kinds) -> tuple[Pattern, ...]:
        """Return all patterns, read with these settings and kinds."""


def misfit(name: str, value: object, known: Mapping[str, Setting]) -> str:
    """Describe the mistake in a setting with this name and value; empty when there is none."""
    setting = known.get(name)
    if setting is None:
        return f"unknown setting {name!r}{nearest(name, known)}; known: {', '.join(known)}"
    if sort_of(value) != sort_of(setting.value):
        wanted = sort_of(setting.value)
        return f"{name} should be {wanted} such as {setting.text}, not {sort_of(value)}"
    return ""
