"""How an organisation treats its supporters as a whole: thanks, reports, asks, answers."""

from __future__ import annotations

from ladder.reports.metrics.drawing import sparkline, svg
from ladder.reports.metrics.gathering import Asked
from ladder.reports.metrics.metric import BY_KEY, METRICS, Metric, Value
from ladder.reports.metrics.pieces import Pieces
from ladder.reports.metrics.report import Metrics, Row, measure, measured

__all__ = [
    "BY_KEY",
    "METRICS",
    "Asked",
    "Metric",
    "Metrics",
    "Pieces",
    "Row",
    "Value",
    "measure",
    "measured",
    "sparkline",
    "svg",
]
