"""The writer from `Ladder` to TOML. It expands every name, so the text needs no context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ladder.language.ladders import Ladder, Pattern
from ladder.language.nodes import Node
from ladder.model.kinds import Kind
from ladder.model.money import Rates
from ladder.toml_writer import Expression, toml_block


def dump(ladder: Ladder) -> str:
    """Write the ladder as an expanded TOML document; `load(dump(ladder)) == ladder`."""
    blocks = (
        toml_block(header, {key: value for key, value in fields.items() if value not in ("", ())})
        for header, fields in _blocks(ladder)
    )
    return "\n\n".join(blocks) + "\n"


def _blocks(ladder: Ladder) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "[ladder]",
        {
            "key": ladder.key,
            "title": ladder.title,
            "ground": _unless(ladder.ground, "ground"),
            "kind": _unless(ladder.kind, "rungs"),
            "placements": _unless(ladder.placements, "lift"),
            "suppress_when": _expression(ladder.suppress_when),
            "sources": ladder.sources,
        },
    )
    for kind in ladder.own_kinds:
        yield f"[kinds.{kind.name}]", _kind(kind)
    if ladder.rates is not None:
        yield "[rates]", _rates(ladder.rates)
    for rung in ladder.rungs:
        enter, stay = _expression(rung.enter), _expression(rung.stay)
        fields = {"key": rung.key, "title": rung.title, "enter": enter, "stay": stay}
        yield "[[rung]]", {**fields, "height": rung.height}
    for pattern in ladder.patterns:
        yield "[[pattern]]", _pattern(pattern)


def _kind(kind: Kind) -> dict[str, Any]:
    keys = ("family", "direction", "purposes", "asks_for", "audience", "automated", "unit", "role")
    fields = {key: getattr(kind, key) for key in keys}
    return fields | {"purposes": tuple(sorted(kind.purposes))}


def _rates(rates: Rates) -> dict[str, Any]:
    rows = [[currency, day, f"{rate:f}"] for currency, steps in rates.table for day, rate in steps]
    return {"currency": rates.currency, "rows": rows}


def _pattern(pattern: Pattern) -> dict[str, Any]:
    texts = ("rule", "requires_text", "remedy", "caveat", "next", "strength", "source")
    flags = ("safeguard", "contested", "optional")
    return {
        **{key: getattr(pattern, key) for key in ("key", "name", "title", "side", "attribution")},
        **{grade.severity: _expression(grade.condition) for grade in pattern.grades},
        "requires": _expression(pattern.requires),
        "evidence": _expression(pattern.evidence),
        **{key: getattr(pattern, key) for key in texts},
        **{flag: True for flag in flags if getattr(pattern, flag)},
    }


def _unless(value: str, default: str) -> str:
    return "" if value == default else value


def _expression(node: Node | None) -> Expression | None:
    return None if node is None else Expression(node)
