"""The `[kinds.<name>]` tables: kinds of touchpoint that a ladder adds to the built-in ones."""

from __future__ import annotations

from typing import Any

from ladder.documents.toml_tables import Sheet, Table
from ladder.errors import DefinitionError
from ladder.language.macros import MACROS
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, FAMILIES, PURPOSES, Kind

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
