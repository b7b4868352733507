"""Evaluate all supporters at once, with exactly the results of the reference engine."""

from ladder.engines.columnar.evaluator import (
    episodes,
    episodes_of_lines,
    evaluate,
    evaluate_portions,
)
from ladder.engines.columnar.projection import columns
from ladder.engines.columnar.results import Result
from ladder.engines.columnar.versions import columns_all, evaluate_all

__all__ = [
    "Result",
    "columns",
    "columns_all",
    "episodes",
    "episodes_of_lines",
    "evaluate",
    "evaluate_all",
    "evaluate_portions",
]
