"""A ladder of all patterns that ship, those off by default too, and no rungs."""

from __future__ import annotations

from functools import cache

from ladder import catalogue as shipped
from ladder.language.ladders import Ladder

TEXT = """
[ladder]
key = "all"
suppress_when = 'do_not_contact()'

[include]
patterns = ["all"]
"""


@cache
def catalogue(*settings: str) -> Ladder:
    """All of them, with these lines of `[settings]`."""
    return shipped.read("\n".join([TEXT, "[settings]", *settings])).ladder
