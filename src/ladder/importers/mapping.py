"""The mapping from columns of another system's export to fields of touchpoints.

A mapping is read from a TOML file and is plain frozen data: it opens no file and knows no rows.
`docs/importing.md` is its reference.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from ladder.errors import ImportFileError
from ladder.importers.file_format import Amounts, Dates, File
from ladder.importers.mapping_model import Columns, Condition, Part, Texts, as_cell, shortened
from ladder.importers.toml_locations import Places, complaints
from ladder.model.kinds import AskedFor, Audience, Direction, Purpose
from ladder.toml_writer import toml_text


def _comma_listed(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


class Rule(Part):
    """A kind, and other constant fields, for rows that meet a condition.

    Without a kind the row's own is taken (`[columns] kind`). `ignore` skips the row.
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


class KindRules(Part):
    """Rules for the kind of a row.

    The first matching rule wins, then the kind column, then `default`. Otherwise the row is
    rejected.
    """

    default: str | None = None
    rules: tuple[Rule, ...] = ()


class Placeholders(Part):
    """Names that are not one person, such as "(Anonymous)": texts of the supporter's cell.

    `own` gives every such row a supporter of its own. `mark` keeps the rows together under their
    name. Both add a touchpoint of kind `placeholder`, by which a ladder's `suppress_when` leaves
    them out of everything that concerns people. `refuse` rejects and `skip` ignores these rows. A
    blank cell is rejected unless "" is among the values.
    """

    values: Texts = ()
    each: Literal["own", "mark", "refuse", "skip"] = "own"


class Detail(Part):
    """A column that is kept in a touchpoint's details, and its type there."""

    column: str
    type: Literal["string", "integer", "boolean"] = "string"

    @model_serializer(mode="wrap")
    def _short(self, dump: SerializerFunctionWrapHandler) -> object:
        return shortened(dump(self))


Details = dict[str, Annotated[Detail, BeforeValidator(as_cell)]]


class Coverage(Part):
    """A declaration of the organisation: its log holds these touchpoints in this period.

    It covers the mapping's own `source` unless another one is named; "*" is the whole log.
    """

    selector: str
    since: datetime | date | None = None
    until: datetime | date | None = None
    source: str | None = None

    @field_validator("since", "until")
    @classmethod
    def _no_naive_times(cls, value: datetime | date | None) -> datetime | date | None:
        if isinstance(value, datetime) and value.utcoffset() is None:
            message = f"{value} has no time zone: add an offset such as +01:00, or give a date"
            raise ValueError(message)
        return value


class Block(Part):
    """One of several touchpoints that a row makes, for rows that meet `where`.

    Its columns, kinds and details override those of the whole file.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    where: Condition = Field(default_factory=dict)
    columns: Columns = Field(default_factory=Columns)
    kinds: KindRules | None = None
    details: Details = Field(default_factory=dict)


class Mapping(Part):
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
        """Read a mapping file.

        Raises:
            ImportFileError: if it cannot be read; names the file and, where known, the line.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path}: the mapping cannot be read: {error}"
            raise ImportFileError(message) from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, place: str = "mapping") -> Mapping:
        """Parse the text of a mapping; `place` names it in error messages.

        Raises:
            ImportFileError: if the text is not a valid mapping; names the line where known.
        """
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
        """Return TOML that loads to an equal mapping."""
        return toml_text(self.model_dump(exclude_defaults=True, exclude_none=True))

    def blocks(self) -> tuple[Block, ...]:
        """Return the blocks, completed with the settings of the whole file.

        A mapping without blocks has one nameless block.
        """
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
