"""How an organisation treats its supporters as a whole: thanks, reports, asks, answers."""

from __future__ import annotations

from ladder.reports.metrics.metric import BY_KEY, METRICS, MINIMUM, Metric, Value
from ladder.reports.metrics.pieces import Pieces
from ladder.reports.metrics.report import Metrics, Row, measure

__all__ = ["BY_KEY", "METRICS", "MINIMUM", "Metric", "Metrics", "Pieces", "Row", "Value", "measure"]
