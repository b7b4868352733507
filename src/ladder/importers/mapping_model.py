"""The building blocks of a mapping: texts, conditions and cells."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _conditions(value: object) -> object:
    if isinstance(value, dict):
        return {column: _as_list(texts) for column, texts in value.items()}
    return value


def _as_single(value: tuple[str, ...]) -> str | tuple[str, ...]:
    return value[0] if len(value) == 1 else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list), PlainSerializer(_as_single)]
"""One text or a list of texts."""

Condition = Annotated[dict[str, Texts], BeforeValidator(_conditions)]
"""A condition: columns with accepted texts, all of which must match.

`*` stands for anything (alone: not blank), an empty text for a blank cell.
"""


class Part(BaseModel):
    """A part of a mapping: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def as_cell(value: object) -> object:
    """Read a plain text as the name of a column."""
    return {"column": value} if isinstance(value, str) else value


def shortened(dumped: dict[str, Any]) -> object:
    """Write a cell that has only a column as the name of that column."""
    return dumped["column"] if list(dumped) == ["column"] else dumped


class Cell(Part):
    """The origin of a field's text: a column, several joined, or the same text for every row.

    `values` translates texts; a text that is not among them stays as it is. `block` is only for
    `answers_id`: the touchpoint that the named block made from the same row. In the file a plain
    string means a column. "" means that the field has none, which cancels a setting of the whole
    file.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = " "
    value: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    block: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [self.column is not None, bool(self.columns), self.value is not None]
        if [*origins, self.block is not None].count(True) != 1:
            message = "say exactly one of column, columns, value or block"
            raise ValueError(message)
        return self

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the file that it needs."""
        return self.columns or ((self.column,) if self.column else ())

    @model_serializer(mode="wrap")
    def _short(self, dump: SerializerFunctionWrapHandler) -> object:
        return shortened(dump(self))


CellText = Annotated[Cell, BeforeValidator(as_cell)]


class Columns(Part):
    """The cells of a touchpoint's fields.

    `zone` is the zone (or offset) of a row's time. `refunds` is the id of the gift that a negative
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
        """Return the fields that have a cell, by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: cell for name, cell in named.items() if cell is not None}

    def over(self, other: Columns) -> Columns:
        """Return these cells, completed with the other's."""
        return Columns(**(other.cells() | self.cells()))
