"""The columnar evaluator: everybody at once, exactly as the reference one says."""

from ladder.columnar.beginnings import episodes_of_lines
from ladder.columnar.evaluation import episodes, evaluate
from ladder.columnar.needs import columns
from ladder.columnar.portions import evaluate_portions
from ladder.columnar.seams import columns_all, evaluate_all
from ladder.columnar.telling import Result

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
