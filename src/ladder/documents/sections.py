"""The sections `[kinds]` and `[rates]` of a ladder's document."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ladder.documents.toml_tables import Sheet, Table
from ladder.errors import CurrencyError, DefinitionError
from ladder.language.macros import MACROS
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, FAMILIES, PURPOSES, Kind
from ladder.model.money import Rates

_KEYS = (
    "family", "direction", "purposes", "asks_for", "audience", "automated", "unit", "role",
)  # fmt: skip


def declared_kinds(sheet: Sheet) -> list[Kind]:
    """Read the kinds that a document declares; note their errors in the sheet."""
    kinds = []
    for name in sheet.table("kinds").data:
        table = sheet.table("kinds", name)
        table.only(_KEYS, f"[kinds.{name}]")
        if name in MACROS:
            sheet.wrong(table.path, f"no kind may be called {name!r}: that is a macro")
            continue
        if not table.require("family"):
            continue
        try:
            kinds.append(Kind(name, **_fields(table)))
        except DefinitionError as error:
            sheet.wrong(table.path, error.message)
    return kinds


def _fields(table: Table) -> dict[str, Any]:
    return {
        "family": table.choice("family", FAMILIES, "signal"),
        "direction": table.choice("direction", DIRECTIONS),
        "purposes": frozenset(table.texts("purposes", PURPOSES)),
        "asks_for": table.choice("asks_for", ASKED_FOR),
        "audience": table.choice("audience", AUDIENCES),
        "automated": table.optional_flag("automated"),
        "unit": table.text("unit"),
        "role": table.choice("role", ("", "refund", "void"), ""),
    }


Row = tuple[str, date, Decimal]
COLUMNS = ("currency", "from", "rate")
"""The columns of a CSV of rates: ISO 4217 code, first day, price of one unit of it in ours."""


def read_rates(sheet: Sheet, folder: Path | None) -> Rates | None:
    """Read the rates of a document: inline `rows`, or a CSV `file` in the document's folder."""
    if "rates" not in sheet.data:
        return None
    table = sheet.table("rates")
    table.only(("currency", "rows", "file"), "[rates]")
    if not table.require("currency"):
        return None
    rows = _inline(table)
    if "file" in table:
        rows += _from_file(table, folder)
    try:
        return Rates.of(table.text("currency"), rows)
    except CurrencyError as error:
        table.wrong("rows" if "rows" in table else "file", str(error))
        return None


def _inline(table: Table) -> list[Row]:
    rates = []
    rows = table.data.get("rows", [])
    for place, row in enumerate(rows if isinstance(rows, list) else [rows]):
        path = (*table.path, "rows", place)
        if not isinstance(row, list) or len(row) != len(COLUMNS):
            table.sheet.wrong(path, 'a row of rates is ["USD", 2024-01-01, 0.91]')
            continue
        try:
            rates.append(_row(row[0], row[1], row[2]))
        except ValueError as error:
            table.sheet.wrong(path, str(error))
    return rates


def _from_file(table: Table, folder: Path | None) -> list[Row]:
    name = table.text("file")
    if folder is None:
        table.wrong(
            "file", "a file of rates needs a ladder that is a file itself: give rows instead"
        )
        return []
    try:
        lines = (folder / name).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        table.wrong("file", f"{name} cannot be read: {error}", value=True)
        return []
    reader = csv.DictReader(lines)
    lacking = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if lacking:
        table.wrong("file", f"{name} lacks the columns {', '.join(lacking)}", value=True)
        return []
    rates = []
    for row in reader:
        try:
            rates.append(_row(row["currency"], row["from"], row["rate"]))
        except ValueError as error:
            table.wrong("file", f"{name}, line {reader.line_num}: {error}", value=True)
    return rates


def _row(currency: object, since: object, rate: object) -> Row:
    """Make a row of rates.

    Raises:
        ValueError: with the mistake.
    """
    day = date.fromisoformat(since) if isinstance(since, str) else since
    if not isinstance(currency, str) or type(day) is not date:
        message = f"({currency}, {since}, {rate}) is no row of rates: a currency, a date, a number"
        raise ValueError(message)
    try:
        price = Decimal(str(rate))
    except InvalidOperation:
        price = Decimal("nan")
    if not price.is_finite():
        message = f"{rate!r} is no rate: give a number such as 0.91"
        raise ValueError(message)
    return currency, day, price
