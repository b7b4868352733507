"""The columnar evaluator: everybody at once, exactly as the reference one says."""

from ladder.columnar.evaluation import Result, episodes, evaluate
from ladder.columnar.needs import columns
from ladder.columnar.seams import columns_all, evaluate_all

__all__ = ["Result", "columns", "columns_all", "episodes", "evaluate", "evaluate_all"]
