"""The mapping: which column of another system's export says what about a touchpoint.

A mapping is read from a TOML file, and is plain frozen data: it opens no file and knows no rows.
`docs/importing.md` is its reference.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from ladder.errors import ImportFileError
from ladder.importers.places import Places, complaints
from ladder.importers.printing import toml_text
from ladder.kinds import AskedFor, Audience, Direction, Purpose

Format = Literal["csv", "parquet", "jsonl"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _comma_listed(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _conditions(value: object) -> object:
    if isinstance(value, dict):
        return {column: _listed(texts) for column, texts in value.items()}
    return value


def _cell(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _shortened(dumped: dict[str, Any]) -> object:
    """A cell that is only a column is written as that column's name."""
    return dumped["column"] if list(dumped) == ["column"] else dumped


def _unlisted(value: tuple[str, ...]) -> str | tuple[str, ...]:
    return value[0] if len(value) == 1 else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed), PlainSerializer(_unlisted)]
"""One text or a list of them."""

Condition = Annotated[dict[str, Texts], BeforeValidator(_conditions)]
"""Column = text or texts, all of which must hold. `*` stands for anything (alone: not blank), an
empty text for a blank cell."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(_Part):
    """Where a field's text comes from: a column, several joined, or the same text for every row.

    `values` translates (what it does not hold passes as it is). `block` is for `answers_id` alone:
    the touchpoint that the block of that name made of the same row. In the file a plain string
    means a column, and "" that the field has none (to take back what the whole file says).
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = " "
    value: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    block: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        said = [self.column is not None, bool(self.columns), self.value is not None]
        if [*said, self.block is not None].count(True) != 1:
            message = "say exactly one of column, columns, value or block"
            raise ValueError(message)
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the file that it needs."""
        return self.columns or ((self.column,) if self.column else ())

    @model_serializer(mode="wrap")
    def _short(self, dump: SerializerFunctionWrapHandler) -> object:
        return _shortened(dump(self))


CellText = Annotated[Cell, BeforeValidator(_cell)]


class Columns(_Part):
    """Touchpoint field = the cell that tells it.

    `zone` is the zone (or offset) of a row's time, `refunds` the id of the gift that a negative
    amount gives back.
    """

    supporter: CellText | None = None
    kind: CellText | None = None
    at: CellText | None = None
    zone: CellText | None = None
    direction: CellText | None = None
    purposes: CellText | None = None
    asks_for: CellText | None = None
    channel: CellText | None = None
    audience: CellText | None = None
    automated: CellText | None = None
    campaign: CellText | None = None
    amount: CellText | None = None
    currency: CellText | None = None
    quantity: CellText | None = None
    answers_source: CellText | None = None
    answers_id: CellText | None = None
    refunds: CellText | None = None
    referrer: CellText | None = None
    external_id: CellText | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.kind is not None and self.kind.value is not None:
            message = "one kind for every row is said as default under [kinds]"
            raise ValueError(message)
        for name, cell in self.cells().items():
            if cell.block is not None and name != "answers_id":
                message = f"{name}: block is for answers_id alone"
                raise ValueError(message)
        return self

    def cells(self) -> dict[str, Cell]:
        """The fields that are told, by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: cell for name, cell in named.items() if cell is not None}

    def over(self, other: Columns) -> Columns:
        """These, and the other's where these say nothing."""
        return Columns(**(other.cells() | self.cells()))


class File(_Part):
    """How the file is written. What a name ends with tells its format, unless `format` does.

    `delimiter = "whitespace"` is any run of blanks; `widths` are those of fixed columns; `names`
    name the columns (with `header = false`: a file without a header; for JSON Lines: keys that may
    be absent). `skip_rows` are passed over before the header. `stop_at` and `ignore` are texts of a
    row's first cell: the end of the data, and rows such as subtotals. `nulls` are texts that mean
    nothing. `identity` names the columns that make an id where rows have none.
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


class Dates(_Part):
    """Formats are tried in order: strptime's letters, or iso, epoch, epoch_ms.

    A format without hours gives a date; one without days (`%Y`, `%m/%Y`) the first of that year or
    month, which is allowed by listing it. `zone` is that of times that bring none.
    """

    formats: Texts = ("iso",)
    zone: str | None = None

    @field_validator("formats")
    @classmethod
    def _understood(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from ladder.importers.formats import compiled  # noqa: PLC0415  (only mappings of files need it)

        if not value:
            message = "name at least one format"
            raise ValueError(message)
        for text in value:
            compiled(text)
        return value


class Amounts(_Part):
    """How money is written, and what becomes of amounts that are odd.

    `blank` and `zero` speak of kinds of the family money alone. `finer` is an amount finer than its
    currency has; `minor_units` says that amounts are whole cents. `currency` is that of rows that
    name none (else the organisation's).
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


class Rule(_Part):
    """What rows that meet a condition are: a kind and whatever else is the same for all of them.

    Without a kind the row's own is taken (`[columns] kind`). `ignore` passes the row over.
    """

    when: Condition = Field(min_length=1)
    kind: str | None = None
    ignore: bool = False
    direction: Direction | None = None
    purposes: Annotated[frozenset[Purpose] | None, BeforeValidator(_comma_listed)] = None
    asks_for: AskedFor | None = None
    channel: str | None = None
    audience: Audience | None = None
    automated: bool | None = None
    campaign: str | None = None
    details: dict[str, bool | int | str] = Field(default_factory=dict)


class KindRules(_Part):
    """The first rule that fits wins; then the kind column; then `default`; else it is refused."""

    default: str | None = None
    rules: tuple[Rule, ...] = ()


class Placeholders(_Part):
    """Names that are no one person, such as "(Anonymous)": texts of the supporter's cell.

    `own` gives every such row a supporter of its own, `refuse` and `skip` do what they say. A blank
    cell is refused unless "" is among the values.
    """

    values: Texts = ()
    each: Literal["own", "refuse", "skip"] = "own"


class Detail(_Part):
    """A column that is kept in a touchpoint's details, and as what."""

    column: str
    type: Literal["string", "integer", "boolean"] = "string"

    @model_serializer(mode="wrap")
    def _short(self, dump: SerializerFunctionWrapHandler) -> object:
        return _shortened(dump(self))


Details = dict[str, Annotated[Detail, BeforeValidator(_cell)]]


class Coverage(_Part):
    """What the organisation declares that its log holds, since when and until when.

    The importer only carries it along.
    """

    selector: str
    since: datetime | date | None = None
    until: datetime | date | None = None
    source: str | None = None


class Block(_Part):
    """One of several touchpoints that a row makes: for rows that meet `where`.

    Its columns, kinds, dates and details go over those of the whole file.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    where: Condition = Field(default_factory=dict)
    columns: Columns = Field(default_factory=Columns)
    kinds: KindRules | None = None
    details: Details = Field(default_factory=dict)


class Mapping(_Part):
    """A mapping file.

    >>> text = 'source = "crm"' + chr(10) + '[columns]' + chr(10) + 'supporter = "who"'
    >>> Mapping.parse(text, "crm.toml").columns.supporter
    Cell(column='who', columns=(), join=' ', value=None, values={}, block=None)
    """

    source: str = Field(min_length=1)
    otherwise: Literal["refuse", "ignore"] = "refuse"
    file: File = Field(default_factory=File)
    columns: Columns = Field(default_factory=Columns)
    dates: Dates = Field(default_factory=Dates)
    amounts: Amounts = Field(default_factory=Amounts)
    kinds: KindRules = Field(default_factory=KindRules)
    placeholders: Placeholders = Field(default_factory=Placeholders)
    details: Details = Field(default_factory=dict)
    rows: tuple[Block, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    @model_validator(mode="after")
    def _blocks_named_once(self) -> Self:
        names: list[str] = []
        for block in self.rows:
            answers = block.columns.answers_id
            if block.name in names:
                message = f"two [[rows]] blocks are called {block.name!r}"
                raise ValueError(message)
            if answers is not None and answers.block is not None and answers.block not in names:
                message = f"block {block.name!r} answers {answers.block!r}, which must come before"
                raise ValueError(message)
            names.append(block.name)
        return self

    @classmethod
    def load(cls, path: str | Path) -> Mapping:
        """Read a mapping file; `ImportFileError` names the file and, where it can, the line."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path}: the mapping cannot be read: {error}"
            raise ImportFileError(message) from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, place: str = "mapping") -> Mapping:
        """Read a mapping's text; `place` is what errors call it."""
        try:
            tree: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message = f"{place}: {error}"
            raise ImportFileError(message) from error
        try:
            return cls.model_validate(tree)
        except ValidationError as error:
            lines = complaints(error, cls, Places(text), place)
            raise ImportFileError("\n".join(lines)) from error

    def text(self) -> str:
        """TOML that loads to an equal mapping."""
        return toml_text(self.model_dump(exclude_defaults=True, exclude_none=True))

    def blocks(self) -> tuple[Block, ...]:
        """The blocks with what the whole file says filled in; a nameless one when it has none."""
        if not self.rows:
            nameless = Block(name="file", columns=self.columns, details=self.details)
            return (nameless.model_copy(update={"name": "", "kinds": self.kinds}),)
        return tuple(
            block.model_copy(
                update={
                    "columns": block.columns.over(self.columns),
                    "kinds": block.kinds or self.kinds,
                    "details": self.details | block.details,
                }
            )
            for block in self.rows
        )
