"""The writer from `Ladder` to TOML. It expands every name, so the text needs no context."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ladder.language.ladders import Ladder, Pattern, Rung
from ladder.language.nodes import Node
from ladder.model.kinds import Kind
from ladder.model.money import Rates

_WIDTH = 100


def dump(ladder: Ladder) -> str:
    """Write the ladder as an expanded TOML document; `load(dump(ladder)) == ladder`."""
    return "\n\n".join("\n".join(block) for block in _blocks(ladder)) + "\n"


def _blocks(ladder: Ladder) -> Iterator[list[str]]:
    yield ["[ladder]", *_head(ladder)]
    for kind in ladder.own_kinds:
        yield [f"[kinds.{kind.name}]", *_kind(kind)]
    if ladder.rates is not None:
        yield ["[rates]", *_rates(ladder.rates)]
    for rung in ladder.rungs:
        yield ["[[rung]]", *_rung(rung)]
    for pattern in ladder.patterns:
        yield ["[[pattern]]", *_pattern(pattern)]


def _head(ladder: Ladder) -> Iterator[str]:
    yield f"key = {_text(ladder.key)}"
    yield from _unless_default("title", ladder.title)
    yield from _unless_default("ground", ladder.ground, "ground")
    yield from _unless_default("kind", ladder.kind, "rungs")
    yield from _unless_default("placements", ladder.placements, "lift")
    yield from _expression("suppress_when", ladder.suppress_when)
    if ladder.sources:
        yield f"sources = {_list(ladder.sources)}"


def _kind(kind: Kind) -> Iterator[str]:
    yield f"family = {_text(kind.family)}"
    yield from _unless_default("direction", kind.direction or "")
    if kind.purposes:
        yield f"purposes = {_list(tuple(sorted(kind.purposes)))}"
    yield from _unless_default("asks_for", kind.asks_for or "")
    yield from _unless_default("audience", kind.audience or "")
    if kind.automated is not None:
        yield f"automated = {str(kind.automated).lower()}"
    yield from _unless_default("unit", kind.unit)
    yield from _unless_default("role", kind.role)


def _rates(rates: Rates) -> Iterator[str]:
    yield f"currency = {_text(rates.currency)}"
    yield "rows = ["
    for currency, steps in rates.table:
        for day, rate in steps:
            yield f"    {_row(currency, day, rate)},"
    yield "]"


def _row(currency: str, day: date, rate: Decimal) -> str:
    return f'[{_text(currency)}, {day.isoformat()}, "{rate:f}"]'


def _rung(rung: Rung) -> Iterator[str]:
    yield f"key = {_text(rung.key)}"
    yield from _unless_default("title", rung.title)
    yield from _expression("enter", rung.enter)
    yield from _expression("stay", rung.stay)
    if rung.height is not None:
        yield f"height = {rung.height}"


def _pattern(pattern: Pattern) -> Iterator[str]:
    yield f"key = {_text(pattern.key)}"
    yield from _unless_default("name", pattern.name)
    yield from _unless_default("title", pattern.title)
    yield f"side = {_text(pattern.side)}"
    yield from _unless_default("attribution", pattern.attribution or "")
    for grade in pattern.grades:
        yield from _expression(grade.severity, grade.condition)
    yield from _expression("requires", pattern.requires)
    yield from _expression("evidence", pattern.evidence)
    for key in ("rule", "requires_text", "remedy", "caveat"):
        yield from _unless_default(key, getattr(pattern, key))
    yield from _unless_default("next", pattern.next or "")
    yield f"strength = {_text(pattern.strength)}"
    yield from _unless_default("source", pattern.source)
    for flag in ("safeguard", "contested", "optional"):
        if getattr(pattern, flag):
            yield f"{flag} = true"


def _unless_default(key: str, value: str, default: str = "") -> Iterator[str]:
    if value != default:
        yield f"{key} = {_text(value)}"


def _expression(key: str, node: Node | None) -> Iterator[str]:
    if node is not None:
        yield f"{key} = {quote(str(node))}"


def quote(text: str) -> str:
    """Quote an expression: in single quotes unless it needs escapes."""
    plain = "'" not in text and text.isprintable()
    return f"'{text}'" if plain else _text(text)


def _text(text: str) -> str:
    """Format a basic TOML string: with JSON's escapes, except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: tuple[str, ...]) -> str:
    line = f"[{', '.join(_text(text) for text in texts)}]"
    if len(line) < _WIDTH:
        return line
    return "[\n" + "".join(f"    {_text(text)},\n" for text in texts) + "]"
