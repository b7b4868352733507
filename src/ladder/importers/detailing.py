"""The details of touchpoints, as the canonical JSON that the database keeps."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from ladder.importers.kinding import yes_or_no
from ladder.importers.mapping import Details, Rule
from ladder.touchpoints import Detail, details_text

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_RULE: Final = "\x00rule"


def details_of_rows(
    cells: pl.DataFrame, details: Details, places: pl.Series, rules: tuple[Rule, ...]
) -> tuple[pl.Series, pl.Series]:
    """Each row's details as JSON (null when it has none), and its problem (null when it has none).

    What a rule says goes over what a column says. Rows with the same texts are written once.
    """
    if not details and not any(rule.details for rule in rules):
        nothing = pl.repeat(None, len(cells), dtype=pl.String, eager=True)
        return nothing, nothing
    asked = pl.DataFrame(
        [cells[each.column].alias(name) for name, each in details.items()] + [places.alias(_RULE)]
    )
    different = asked.unique(maintain_order=True)
    told = [_told(row, details, rules) for row in different.iter_rows()]
    known = different.with_columns(
        pl.Series("\x00text", [text for text, _ in told], dtype=pl.String),
        pl.Series("\x00problem", [problem for _, problem in told], dtype=pl.String),
    )
    rows = asked.join(known, on=asked.columns, how="left", nulls_equal=True, maintain_order="left")
    return rows["\x00text"], rows["\x00problem"]


def _told(
    row: tuple[str | int | None, ...], details: Details, rules: tuple[Rule, ...]
) -> tuple[str | None, str | None]:
    said: dict[str, Detail] = {}
    problems = []
    for (name, each), text in zip(details.items(), row[:-1], strict=True):
        if text is None:
            continue
        try:
            said[name] = _typed(str(text), each.type)
        except ValueError as error:
            problems.append(f"detail {name}, column {each.column!r}: {error}")
    place = row[-1]
    if isinstance(place, int):
        said |= rules[place].details
    return details_text(said), "; ".join(problems) or None


def _typed(text: str, kind: str) -> Detail:
    if kind == "integer":
        if not _INTEGER.fullmatch(text):
            message = f"{text!r} is no integer"
            raise ValueError(message)
        return int(text)
    if kind == "boolean":
        value, problem = yes_or_no(text)
        if problem is not None:
            raise ValueError(problem)
        return value
    return text
