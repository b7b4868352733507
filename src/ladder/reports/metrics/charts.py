"""Charts of metric trends: small bars for a terminal, SVG for a page. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from ladder.reports.metrics.definitions import METRICS, Metric, Status, Unit, Value
from ladder.reports.metrics.report import Metrics

_BARS: Final = "▁▂▃▄▅▆▇█"
_MISSING: Final = "·"


def sparkline(values: Sequence[float | None]) -> str:
    """Draw one bar per value, scaled from zero to the largest value; a dot for None."""
    most = max((value for value in values if value is not None), default=0)
    return "".join(
        _MISSING if value is None else _BARS[_height(value, most, len(_BARS) - 1)]
        for value in values
    )


def _height(value: float, most: float, steps: int) -> int:
    return round(value / most * steps) if most else 0


def figure(value: float, unit: Unit) -> str:
    """Format a value with its unit: "61 %", "1.8 days", "2.7"."""
    if unit == "share":
        tenths = 0 < value < 0.1  # noqa: PLR2004  (below ten per cent a tenth tells something)
        return f"{value * 100:.{1 if tenths else 0}f} %"
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text} {'day' if text == '1' else 'days'}" if unit == "days" else text


WORDS: Final[dict[Status, str]] = {
    "measured": "not yet",
    "too few": "too few",
    "too young": "too young",
    "not assessable": "not known",
    "nothing": "none",
}
"""Text in place of a figure. `measured` without a figure: fewer than half are served yet."""


def value_text(value: Value, unit: Unit) -> str:
    """Format the figure of a value, or the reason why it has none."""
    return WORDS[value.status] if value.value is None else figure(value.value, unit)


# -- SVG -------------------------------------------------------------------------------------------

_WIDE: Final = 860
_PANEL: Final = 260
_TALL: Final = 132
_EDGE: Final = 24
_TOP: Final = 84
_ACROSS: Final = 3
_ROOM: Final = 56
_INK, _PALE, _LINE = "#1b2a30", "#5b6b72", "#d9dee2"
_COLOURS: Final = {"up": "#248277", "": "#248277", "down": "#b4612b"}
"""Colour per preferred direction: green as in the pyramid for "up" and for neither, brown for
"down"."""


def svg(metrics: Metrics, title: str, caption: str = "") -> str:
    """Draw one panel per metric with its months as bars, as one SVG document.

    The document loads no external resource. `metrics` must be measured by month. The bars of a
    panel are scaled to its largest month, which is labelled with its value; a month without a
    figure is a dot.
    """
    metrics_to_draw = [metric for metric in METRICS if metric.key in metrics.total.values]
    rows = -(-len(metrics_to_draw) // _ACROSS)
    height = _TOP + rows * _TALL + 16
    size = f'viewBox="0 0 {_WIDE} {height}" width="{_WIDE}" height="{height}"'
    font = 'font-family="Helvetica, Arial, sans-serif"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDE}" height="{height}" fill="#ffffff"/>',
        _text(_EDGE, 36, 20, _INK, title, "600"),
        _text(_EDGE, 58, 13, _PALE, caption),
    ]
    for number, metric in enumerate(metrics_to_draw):
        x = _EDGE + number % _ACROSS * (_PANEL + 16)
        lines += _panel(metrics, metric, x, _TOP + number // _ACROSS * _TALL)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _panel(metrics: Metrics, metric: Metric, x: float, y: float) -> Iterator[str]:
    whole = metrics.total.values[metric.key]
    yield _text(x, y + 12, 12, _PALE, metrics.title(metric))
    yield _text(x, y + 35, 19, _INK, value_text(whole, metric.unit), "600")
    yield _text(x + _PANEL, y + 35, 11, _PALE, f"{whole.denominator:,} {metric.of}", end=True)
    base = y + 46 + _ROOM
    yield f'<rect x="{x}" y="{base}" width="{_PANEL}" height="1" fill="{_LINE}"/>'
    if metrics.rows:
        yield from _bars(metrics, metric, x, base)


def _bars(metrics: Metrics, metric: Metric, x: float, base: float) -> Iterator[str]:
    values = [row.values[metric.key].value for row in metrics.rows]
    known = [value for value in values if value is not None]
    most = max(known, default=0) or 1.0
    peak = values.index(max(known)) if known else -1
    step = _PANEL / len(values)
    for number, (row, value) in enumerate(zip(metrics.rows, values, strict=True)):
        left = x + number * step
        tooltip = f"{row.name}: {value_text(row.values[metric.key], metric.unit)}"
        if value is None:
            middle = left + step / 2
            yield _with_tooltip(
                f'<circle cx="{middle:.1f}" cy="{base - 3}" r="1.2" fill="{_LINE}"', tooltip
            )
            continue
        tall = max(1.0, value / most * (_ROOM - 12))
        yield _with_tooltip(
            f'<rect x="{left + step * 0.15:.1f}" y="{base - tall:.1f}" width="{step * 0.7:.1f}" '
            f'height="{tall:.1f}" rx="1" fill="{_COLOURS[metric.better]}"',
            tooltip,
        )
        if number == peak:
            top = figure(value, metric.unit)
            yield _text(left + step / 2, base - tall - 3, 9, _PALE, top, mid=True)
    yield _text(x, base + 13, 10, _PALE, str(metrics.rows[0].name))
    yield _text(x + _PANEL, base + 13, 10, _PALE, str(metrics.rows[-1].name), end=True)


def _with_tooltip(shape: str, tooltip: str) -> str:
    """Add a tooltip to a shape."""
    return f"{shape}><title>{escape(tooltip)}</title></{shape[1 : shape.index(' ')]}>"


def _text(
    x: float,
    y: float,
    size: int,
    colour: str,
    text: str,
    weight: str = "400",
    *,
    end: bool = False,
    mid: bool = False,
) -> str:
    anchor = "end" if end else "middle" if mid else "start"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )
