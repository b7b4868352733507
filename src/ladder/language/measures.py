"""Measures of touchpoints, and comparisons of measures."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Final, Literal

from pydantic import field_validator, model_validator

from ladder.errors import DefinitionError, nearest
from ladder.language.nodes import COMPARISON, Condition, Node, Selector, Span
from ladder.model.money import Money

Op = Literal[">=", ">", "<=", "<", "=="]
OPERATORS: Final[Mapping[Op, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}

MeasureUnit = Literal["number", "money", "quantity"]

DIMENSIONS: Final = (
    "day", "week", "month", "quarter", "year", "fiscal_year", "month_of_year",
    "channel", "kind", "family", "campaign", "person",
)  # fmt: skip
"""The dimensions of `distinct`, in addition to `details.<name>`."""


class Measure(Node):
    """The base of measures over the touchpoints that count now."""

    selector: Selector
    span: Span

    @property
    def unit(self) -> MeasureUnit:
        """The unit of the measure's value."""
        return "number"


class Count(Measure):
    """The number of selected touchpoints that count now."""

    def text(self) -> str:
        return f"count({self.selector}, {self.span})"


class Total(Measure):
    """The sum of amounts (minor units) or quantities (millionths of a unit) that count now."""

    of: Literal["amount", "quantity"] = "amount"

    @property
    def unit(self) -> MeasureUnit:
        return "money" if self.of == "amount" else "quantity"

    def text(self) -> str:
        of = "" if self.of == "amount" else ', of="quantity"'
        return f"total({self.selector}, {self.span}{of})"


class Distinct(Measure):
    """The number of distinct values of a dimension among the touchpoints that count now.

    A value counts while any touchpoint with it counts.
    """

    by: str

    @field_validator("by")
    @classmethod
    def _known_dimension(cls, by: str) -> str:
        if by not in DIMENSIONS and not (by.startswith("details.") and by[8:].isidentifier()):
            message = (
                f"distinct by {by!r} is unknown{nearest(by, DIMENSIONS)}; "
                f"known: {', '.join(DIMENSIONS)}, details.<name>"
            )
            raise DefinitionError(message)
        return by

    def text(self) -> str:
        return f'distinct({self.selector}, {self.span}, by="{self.by}")'


class Term(Node):
    """A measure times a number, or times an amount of money per counted thing."""

    times: Fraction
    measure: Measure
    money: bool = False
    currency: str | None = None

    @property
    def unit(self) -> MeasureUnit:
        """The unit of the product."""
        return "money" if self.money else self.measure.unit

    def text(self) -> str:
        if self.money:
            return f'"{Money(_decimal(abs(self.times)), self.currency)}" * {self.measure}'
        size = abs(self.times)
        return str(self.measure) if size == 1 else f"{_decimal(size):f} * {self.measure}"


class Compare(Condition):
    """An exact comparison of a linear combination of measures of one unit with a constant.

    It has a normal form: all measures left, positive ones first, the constant right.
    """

    binds: ClassVar[int] = COMPARISON
    terms: tuple[Term, ...]
    op: Op
    constant: Fraction
    unit: MeasureUnit
    currency: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Compare:
        never = {"<": self.constant <= 0, "<=": self.constant < 0, "==": self.constant < 0}
        if self.says_nothing:
            message = f"{self.text()} is always true: no figure is below zero"
            raise DefinitionError(message)
        if self._only_adds and never.get(self.op):
            message = f"{self.text()} is never true: no figure is below zero"
            raise DefinitionError(message)
        return self

    @property
    def says_nothing(self) -> bool:
        """Whether the comparison is always true because no figure is below zero."""
        always = {">=": self.constant <= 0, ">": self.constant < 0}
        return self._only_adds and always.get(self.op, False)

    @property
    def _only_adds(self) -> bool:
        return all(term.times > 0 for term in self.terms)

    def text(self) -> str:
        left = " + ".join(term.text() for term in self.terms if term.times > 0)
        right = [term.text() for term in self.terms if term.times < 0]
        if self.constant or not right:
            right.append(_constant_text(self.constant, self.unit, self.currency))
        return f"{left} {self.op} {_join_sum(right)}"


class Exceeds(Selector):
    """Touchpoints whose amount or quantity reaches (`at_least`) or exceeds (`above`) a past figure.

    The figure is a linear combination of measures, read just before the touchpoint's instant acts,
    as in `when`: `amount_above(total(donation, until(donation)))` is more than the gift before.
    """

    looks_back: ClassVar[bool] = True
    bound: Literal["at_least", "above"]
    of: Literal["amount", "quantity"]
    terms: tuple[Term, ...]
    constant: Fraction = Fraction(0)
    currency: str | None = None

    @property
    def unit(self) -> MeasureUnit:
        """The unit of the compared values."""
        return "money" if self.of == "amount" else "quantity"

    def text(self) -> str:
        figure = [term.text() for term in self.terms if term.times > 0]
        figure += [f"-{term.text()}" for term in self.terms if term.times < 0]
        if self.constant:
            sign = "-" if self.constant < 0 else ""
            figure.append(sign + _constant_text(abs(self.constant), self.unit, self.currency))
        return f"{self.of}_{self.bound}({_join_sum(figure)})"


def _join_sum(parts: list[str]) -> str:
    """Join the texts of a sum; a part with a leading minus is subtracted."""
    more = (f" - {part[1:]}" if part[0] == "-" else f" + {part}" for part in parts[1:])
    return parts[0] + "".join(more)


def _constant_text(constant: Fraction, unit: MeasureUnit, currency: str | None) -> str:
    value = _decimal(constant)
    return f'"{Money(value, currency)}"' if unit == "money" else f"{value:f}"


def _decimal(value: Fraction) -> Decimal:
    """Convert without rounding; plain division would round to the context's 28 digits."""
    places = 0
    while value.denominator != 1:
        value, places = value * 10, places + 1
    sign, digits = int(value < 0), tuple(int(digit) for digit in str(abs(value.numerator)))
    return Decimal((sign, digits, -places))
