"""Reports on all supporters: the pyramid, flows and matrices between places. Read-only."""

from __future__ import annotations

from ladder.reports.flows import Flow, Flows, flows
from ladder.reports.matrix import Matrix, matrix, matrix_svg
from ladder.reports.pyramid import Pyramid, Step, pyramid, title_of
from ladder.reports.pyramid_charts import Drawn, draw, svg

__all__ = [
    "Drawn",
    "Flow",
    "Flows",
    "Matrix",
    "Pyramid",
    "Step",
    "draw",
    "flows",
    "matrix",
    "matrix_svg",
    "pyramid",
    "svg",
    "title_of",
]
