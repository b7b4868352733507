"""Charts of metric trends: small bars for a terminal, SVG for a page. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from ladder.reports.metrics.definitions import METRICS, Metric, Status, Unit, Value
from ladder.reports.metrics.report import Metrics
from ladder.reports.svg import PALE, document, element, text

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

_PANEL: Final = 260
_TALL: Final = 132
_EDGE: Final = 24
_TOP: Final = 84
_ACROSS: Final = 3
_ROOM: Final = 56
_LINE: Final = "#d9dee2"
_COLOURS: Final = {"up": "#248277", "": "#248277", "down": "#b4612b"}
"""Colour per preferred direction: green as in the pyramid for "up" and for neither, brown for
"down"."""


def svg(metrics: Metrics, title: str, caption: str = "") -> str:
    """Draw one panel per metric with its months as bars, as one SVG document.

    `metrics` must be measured by month. The bars of a
    panel are scaled to its largest month, which is labelled with its value; a month without a
    figure is a dot.
    """
    metrics_to_draw = [metric for metric in METRICS if metric.key in metrics.total.values]
    rows = -(-len(metrics_to_draw) // _ACROSS)
    panels = [
        panel
        for number, metric in enumerate(metrics_to_draw)
        for panel in _panel(
            metrics,
            metric,
            _EDGE + number % _ACROSS * (_PANEL + 16),
            _TOP + number // _ACROSS * _TALL,
        )
    ]
    return document(_TOP + rows * _TALL + 16, title, caption, panels)


def _panel(metrics: Metrics, metric: Metric, x: float, y: float) -> Iterator[ET.Element]:
    whole = metrics.total.values[metric.key]
    yield text(x, y + 12, metrics.title(metric), 12, fill=PALE)
    yield text(x, y + 35, value_text(whole, metric.unit), 19, font_weight="600")
    size = f"{whole.denominator:,} {metric.of}"
    yield text(x + _PANEL, y + 35, size, 11, fill=PALE, text_anchor="end")
    base = y + 46 + _ROOM
    yield element("rect", x=x, y=base, width=_PANEL, height=1, fill=_LINE)
    if metrics.rows:
        yield from _bars(metrics, metric, x, base)


def _bars(metrics: Metrics, metric: Metric, x: float, base: float) -> Iterator[ET.Element]:
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
            yield element("circle", tooltip=tooltip, cx=middle, cy=base - 3, r=1.2, fill=_LINE)
            continue
        tall = max(1.0, value / most * (_ROOM - 12))
        yield element(
            "rect", tooltip=tooltip, x=left + step * 0.15, y=base - tall, width=step * 0.7,
            height=tall, rx=1, fill=_COLOURS[metric.better],
        )  # fmt: skip
        if number == peak:
            top = figure(value, metric.unit)
            middle, above = left + step / 2, base - tall - 3
            yield text(middle, above, top, 9, fill=PALE, text_anchor="middle")
    first, last = (str(metrics.rows[n].name) for n in (0, -1))
    yield text(x, base + 13, first, 10, fill=PALE)
    yield text(x + _PANEL, base + 13, last, 10, fill=PALE, text_anchor="end")
