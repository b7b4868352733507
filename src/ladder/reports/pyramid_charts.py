"""Charts of a pyramid: text lines for a terminal, SVG for a page. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from ladder.reports.pyramid import Pyramid, Step

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

_WIDE: Final = 860
_LABEL: Final = 250
_NUMBERS: Final = 120
_ROW: Final = 42
_TOP: Final = 78
_COLOURS: Final = ("#0b525b", "#14746f", "#248277", "#358f80", "#469d89", "#56ab91", "#78c6a3")
_GROUND: Final = "#d9dee2"


def svg(pyramid: Pyramid, caption: str = "") -> str:
    """Draw the pyramid as one SVG document that loads no external resource."""
    height = _TOP + _ROW * len(pyramid.steps) + 24
    title = escape(pyramid.title)
    font = 'font-family="Helvetica, Arial, sans-serif"'
    size = f'viewBox="0 0 {_WIDE} {height}" width="{_WIDE}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font}>',
        f"<title>{title}</title>",
        f'<rect width="{_WIDE}" height="{height}" fill="#ffffff"/>',
        f'<text x="24" y="36" font-size="20" font-weight="600" fill="#1b2a30">{title}</text>',
        f'<text x="24" y="58" font-size="13" fill="#5b6b72">{escape(caption)}</text>',
        *_rows(pyramid),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _rows(pyramid: Pyramid) -> Iterator[str]:
    room = float(_WIDE - 24 - _LABEL - _NUMBERS - 24)
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
        yield (
            f'<text x="24" y="{base}" font-size="15" fill="#1b2a30">{escape(step.title)}</text>'
            f'<rect x="{middle - wide / 2:.1f}" y="{y}" width="{wide:.1f}" height="{tall}" '
            f'rx="3" fill="{colour}"/>'
            f'<text x="{_WIDE - 80}" y="{base}" font-size="15" text-anchor="end" '
            f'fill="#1b2a30">{step.supporters:,}</text>'
            f'<text x="{_WIDE - 24}" y="{base}" font-size="13" text-anchor="end" '
            f'fill="#5b6b72">{escape(_percent(step).strip())}</text>'
        )


def _colour(place: int, places: int) -> str:
    if places < 2:  # noqa: PLR2004
        return _COLOURS[0]
    return _COLOURS[round(place * (len(_COLOURS) - 1) / (places - 1))]
