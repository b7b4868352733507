"""Date formats: strptime's letters as one regular expression that Polars can run over a column.

Polars' own parser (chrono) is not used: it reads "24" as the year 24 under `%Y`, accepts a few more
letters, and knows months in English only. Python's strptime row by row is not used either: a
million different times would take eight seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MONTHS: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jän jänner janvier janv enero ene",
            "february feb februar février fevrier févr fevr fév febrero",
            "march mar märz maerz mär mrz mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug août aout agosto ago",
            "september sep sept septembre septiembre set",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre decembre déc diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month names in English, German, French and Spanish, in full and short."""

_LETTERS: Final[dict[str, str]] = {
    "Y": r"(?P<year>[0-9]{4})",
    "y": r"(?P<short>[0-9]{2})",
    "m": r"(?P<month>[0-9]{1,2})",
    "b": r"(?P<name>\p{L}+)\.?",
    "B": r"(?P<name>\p{L}+)\.?",
    "d": r"(?P<day>[0-9]{1,2})",
    "e": r"(?P<day>[0-9]{1,2})",
    "a": r"\p{L}+\.?",
    "A": r"\p{L}+\.?",
    "H": r"(?P<hour>[0-9]{1,2})",
    "I": r"(?P<twelve>[0-9]{1,2})",
    "p": r"(?P<half>[AaPp])\.?\s?[Mm]\.?",
    "M": r"(?P<minute>[0-9]{1,2})",
    "S": r"(?P<second>[0-9]{1,2})",
    "f": r"(?P<fraction>[0-9]{1,9})",
    "z": r"(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)",
    "Z": r"(?P<zone>[A-Za-z][A-Za-z0-9_/+-]*)",
    "%": "%",
}

_NAMED: Final[dict[str, str]] = {
    "iso": (
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
        r"(?:[Tt ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
        r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
        r"\s?(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?)?"
    ),
    "epoch": r"(?P<epoch>-?[0-9]{1,12})(?:[.,](?P<fraction>[0-9]{1,9}))?",
    "epoch_ms": r"(?P<epoch_ms>-?[0-9]{1,15})",
}


@dataclass(frozen=True)
class DateFormat:
    """A format with its expression; `groups` are the parts of an instant that it can contain."""

    text: str
    pattern: str
    groups: frozenset[str]


@lru_cache(maxsize=256)
def compiled(text: str) -> DateFormat:
    """Build the expression of a date format.

    Raises:
        ValueError: if a letter is unknown, or a part is missing or repeated.

    >>> sorted(compiled("%d.%m.%Y").groups)
    ['day', 'month', 'year']
    """
    pattern = _NAMED.get(text) or "".join(_pieces(text))
    groups = frozenset(re.findall(r"\(\?P<(\w+)>", pattern))
    if text not in _NAMED:
        _check(text, pattern, groups)
    return DateFormat(text, f"^(?P<whole>{pattern})$", groups)


def _pieces(text: str) -> list[str]:
    pieces = []
    for piece in re.findall(r"%.?|\s+|[^%\s]+", text):
        if piece.startswith("%"):
            if piece[1:] not in _LETTERS:
                known = " ".join(f"%{letter}" for letter in _LETTERS)
                message = (
                    f"{piece!r} in the date format {text!r} is not understood (known: {known})"
                )
                raise ValueError(message)
            pieces.append(_LETTERS[piece[1:]])
        else:
            pieces.append(r"\s+" if piece.isspace() else re.escape(piece))
    return pieces


def _check(text: str, pattern: str, groups: frozenset[str]) -> None:
    if pattern.count("(?P<") != len(groups):
        message = f"the date format {text!r} tells the same thing twice"
        raise ValueError(message)
    if not groups & {"year", "short"}:
        message = f"the date format {text!r} has no year: add %Y or %y, or say iso or epoch"
        raise ValueError(message)
    if "day" in groups and not groups & {"month", "name"}:
        message = f"the date format {text!r} has a day but no month: add %m or %b"
        raise ValueError(message)
    if groups & {"minute", "second", "fraction", "offset"} and not groups & {"hour", "twelve"}:
        message = f"the date format {text!r} has no hour: add %H, or %I with %p"
        raise ValueError(message)
    if ("twelve" in groups) != ("half" in groups):
        message = f"the date format {text!r} needs both %I and %p for a clock of twelve hours"
        raise ValueError(message)
