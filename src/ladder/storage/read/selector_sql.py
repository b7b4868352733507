"""Translate selectors to SQL conditions for the touchpoints that they may select.

The condition is an upper bound, like `ladder.engines.columnar.profiles` for columns in
memory: a touchpoint outside it is selected by none of the selectors. It is built per kind of
touchpoint. For most kinds it is then constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from string import ascii_lowercase
from typing import Any, Final, NamedTuple

from ladder.language.nodes import AllOf, AnyOf, Negation, Selector, When
from ladder.language.selectors import (
    AmountIs,
    AnyTouchpoint,
    IsAutomated,
    IsReferred,
    KindIs,
    OneOf,
    QuantityIs,
)
from ladder.model.kinds import Kind, Kinds

Sql = str | bool
"""A condition, or its constant value."""


class _Bounds(NamedTuple):
    """Conditions under which a touchpoint is surely selected, and under which it may be."""

    surely: Sql
    possibly: Sql


_UNKNOWN: Final = _Bounds(surely=False, possibly=True)


@dataclass
class Where:
    """A condition under construction, with the values for its names (`:va`, `:vb`, …)."""

    values: dict[str, Any] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def any_of(self, selectors: Iterable[Selector], kinds: Kinds) -> str:
        """Build the condition for what any of these may select of a supporter's own touchpoints."""
        selectors = list(selectors)
        asked: dict[Sql, list[str]] = {}
        for kind in kinds.values():
            each = [self._bounds(selector, kind).possibly for selector in selectors]
            asked.setdefault(_any(each), []).append(kind.name)
        asked.pop(False, None)
        parts = [
            self.kind_in(names) if sql is True else f"({self.kind_in(names)} AND ({sql}))"
            for sql, names in asked.items()
        ]
        return " OR ".join(parts) if parts else "1 = 0"

    def kind_in(self, names: Sequence[str]) -> str:
        """Build the condition for one of these kinds."""
        return f"kind IN :{self.value(list(names))}"

    def _bounds(self, selector: Selector, kind: Kind) -> _Bounds:
        match selector:
            case AllOf() | AnyOf():
                join = _all if isinstance(selector, AllOf) else _any
                items = [self._bounds(item, kind) for item in selector.items]
                return _Bounds(*map(join, zip(*items, strict=True)))
            case Negation():
                surely, possibly = self._bounds(selector.selector, kind)
                return _Bounds(_not(possibly), _not(surely))
            case When():
                within = self._bounds(selector.selector, kind)
                return _Bounds(surely=False, possibly=within.possibly)
            case AmountIs():
                return _Bounds(surely=False, possibly="amount IS NOT NULL")
            case QuantityIs():
                return _Bounds(surely=False, possibly="quantity IS NOT NULL")
        said = self._said(selector, kind)
        return _UNKNOWN if said is None else _Bounds(said, said)

    def _said(self, selector: Selector, kind: Kind) -> Sql | None:
        """Build an exact condition on a column; None where no column decides."""
        match selector:
            case AnyTouchpoint():
                return True
            case IsReferred():
                return False
            case KindIs():
                return kind.name == selector.name
            case IsAutomated():
                return "(automated IS TRUE)"
            case OneOf(field="family"):
                return kind.family in selector.values
            case OneOf(field="purpose"):
                return _any(list(map(self._purpose, selector.values)))
            case OneOf():
                values = self.value(list(selector.values))
                return f"({selector.field} IS NOT NULL AND {selector.field} IN :{values})"
        return None

    def _purpose(self, name: str) -> str:
        """Build the test that a purpose is in the comma-joined list; it runs on both databases."""
        listed = "(',' || purposes || ',')"
        return f"(replace({listed}, :{self.value(f',{name},')}, '') <> {listed})"

    def value(self, value: Any) -> str:  # noqa: ANN401  (whatever a driver binds)
        """Return the name of a value."""
        known = next((name for name, held in self.values.items() if held == value), None)
        if known is None:
            number = next(self._numbers)
            known = "v" + ascii_lowercase[number // 26] + ascii_lowercase[number % 26]
            self.values[known] = value
        return known


def _any(items: Sequence[Sql]) -> Sql:
    return True if True in items else _joined(" OR ", items, without=False)


def _all(items: Sequence[Sql]) -> Sql:
    return False if False in items else _joined(" AND ", items, without=True)


def _joined(word: str, items: Sequence[Sql], *, without: bool) -> Sql:
    """Join the distinct conditions without the neutral ones; the neutral value if none is left."""
    left = list(dict.fromkeys(item for item in items if isinstance(item, str)))
    return f"({word.join(left)})" if left else without


def _not(sql: Sql) -> Sql:
    return f"(NOT {sql})" if isinstance(sql, str) else not sql
