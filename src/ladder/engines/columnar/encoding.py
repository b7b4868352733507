"""Narrow touchpoint frames to the columns that a definition reads, with texts as small codes.

Polars encodes while it reads, on every processor. Each text is read once per row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from ladder.engines.columnar.projection import Needs
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, Kinds
from ladder.model.touchpoint_frame import SCHEMA
from ladder.model.touchpoints import details_of

Frame = pl.DataFrame | pl.LazyFrame

_CLOSED: Final = {"direction": DIRECTIONS, "asks_for": ASKED_FOR, "audience": AUDIENCES}
"""Closed value sets: any other value satisfies no selector and counts as absent."""
_PLACED: Final = "placed"
_SOURCES: Final = ("source", "answers_source")
"""Columns that are compared with each other and with nothing else."""


class Log(NamedTuple):
    """Touchpoints with codes for texts, and the texts: `values[column][code]`.

    The code after the last value marks an absent text. `frames` holds all supporters, or some
    supporters and the touchpoints of others that name them. Every column is one chunk.
    """

    frames: list[pl.DataFrame]
    values: Mapping[str, Sequence[str]]


def encode(frame: Frame, brought: Frame | None, requires: Needs) -> Log:
    """Read and encode the needed columns of the touchpoints and of the referred ones."""
    coding = _Coding(requires)
    frames = [coding.of(source) for source in (frame, brought) if source is not None]
    values = coding.values(frames)
    plain = []
    while frames:
        plain.append(coding.plain(frames.pop(0).get_columns(), values))
    plain, values["details"] = _only_read(plain, values["details"], requires)
    return Log(plain, values)


def complete(frame: Frame) -> pl.LazyFrame:
    """Add every column that may be left out.

    A link that names no source refers to the touchpoint's own source.
    """
    held = frame.lazy().collect_schema()
    people = held["supporter"]
    lazy = frame.lazy() if "id" in held else frame.lazy().with_row_index("id")
    missing = {name: dtype for name, dtype in SCHEMA.items() if name not in held}
    missing |= {"referrer": people} if "referrer" not in held else {}
    given = lazy.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items())
    named = pl.coalesce("answers_source", "source")
    return given.with_columns(
        pl.when(pl.col("answers_id").is_not_null()).then(named).alias("answers_source"),
        pl.col("referrer").cast(people),
    )


class _Coding:
    """The types of the columns, shared by all frames of one evaluation."""

    def __init__(self, requires: Needs) -> None:
        self.requires = requires
        sources = pl.Categorical(pl.Categories.random())
        self.types: dict[str, pl.DataType] = {
            "kind": pl.Enum(list(requires.kinds)),
            "currency": pl.Categorical(pl.Categories.random()),
            "source": sources,
            "answers_source": sources,
        }
        for name in (*requires.texts, "details"):
            closed = _CLOSED.get(name)
            new = pl.Categorical(pl.Categories.random()) if closed is None else pl.Enum(closed)
            self.types.setdefault(name, new)

    def of(self, frame: Frame) -> pl.DataFrame:
        """Read the needed columns of a frame, with texts as categories."""
        made = (
            complete(frame)
            .select(
                "supporter",
                "referrer",
                pl.col("id", "at").cast(pl.Int64),
                pl.col("date_only").cast(pl.Boolean).fill_null(value=False),
                *self._texts(),
                *(pl.col(name).cast(pl.Int64) for name in self.requires.numbers),
                *([_automation_code()] if self.requires.reads_automated else []),
            )
            .collect()
        )
        if made["kind"].null_count():
            _refuse(frame, self.requires.kinds)
        return made

    def _texts(self) -> list[pl.Expr]:
        kind = pl.col("kind").cast(pl.String)
        asks = pl.col("answers_id").is_not_null()
        if not self.requires.links:
            asks &= kind.is_in(self.requires.of_role("void", "refund"))
        details = pl.col("details").cast(pl.String)
        read = kind == _PLACED
        if self.requires.details:
            read |= details.str.contains_any([f'"{name}"' for name in self.requires.details])
        link = pl.col("answers_source").cast(pl.String)
        texts = {
            **{name: pl.col(name).cast(pl.String) for name in ("kind", *self.requires.texts)},
            "currency": pl.col("currency").cast(pl.String),
            "source": pl.col("source").cast(pl.String),
            "answers_source": pl.when(asks).then(link),
            "details": details if self.requires.odd_details else pl.when(read).then(details),
        }
        return [
            *(
                text.cast(self.types[name], strict=False).alias(name)
                for name, text in texts.items()
            ),
            pl.when(asks).then(pl.col("answers_id").cast(pl.String)).alias("answers_id"),
            pl.col("external_id").cast(pl.String),
        ]

    def values(self, frames: Sequence[pl.DataFrame]) -> dict[str, Sequence[str]]:
        """Return the text of each code, by column."""
        values: dict[str, Sequence[str]] = {"automated": ("automated",)}
        open_ = [name for name, kind in self.types.items() if not isinstance(kind, pl.Enum)]
        present = [frame.select(pl.col(open_).unique().implode()) for frame in frames]
        for name, kind in self.types.items():
            names = _SOURCES if name in _SOURCES else (name,)
            if isinstance(kind, pl.Enum):
                values[name] = kind.categories.to_list()
            else:
                values[name] = _categories(
                    [columns[name].item() for columns in present for name in names]
                )
        return values

    def plain(self, columns: list[pl.Series], values: Mapping[str, Sequence[str]]) -> pl.DataFrame:
        """Replace categories by whole numbers; a null source stays null.

        A file is read in many chunks, and every use of a chunked column copies it. So each column
        is rechunked once and taken out of the list. The whole data is never in memory twice.
        """
        made = []
        while columns:
            column = columns.pop()
            if column.name in self.types:
                texts = values[column.name]
                column = column.to_physical().cast(_smallest(texts))
                if column.name not in _SOURCES:
                    column = column.fill_null(len(texts))
            made.append(column.rechunk())
        return pl.DataFrame(made[::-1])


def _smallest(values: Sequence[str]) -> type[pl.DataType]:
    """Return the smallest integer type for the codes and one more."""
    size = len(values)
    return pl.UInt8 if size < 2**8 else pl.UInt16 if size < 2**16 else pl.UInt32


def _automation_code() -> pl.Expr:
    flag = pl.col("automated").cast(pl.Boolean).fill_null(value=False)
    return (~flag).cast(pl.UInt8).alias("automated")


def _categories(columns: Sequence[pl.Series]) -> list[str]:
    """Return the texts of categories by their numbers, which have no gaps."""
    present = pl.concat(columns).unique().drop_nulls()
    numbers = present.to_physical().to_list()
    texts = [""] * (max(numbers, default=-1) + 1)
    for number, text in zip(numbers, present.cast(pl.String).to_list(), strict=True):
        texts[number] = text
    return texts


def _refuse(frame: Frame, kinds: Kinds) -> None:
    named = frame.lazy().select(pl.col("kind").cast(pl.String).unique()).collect()
    for name in named["kind"].to_list():
        kinds.find(name)


def _only_read(
    frames: Sequence[pl.DataFrame], texts: Sequence[str], requires: Needs
) -> tuple[list[pl.DataFrame], list[str]]:
    """Reduce details to the fields that are read, so that few different ones remain."""
    numbers: dict[str, int] = {}
    table = [numbers.setdefault(_reduce_details(text, requires), len(numbers)) for text in texts]
    codes = np.array([*table, len(numbers)], np.min_scalar_type(len(numbers)))
    made = [
        frame.with_columns(pl.Series("details", codes[frame["details"].to_numpy()]))
        for frame in frames
    ]
    return made, list(numbers)


def _reduce_details(text: str, requires: Needs) -> str:
    held = details_of(text)
    names = (*requires.details, "until")
    return json.dumps({name: held[name] for name in names if name in held})
