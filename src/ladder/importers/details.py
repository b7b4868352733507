"""The details of touchpoints, as the canonical JSON that the database stores."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Final

import polars as pl

from ladder.importers.kind_rules import yes_or_no
from ladder.importers.mapping import Detail, Details, Rule
from ladder.importers.rejections import Reasons

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")


def details_of_rows(
    cells: pl.DataFrame,
    details: Details,
    places: pl.Series,
    rules: tuple[Rule, ...],
    reasons: Reasons,
) -> pl.Series:
    """Return the details per row as JSON, or null if there are none; rules override columns.

    The JSON is built member by member over whole columns. The text equals that of
    `ladder.model.touchpoints.details_text` for a single touchpoint.
    """
    nothing = pl.repeat(None, len(cells), dtype=pl.String, eager=True)
    members = []
    for name in sorted({*details, *(name for rule in rules for name in rule.details)}):
        text_list = nothing
        if name in details:
            text_list = _of_column(cells[details[name].column], details[name], name, reasons)
        by_rule = _of_rules(places, rules, name)
        members.append(
            pl.lit(f"{_text(name)}:") + by_rule.zip_with(by_rule.is_not_null(), text_list)
        )
    if not members:
        return nothing
    inner = pl.concat_str(members, separator=",", ignore_nulls=True)
    whole = pl.when(inner != "").then(pl.lit("{") + inner + pl.lit("}"))
    return cells.select(whole).to_series() if len(cells) else nothing


def _text(text: str) -> str:
    return encode_basestring(text)


def _of_rules(places: pl.Series, rules: tuple[Rule, ...], name: str) -> pl.Series:
    value_list = [
        json.dumps(rule.details[name], ensure_ascii=False) if name in rule.details else None
        for rule in rules
    ]
    if not any(value_list):
        return pl.repeat(None, len(places), dtype=pl.String, eager=True)
    return pl.Series(value_list, dtype=pl.String).gather(places)


def _of_column(texts: pl.Series, detail: Detail, name: str, reasons: Reasons) -> pl.Series:
    write = _WRITERS[detail.type]
    written = [None if text is None else write(text) for text in texts.to_list()]
    result = pl.Series(written, dtype=pl.String)
    kind = "integer" if detail.type == "integer" else "yes or no"
    reasons.add(
        texts.is_not_null() & result.is_null(),
        f"detail {name}, column {detail.column!r}",
        lambda place: f"{texts[place]!r} is no {kind}",
    )
    return result


def _integer(text: str) -> str | None:
    return str(int(text)) if _INTEGER.fullmatch(text) else None


def _boolean(text: str) -> str | None:
    value, _ = yes_or_no(text)
    return None if value is None else ("true" if value else "false")


_WRITERS: Final[dict[str, Callable[[str], str | None]]] = {
    "string": encode_basestring,
    "integer": _integer,
    "boolean": _boolean,
}
