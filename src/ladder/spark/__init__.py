"""Run the columnar evaluator on Apache Spark, by whole supporters, with the same results.

Needs the extra `spark` and Java 17; the workers need this library too. See docs/spark.md.

>>> from ladder.spark import evaluate  # doctest: +SKIP
>>> rows = spark.read.parquet("touchpoints/")  # doctest: +SKIP
>>> evaluate(rows, ladder, organisation).write("answers/")  # doctest: +SKIP
"""

from ladder.spark.errors import readable
from ladder.spark.evaluation import Result, evaluate

__all__ = ["Result", "evaluate", "readable"]
