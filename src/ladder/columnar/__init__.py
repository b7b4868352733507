"""The columnar evaluator: everybody at once, exactly as the reference one says."""

from ladder.columnar.evaluation import Result, episodes, evaluate
from ladder.columnar.needs import columns

__all__ = ["Result", "columns", "episodes", "evaluate"]
