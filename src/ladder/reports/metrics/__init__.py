"""Metrics of how an organisation treats its supporters: thanks, reports, asks, answers."""

from __future__ import annotations

from ladder.reports.metrics.charts import sparkline, svg
from ladder.reports.metrics.collection import MetricsQuestion
from ladder.reports.metrics.definitions import BY_KEY, METRICS, Metric, Value
from ladder.reports.metrics.report import Metrics, Row, measure, measure_parts
from ladder.reports.metrics.selectors import Pieces

__all__ = [
    "BY_KEY",
    "METRICS",
    "Metric",
    "Metrics",
    "MetricsQuestion",
    "Pieces",
    "Row",
    "Value",
    "measure",
    "measure_parts",
    "sparkline",
    "svg",
]
