"""The kind of a row: the first matching rule, the row's own word, and the defaults of the kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import polars as pl

from ladder.errors import ImportFileError, nearest
from ladder.importers.cells import text_of
from ladder.importers.csv_reader import globbed
from ladder.importers.mapping import KindRules, Rule
from ladder.importers.mapping_model import Columns
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, PURPOSES, Kind, Kinds

YES: Final = frozenset(("true", "yes", "y", "1", "t", "x", "ja", "j", "wahr", "oui", "vrai", "sí"))
NO: Final = frozenset(("false", "no", "n", "0", "f", "nein", "falsch", "non", "faux", "falso"))


def check_kinds(rules: KindRules, kinds: Kinds, where: str) -> None:
    """Reject rules that name an unknown kind; raises `ImportFileError`."""
    named = [(f"rules[{place}].kind", rule.kind) for place, rule in enumerate(rules.rules)]
    for title, name in [*named, ("default", rules.default)]:
        if name is not None and name not in kinds:
            message = f"{where}.{title}: unknown kind {name!r}{nearest(name, kinds)}"
            raise ImportFileError(message)


def rule_places(cells: pl.DataFrame, rules: tuple[Rule, ...]) -> pl.Series:
    """Return per row the position of the first matching rule, or null.

    Rows with equal texts are matched once.
    """
    columns = sorted({column for rule in rules for column in rule.when})
    if not columns:
        return pl.repeat(None, len(cells), dtype=pl.Int64, eager=True)
    combinations = cells.select(columns).unique(maintain_order=True)
    tests = [_test(rule, columns) for rule in rules]
    places = [
        next((place for place, test in enumerate(tests) if test(row)), None)
        for row in combinations.iter_rows()
    ]
    known = combinations.with_columns(pl.Series("", places, dtype=pl.Int64))
    wanted = cells.select(columns)
    return wanted.join(known, on=columns, how="left", nulls_equal=True, maintain_order="left")[""]


def _test(rule: Rule, columns: list[str]) -> Callable[[tuple[str | None, ...]], bool]:
    wanted = []
    for column, texts in rule.when.items():
        pattern = globbed([text for text in texts if text])
        match = re.compile(pattern).search if pattern else (lambda _: None)
        wanted.append((columns.index(column), "" in texts, match))

    def fits(row: tuple[str | None, ...]) -> bool:
        for place, blank, match in wanted:
            text = row[place]
            if not (blank if text is None else match(text)):
                return False
        return True

    return fits


def from_rules(places: pl.Series, rules: tuple[Rule, ...], field: str) -> pl.Series:
    """Return the value of a field by the rules of the rows, or null where they give none."""
    values = [_value_of(rule, field) for rule in rules]
    kind = pl.Boolean if field in ("automated", "ignore") else pl.String
    return (
        pl.Series(field, values, dtype=kind).gather(places)
        if values
        else pl.repeat(None, len(places), dtype=kind, eager=True).alias(field)
    )


def _value_of(rule: Rule, field: str) -> str | bool | None:
    value = getattr(rule, field)
    if field == "purposes" and value is not None:
        return ",".join(sorted(value))
    return value  # type: ignore[no-any-return]


def defaults(kinds: Kinds) -> pl.DataFrame:
    """Return one row per kind with its default values."""
    return pl.DataFrame([_row(kind) for kind in kinds.values()], schema=_DEFAULTS, orient="row")


_DEFAULTS: Final = {
    "kind": pl.String,
    "family": pl.String,
    "role": pl.String,
    "direction": pl.String,
    "purposes": pl.String,
    "asks_for": pl.String,
    "audience": pl.String,
    "automated": pl.Boolean,
}


def _row(kind: Kind) -> tuple[object, ...]:
    purposes = ",".join(sorted(kind.purposes))
    cells = (kind.direction, purposes, kind.asks_for, kind.audience, kind.automated)
    return (kind.name, kind.family, kind.role, *cells)


def spoken(cells: pl.DataFrame, columns: Columns, field: str) -> tuple[pl.Series, pl.Series]:
    """Read a field with a closed vocabulary from its column: (value, problem or null)."""
    texts = text_of(cells, getattr(columns, field))
    words = texts.drop_nulls().unique().to_list()
    read = {word: _READERS[field](word) for word in words}
    good = {word: value for word, (value, _) in read.items() if value is not None}
    bad = {word: problem for word, (_, problem) in read.items() if problem is not None}
    kind = pl.Boolean if field == "automated" else pl.String
    values = texts.replace_strict(good, default=None, return_dtype=kind)
    return values, texts.replace_strict(bad, default=None, return_dtype=pl.String)


_Read = tuple[str | bool | None, str | None]


def _one_of(known: tuple[str, ...]) -> Callable[[str], _Read]:
    def read(text: str) -> _Read:
        word = text.lower()
        if word in known:
            return word, None
        return None, f"{text!r} is none of {', '.join(known)}{nearest(word, known)}"

    return read


def _purposes(text: str) -> _Read:
    words = sorted({part.strip().lower() for part in text.split(",") if part.strip()})
    unknown = [word for word in words if word not in PURPOSES]
    if unknown:
        return None, f"unknown purpose {unknown[0]!r}{nearest(unknown[0], PURPOSES)}"
    return ",".join(words), None


def yes_or_no(text: str) -> _Read:
    """Parse a boolean in English, German, French or Spanish."""
    word = text.lower()
    if word in YES or word in NO:
        return word in YES, None
    return None, f"{text!r} is neither yes nor no"


_READERS: Final[dict[str, Callable[[str], _Read]]] = {
    "direction": _one_of(DIRECTIONS),
    "purposes": _purposes,
    "asks_for": _one_of(ASKED_FOR),
    "audience": _one_of(AUDIENCES),
    "automated": yes_or_no,
}
