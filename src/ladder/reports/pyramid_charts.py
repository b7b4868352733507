"""Charts of a pyramid: text lines for a terminal, SVG for a page. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from ladder.reports.pyramid import Pyramid, Step
from ladder.reports.svg import PALE, WIDTH, document, element, text

_NUMBER: Final = 8
_SHARE: Final = 6


class Drawn(NamedTuple):
    """One line of a pyramid chart, in parts that a terminal can style separately."""

    step: Step
    title: str
    bar: str
    number: str
    share: str

    def __str__(self) -> str:
        return f"{self.title}  {self.bar}{self.number}{self.share}".rstrip()


def draw(pyramid: Pyramid, width: int = 80, *, blocks: bool = True) -> list[Drawn]:
    """Draw the pyramid as lines of at most `width` columns, with centred bars.

    The fullest rung has the widest bar; a place with any supporters has at least a thin one. The
    ground is not a rung and usually has more supporters than all rungs together: it is drawn as a
    base line of full width. Without `blocks`, only ASCII characters are used.
    """
    titles = max((len(step.title) for step in pyramid.steps), default=0)
    numbers = max((len(f"{step.supporters:,}") + 1 for step in pyramid.steps), default=0)
    numbers = max(_NUMBER, numbers)
    titles = min(titles, max(12, width - 2 - numbers - _SHARE - 10))
    room = max(4, width - titles - 2 - numbers - _SHARE)
    most = max((step.supporters for step in pyramid.above), default=0)
    return [
        Drawn(
            step,
            _cut(step.title, titles).ljust(titles),
            _bar(step, most, room, blocks=blocks),
            f"{step.supporters:>{numbers},}",
            _percent(step),
        )
        for step in pyramid.steps
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _percent(step: Step) -> str:
    """Format a share in its column; empty without a share."""
    if step.share is None:
        return ""
    small = step.supporters and step.share < 0.01  # noqa: PLR2004
    share = "<1 %" if small else f"{step.share:.0%}".replace("%", " %")
    return f"{share:>{_SHARE}}"


def _bar(step: Step, most: int, room: int, *, blocks: bool) -> str:
    """Draw a centred bar; blocks allow half cells, so that it grows evenly on both sides."""
    if not step.rungs:
        return ("▔" if blocks else "=") * room
    if not step.supporters:
        return " " * room
    halves = max(1, round(step.supporters / most * room)) * 2
    left = (2 * room - halves) // 2
    if not blocks:
        return (" " * (left // 2) + "#" * (halves // 2)).ljust(room)
    if left % 2:
        middle = "▐" + "█" * (halves // 2 - 1) + "▌"
        return (" " * (left // 2) + middle).ljust(room)
    return (" " * (left // 2) + "█" * (halves // 2)).ljust(room)


# -- SVG -------------------------------------------------------------------------------------------

_LABEL: Final = 250
_NUMBERS: Final = 120
_ROW: Final = 42
_TOP: Final = 78
_COLOURS: Final = ("#0b525b", "#14746f", "#248277", "#358f80", "#469d89", "#56ab91", "#78c6a3")
_GROUND: Final = "#d9dee2"


def svg(pyramid: Pyramid, caption: str = "") -> str:
    """Draw the pyramid as one SVG document."""
    height = _TOP + _ROW * len(pyramid.steps) + 24
    return document(height, pyramid.title, caption, _rows(pyramid))


def _rows(pyramid: Pyramid) -> Iterator[ET.Element]:
    room = float(WIDTH - 24 - _LABEL - _NUMBERS - 24)
    middle = 24 + _LABEL + room / 2
    most = max((step.supporters for step in pyramid.above), default=0) or 1
    heights = sorted({step.height for step in pyramid.above}, reverse=True)
    for number, step in enumerate(pyramid.steps):
        y = _TOP + number * _ROW
        base = y + _ROW / 2 + 1
        wide, tall, colour = room, 4, _GROUND
        if step.rungs:
            wide = max(3.0, step.supporters / most * room) if step.supporters else 0.0
            tall = _ROW - 10
            colour = _colour(heights.index(step.height), len(heights))
        yield text(24, base, step.title, 15)
        yield element("rect", x=middle - wide / 2, y=y, width=wide, height=tall, rx=3, fill=colour)
        yield text(WIDTH - 80, base, f"{step.supporters:,}", 15, text_anchor="end")
        share = _percent(step).strip()
        yield text(WIDTH - 24, base, share, 13, fill=PALE, text_anchor="end")


def _colour(place: int, places: int) -> str:
    if places < 2:  # noqa: PLR2004
        return _COLOURS[0]
    return _COLOURS[round(place * (len(_COLOURS) - 1) / (places - 1))]
