"""Assign rows to supporters: their own, and referred acts with their voids and refunds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as sql

from ladder.engines import columnar
from ladder.errors import ImportFileError
from ladder.language.ladders import Ladder
from ladder.model.kinds import Kinds
from ladder.model.touchpoint_frame import SCHEMA

REQUIRED: Final = ("supporter", "id", "kind", "at")
_WHO: Final = ("supporter", "referrer")
_WHOLE: Final = ("tinyint", "smallint", "int", "bigint")
_KEY: Final = ("source", "external_id")


def select_columns(frame: DataFrame, ladder: Ladder) -> DataFrame:
    """Select the columns that this ladder reads, in the types of the touchpoint frame.

    Raises:
        ImportFileError: Columns are missing or have another type; the message lists all of them.
    """
    held = dict(frame.dtypes)
    names = [name for name in columnar.columns(ladder) if name in held]
    _refuse([*_missing_columns(held), *_wrong_types({name: held[name] for name in names})])
    whole = [name for name in names if held[name] in _WHOLE]
    return frame.select(
        *(sql.col(name).cast("bigint").alias(name) if name in whole else name for name in names)
    )


def lines(frame: DataFrame, kinds: Kinds) -> DataFrame:
    """Repeat every row for each supporter whose history it affects: `line`, and whether `own`.

    These are a supporter's own rows, the acts of others that name them as referrer, the voids and
    refunds of such acts, and the voids of these. Only the acts keep `referrer`, so that a refund
    does not count as a referred act.
    """
    own = frame.withColumn("line", sql.col("supporter")).withColumn("own", sql.lit(True))
    if "referrer" not in frame.columns:
        return own
    acts = frame.where("referrer IS NOT NULL").withColumn("line", sql.col("referrer"))
    brought = acts
    if {"answers_id", *_KEY} <= set(frame.columns):
        answers = _answers(frame, kinds)
        once = _answering(answers, acts)
        brought = acts.unionByName(once).unionByName(_answering(answers, once))
    own_referrer = sql.when(sql.col("referrer") == sql.col("line"), sql.col("referrer"))
    marked = brought.withColumn("referrer", own_referrer).withColumn("own", sql.lit(False))
    return own.unionByName(marked)


def _answers(frame: DataFrame, kinds: Kinds) -> DataFrame:
    """Select voids and refunds; only they change what they answer."""
    undoing = [kind.name for kind in kinds.values() if kind.role in ("void", "refund")]
    return frame.where(sql.col("kind").isin(undoing) & sql.col("answers_id").isNotNull())


def _answering(answers: DataFrame, answered: DataFrame) -> DataFrame:
    """Select answers to these rows of the same supporter, on the line of the answered row."""
    source = [sql.col(name) for name in ("answers_source", "source") if name in answers.columns]
    return (
        answers.withColumn("_source", sql.coalesce(*source))
        .join(
            answered.select(
                sql.col("supporter").alias("_supporter"),
                sql.col("source").alias("_answered"),
                sql.col("external_id").alias("_id"),
                "line",
            ),
            (sql.col("supporter") == sql.col("_supporter"))
            & (sql.col("_source") == sql.col("_answered"))
            & (sql.col("answers_id") == sql.col("_id")),
        )
        .drop("_source", "_supporter", "_answered", "_id")
    )


def _missing_columns(held: dict[str, str]) -> Iterable[str]:
    for name in REQUIRED:
        if name not in held:
            hint = ": unique whole numbers, to which causes refer" if name == "id" else ""
            yield f"no column {name}{hint}"


def _wrong_types(held: dict[str, str]) -> Iterable[str]:
    for name, given in held.items():
        wanted = _accepted_types(name)
        if given not in wanted:
            yield f"{name} is {given} and must be {' or '.join(_short(wanted))}{_cast(name, given)}"
    if "referrer" in held and (held["referrer"] in _WHOLE) != (held["supporter"] in _WHOLE):
        yield "supporter and referrer are of different types: name people the same way in both"


def _accepted_types(name: str) -> Sequence[str]:
    if name in _WHO:
        return ("string", *_WHOLE)
    kind = "Int64" if name == "id" else str(SCHEMA[name])
    return {"Int64": _WHOLE, "Boolean": ("boolean",), "String": ("string",)}[kind]


def _short(wanted: Sequence[str]) -> list[str]:
    return [name for name in wanted if name not in _WHOLE[:-1]]


def _cast(name: str, given: str) -> str:
    stamp = name == "at" and given.startswith("timestamp")
    return ": microseconds since 1970 UTC, by unix_micros(at)" if stamp else ""


def _refuse(wrong: Sequence[str]) -> None:
    if wrong:
        message = "these rows are no touchpoint frame (ladder.model.touchpoint_frame.SCHEMA)"
        raise ImportFileError("\n  ".join([f"{message}:", *wrong]))
