"""Figures of `count`, `total` and `distinct`, with exact arithmetic and comparisons.

All arithmetic uses fractions. Comparing a figure makes a condition; comparing a touchpoint's own
amount with a figure makes a selector.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Final, Literal, NoReturn

from ladder.errors import DefinitionError
from ladder.language.measures import (
    Compare,
    Count,
    Distinct,
    Exceeds,
    Measure,
    MeasureUnit,
    Op,
    Term,
    Total,
)
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.selectors import AmountIs, QuantityIs
from ladder.model.money import Money, to_quantity

_MIRROR: Final[dict[Op, Op]] = {">=": "<=", ">": "<", "<=": ">=", "<": ">", "==": "=="}

Number = int | str | Decimal | Fraction


@dataclass(frozen=True, eq=False)
class Figure:
    """The result of `count`, `total` and `distinct`: a sum of measures, to be compared.

    `+`, `-` and `*` by a number combine figures; `>=`, `>`, `<=`, `<` and `==` make a condition.
    """

    terms: tuple[Term, ...]
    constant: Fraction = Fraction(0)
    money: bool = False
    currency: str | None = None

    def __add__(self, other: Figure | Number) -> Figure:
        return _sum(self, _figure(other))

    def __radd__(self, other: Number) -> Figure:
        return _sum(_figure(other), self)

    def __sub__(self, other: Figure | Number) -> Figure:
        return _sum(self, _scale(_figure(other), Fraction(-1)))

    def __rsub__(self, other: Number) -> Figure:
        return _sum(_figure(other), _scale(self, Fraction(-1)))

    def __neg__(self) -> Figure:
        return _scale(self, Fraction(-1))

    def __mul__(self, other: Number) -> Figure:
        return _product(self, _figure(other))

    __rmul__ = __mul__

    def __ge__(self, other: Figure | Number) -> Compare:
        return _compare(self, ">=", _figure(other))

    def __gt__(self, other: Figure | Number) -> Compare:
        return _compare(self, ">", _figure(other))

    def __le__(self, other: Figure | Number) -> Compare:
        return _compare(self, "<=", _figure(other))

    def __lt__(self, other: Figure | Number) -> Compare:
        return _compare(self, "<", _figure(other))

    def __eq__(self, other: object) -> Compare:  # type: ignore[override]
        return _compare(self, "==", _figure(other))

    def __ne__(self, other: object) -> NoReturn:
        message = "!= is not a comparison here: say (a > b) | (a < b)"
        raise DefinitionError(message)

    def __hash__(self) -> int:
        return hash(self.terms)

    def __bool__(self) -> NoReturn:
        message = "a figure must be compared: count(donation, months(12)) >= 1"
        raise TypeError(message)


def count(selector: Selector, span: Span) -> Figure:
    """Count the selected touchpoints that count now."""
    return _measure(Count(selector=selector, span=span))


def total(selector: Selector, span: Span, of: Literal["amount", "quantity"] = "amount") -> Figure:
    """Add up the amounts, or the quantities, of the selected touchpoints that count now."""
    return _measure(Total(selector=selector, span=span, of=of))


def distinct(selector: Selector, span: Span, by: str) -> Figure:
    """Count the distinct values of a dimension among the selected touchpoints that count now."""
    return _measure(Distinct(selector=selector, span=span, by=by))


def share(part: Selector, whole: Selector, span: Span) -> Ratio:
    """Make the share of `whole` that is also `part`, to be compared with a number from 0 to 1.

    `share(a, b, d) >= 0.5` abbreviates `2 * count(a and b, d) >= count(b, d)`; it is false without
    any b. In Python the number is a `Decimal`.
    """
    return Ratio(count(part & whole, span), count(whole, span))


def average(selector: Selector, span: Span, of: Literal["amount", "quantity"] = "amount") -> Ratio:
    """Make the average amount or quantity of the touchpoints that count now.

    Comparisons with it are false where no touchpoint counts.
    """
    return Ratio(total(selector, span, of), count(selector, span))


@dataclass(frozen=True, eq=False)
class Ratio:
    """A ratio of two figures; its comparisons are false while the divisor is below 1."""

    part: Figure
    whole: Figure

    def _against(self, op: Op, other: Number) -> Condition:
        return _compare(self.part, op, _product(self.whole, _figure(other))) & (self.whole >= 1)

    def __ge__(self, other: Number) -> Condition:
        return self._against(">=", other)

    def __gt__(self, other: Number) -> Condition:
        return self._against(">", other)

    def __le__(self, other: Number) -> Condition:
        return self._against("<=", other)

    def __lt__(self, other: Number) -> Condition:
        return self._against("<", other)

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return self._against("==", other)  # type: ignore[arg-type]

    def __hash__(self) -> int:
        return hash((self.part, self.whole))


def amount_at_least(amount: str | Figure) -> Selector:
    """Select touchpoints with at least this amount.

    The amount is "100 EUR", "100" in the organisation's currency, or a figure. A figure is read
    just before the instant: `amount_at_least(2 * total(gift, until(gift)))`.
    """
    return _own_amount("at_least", amount)


def amount_above(amount: str | Figure) -> Selector:
    """Select touchpoints with more than this amount, or than a figure just before the instant."""
    return _own_amount("above", amount)


def quantity_at_least(number: int | str | Decimal | Figure) -> Selector:
    """Select touchpoints with at least this quantity in the units of their kind.

    A figure as the quantity is read just before the instant.
    """
    return _own_quantity("at_least", number)


def quantity_above(number: int | str | Decimal | Figure) -> Selector:
    """Select touchpoints with more than this quantity in the units of their kind.

    A figure as the quantity is read just before the instant.
    """
    return _own_quantity("above", number)


def _own_amount(bound: Literal["at_least", "above"], amount: str | Figure) -> Selector:
    if isinstance(amount, Figure):
        return _exceeds(bound, "amount", amount)
    value = Money.parse(amount)
    return AmountIs(bound=bound, amount=value.amount, currency=value.currency)


def _own_quantity(
    bound: Literal["at_least", "above"], number: int | str | Decimal | Figure
) -> Selector:
    if isinstance(number, Figure):
        return _exceeds(bound, "quantity", number)
    return QuantityIs(bound=bound, millionths=to_quantity(number))


def _exceeds(
    bound: Literal["at_least", "above"], of: Literal["amount", "quantity"], figure: Figure
) -> Exceeds:
    terms = tuple(sorted(_merge(figure.terms), key=lambda term: term.times < 0))
    if not any(term.times > 0 for term in terms):
        message = f"{of}_{bound}() compares with a figure that can be above zero"
        raise DefinitionError(message)
    unit = _one_unit(terms, money=figure.money, constant=figure.constant)
    if (unit == "money") != (of == "amount"):
        message = f"{of}_{bound}() compares with a figure of the same sort, not of {unit}"
        raise DefinitionError(message)
    if any(_beyond_decimal(term.times.denominator) > 1 for term in terms):
        message = f"{of}_{bound}() takes factors that are whole or decimal numbers"
        raise DefinitionError(message)
    currency = _one_currency((figure.currency, *(term.currency for term in terms)))
    return Exceeds(bound=bound, of=of, terms=terms, constant=figure.constant, currency=currency)


def _measure(measure: Measure) -> Figure:
    return Figure((Term(times=Fraction(1), measure=measure),))


def _figure(value: object) -> Figure:
    if isinstance(value, Figure):
        return value
    if isinstance(value, bool | float) or not isinstance(value, int | str | Decimal | Fraction):
        message = f"{value!r} is not exact: give an int, a Decimal or a string such as '250 EUR'"
        raise DefinitionError(message)
    if isinstance(value, str):
        money = Money.parse(value)
        return Figure((), Fraction(money.amount), money=True, currency=money.currency)
    return Figure((), Fraction(value))


def _scale(figure: Figure, times: Fraction) -> Figure:
    terms = tuple(t.model_copy(update={"times": t.times * times}) for t in figure.terms)
    return Figure(terms, figure.constant * times, figure.money, figure.currency)


def _sum(left: Figure, right: Figure) -> Figure:
    if (
        (left.constant or left.money)
        and (right.constant or right.money)
        and (left.money != right.money)
    ):
        message = "money and numbers do not add"
        raise DefinitionError(message)
    constant = left if left.money or left.constant else right
    return Figure(
        left.terms + right.terms,
        left.constant + right.constant,
        constant.money,
        _one_currency((left.currency, right.currency)),
    )


def _product(left: Figure, right: Figure) -> Figure:
    figure, number = (left, right) if left.terms else (right, left)
    if number.terms:
        message = "figures multiply by numbers and amounts only, not by each other"
        raise DefinitionError(message)
    if not number.money:
        return _scale(figure, number.constant)
    if any(term.unit != "number" for term in figure.terms) or figure.constant:
        message = "an amount of money multiplies what is counted, not money or quantities"
        raise DefinitionError(message)
    update = {"money": True, "currency": number.currency}
    terms = tuple(
        term.model_copy(update={"times": term.times * number.constant, **update})
        for term in figure.terms
    )
    return Figure(terms)


def _compare(left: Figure, op: Op, right: Figure) -> Compare:
    moved = _sum(
        Figure(left.terms, Fraction(0)), _scale(Figure(right.terms, Fraction(0)), Fraction(-1))
    )
    terms = _merge(moved.terms)
    if not terms:
        message = "this compares numbers only: nothing in it depends on the supporter"
        raise DefinitionError(message)
    money = left.money or right.money
    constant = right.constant - left.constant
    size = _whole(terms, constant)
    if terms[0].times < 0:
        op, size = _MIRROR[op], -size
    terms = tuple(t.model_copy(update={"times": t.times * size}) for t in terms)
    terms = tuple(sorted(terms, key=lambda term: term.times < 0))  # as printed: left, then right
    constant *= size
    unit = _one_unit(terms, money=money, constant=constant)
    currencies = (left.currency, right.currency, *(term.currency for term in terms))
    return Compare(
        terms=terms,
        op=op,
        constant=constant,
        unit=unit,
        currency=_one_currency(currencies) if unit == "money" else None,
    )


def _whole(terms: tuple[Term, ...], constant: Fraction) -> int:
    """Return the multiplier that makes plain factors whole and all other values finite decimals."""
    wholes = [term.times.denominator for term in terms if not term.money]
    finite = [term.times for term in terms if term.money] + [constant]
    return lcm(*wholes, *(_beyond_decimal(value.denominator) for value in finite))


def _beyond_decimal(denominator: int) -> int:
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator


def _merge(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Add the factors of terms with equal measures, and drop those that become zero."""
    merged: dict[tuple[Measure, bool, str | None], Fraction] = {}
    for term in terms:
        key = (term.measure, term.money, term.currency)
        merged[key] = merged.get(key, Fraction(0)) + term.times
    return tuple(
        Term(times=times, measure=measure, money=money, currency=currency)
        for (measure, money, currency), times in merged.items()
        if times
    )


def _one_unit(terms: tuple[Term, ...], *, money: bool, constant: Fraction) -> MeasureUnit:
    units = {term.unit for term in terms}
    if "money" in units:
        if units != {"money"} or (constant and not money):
            message = "money compares with money only: write the amount like '250 EUR'"
            raise DefinitionError(message)
        return "money"
    if money:
        message = "an amount in quotes compares with money: give a plain number here"
        raise DefinitionError(message)
    return "quantity" if "quantity" in units else "number"


def _one_currency(currencies: tuple[str | None, ...]) -> str | None:
    named = {currency for currency in currencies if currency is not None}
    if len(named) > 1:
        message = f"one comparison, one currency, not {' and '.join(sorted(named))}"
        raise DefinitionError(message)
    return named.pop() if named else None
