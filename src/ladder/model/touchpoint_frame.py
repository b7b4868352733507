"""The touchpoint frame, shared by importers, storage and the columnar evaluator."""

from __future__ import annotations

from typing import Final

import polars as pl

SCHEMA: Final[dict[str, pl.DataType]] = {
    "supporter": pl.String(),
    "kind": pl.String(),
    "at": pl.Int64(),
    "date_only": pl.Boolean(),
    "direction": pl.String(),
    "purposes": pl.String(),
    "asks_for": pl.String(),
    "channel": pl.String(),
    "audience": pl.String(),
    "automated": pl.Boolean(),
    "campaign": pl.String(),
    "amount": pl.Int64(),
    "currency": pl.String(),
    "quantity": pl.Int64(),
    "answers_source": pl.String(),
    "answers_id": pl.String(),
    "referrer": pl.String(),
    "source": pl.String(),
    "external_id": pl.String(),
    "details": pl.String(),
}
"""Column types. `at` is in microseconds since 1970 UTC, `amount` in minor units of `currency`.

`quantity` is in millionths of the kind's unit, `purposes` are sorted and joined by commas,
`details` is canonical JSON.
"""

KEY: Final = ("supporter", "source", "external_id")
LINK: Final = ("supporter", "answers_source", "answers_id")
"""KEY identifies a touchpoint; LINK refers to another one of the same supporter."""


def with_answers(
    acts: pl.DataFrame, linked: pl.DataFrame | pl.LazyFrame, ours: pl.Expr
) -> pl.DataFrame:
    """Add the answers to touchpoints of referred people, and the answers to those, without repeats.

    A void may answer a refund and so restore the gift, but a void of a void does nothing. `linked`
    are all touchpoints that answer something. A referrer who is not among `ours` is removed.
    """
    answers = _answering(linked, acts)
    again = _answering(linked, answers)
    rows = pl.concat([acts, answers, again]).unique("id", keep="first", maintain_order=True)
    return rows.with_columns(pl.when(ours).then("referrer").alias("referrer"))


def _answering(linked: pl.DataFrame | pl.LazyFrame, answered: pl.DataFrame) -> pl.DataFrame:
    """Return the linked touchpoints that answer one of the others, of the same supporter."""
    if answered.is_empty():
        return answered
    answers = linked.lazy().join(answered.lazy(), left_on=LINK, right_on=KEY, how="semi")
    return answers.collect()
