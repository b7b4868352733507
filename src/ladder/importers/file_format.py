"""The format of a file, of its dates and of its amounts."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from ladder.importers.date_formats import compiled
from ladder.importers.mapping_model import Part, Texts

Format = Literal["csv", "parquet", "jsonl"]


class File(Part):
    """The format of a file. The ending of its name decides, unless `format` is given.

    `delimiter = "whitespace"` is any run of blanks. `widths` are those of fixed columns. `names`
    name the columns (with `header = false` for a file without a header; for JSON Lines: keys that
    may be absent). `skip_rows` rows are skipped before the header. `stop_at` and `ignore` are texts
    of the first cell with text in a row: the end of the data, and rows such as subtotals. `nulls`
    are texts that mean nothing. `identity` names the columns from which an id is made for rows
    without one.
    """

    format: Format | None = None
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1)
    quote: str = Field(default='"', max_length=1)
    escape: str = Field(default="", max_length=1)
    header: bool = True
    names: tuple[str, ...] = ()
    widths: tuple[Annotated[int, Field(ge=1)], ...] = ()
    skip_rows: int = Field(default=0, ge=0)
    stop_at: Texts = ()
    ignore: Texts = ()
    nulls: Texts = ()
    identity: Texts = ()

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            message = f"unknown encoding {value!r}: try utf-8, cp1252, latin-1, utf-16 or mac-roman"
            raise ValueError(message) from error
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if len(self.delimiter) > 1 and self.delimiter != "whitespace":
            message = f'delimiter is one character or "whitespace", not {self.delimiter!r}'
            raise ValueError(message)
        if not self.header and not self.names and self.format in (None, "csv"):
            message = "a file without a header needs names = [...], one for each column"
            raise ValueError(message)
        if self.widths and self.names and len(self.widths) != len(self.names):
            message = f"{len(self.widths)} widths but {len(self.names)} names"
            raise ValueError(message)
        return self


class Dates(Part):
    """The format of dates: strptime's letters, iso, epoch or epoch_ms, tried in order.

    A format without hours gives a date. A format without days (`%Y`, `%m/%Y`) gives the first day
    of that year or month; listing it permits this. `zone` is the zone of times without one.
    """

    formats: Texts = ("iso",)
    zone: str | None = None

    @field_validator("formats")
    @classmethod
    def _understood(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            message = "name at least one format"
            raise ValueError(message)
        for text in value:
            compiled(text)
        return value


class Amounts(Part):
    """The format of amounts, and the treatment of unusual ones.

    `blank` and `zero` apply only to kinds of the family money. `finer` applies to amounts with more
    decimals than their currency has. `minor_units` says that amounts are whole cents. `currency` is
    that of rows without one; the default is the organisation's.
    """

    decimal: str = Field(default=".", min_length=1, max_length=1)
    thousands: str = ""
    symbols: Texts = ()
    currency: str | None = None
    minor_units: bool = False
    negative: Literal["refuse", "refund"] = "refuse"
    blank: Literal["refuse", "keep"] = "refuse"
    zero: Literal["refuse", "keep"] = "refuse"
    finer: Literal["refuse", "round"] = "refuse"
    foreign_currency: Literal["keep", "refuse"] = "keep"

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.decimal in self.thousands:
            message = f"{self.decimal!r} cannot be both the decimal mark and the thousands mark"
            raise ValueError(message)
        return self
