"""Selectors: they judge one touchpoint by its own fields.

An absent field satisfies no selector about it. Some selectors look further: at the touchpoint that
is answered, at touchpoints of referred people, or at the moment (`when`).
"""

from __future__ import annotations

import json
import keyword
import unicodedata
from decimal import Decimal
from typing import ClassVar, Final, Literal

from pydantic import field_validator

from ladder.errors import DefinitionError, nearest
from ladder.language.nodes import (
    AllOf,
    AnyOf,
    Negation,
    Selector,
    When,
)
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, FAMILIES, PURPOSES, is_name
from ladder.model.money import Money

Field = Literal["family", "direction", "audience", "asks_for", "purpose", "channel", "campaign"]
"""The fields of a touchpoint with values from a list of names."""


class AnyTouchpoint(Selector):
    """Every touchpoint of the supporter."""

    def text(self) -> str:
        return "any_touchpoint"


class KindIs(Selector):
    """Touchpoints of one kind."""

    name: str

    def text(self) -> str:
        return self.name if is_name(self.name) else f"kind({_quote(self.name)})"


class OneOf(Selector):
    """Touchpoints with one of several values in a field: `family("time", "voice")`.

    `purpose` matches when any of the touchpoint's purposes is among the values.
    """

    field: Field
    values: tuple[str, ...]

    closed: ClassVar[dict[str, tuple[str, ...]]] = {
        "family": FAMILIES,
        "direction": DIRECTIONS,
        "audience": AUDIENCES,
        "asks_for": ASKED_FOR,
        "purpose": PURPOSES,
    }

    @classmethod
    def of(cls, field: Field, values: tuple[str, ...]) -> OneOf:
        """Sort the values, drop repeated ones, and reject unknown ones of a closed field."""
        known = cls.closed.get(field)
        for value in values:
            if known is not None and value not in known:
                message = (
                    f"unknown {field} {value!r}{nearest(value, known)}; known: {', '.join(known)}"
                )
                raise DefinitionError(message)
        if not values:
            message = f"{field}() names nothing: give at least one value"
            raise DefinitionError(message)
        return cls(field=field, values=tuple(sorted(set(values))))

    def text(self) -> str:
        if self.field in ("direction", "audience") and len(self.values) == 1:
            return self.values[0]
        return f"{self.field}({', '.join(_quote(value) for value in self.values)})"


class IsAutomated(Selector):
    """Touchpoints sent by a machine, such as receipts."""

    def text(self) -> str:
        return "automated"


class HasRate(Selector):
    """Touchpoints whose amount is in the organisation's currency, or convertible on their day.

    Money in any other currency is an error wherever it is compared or added; this selector leaves
    it out.
    """

    def text(self) -> str:
        return "has_rate"


class AmountIs(Selector):
    """Touchpoints whose amount reaches (`at_least`) or exceeds (`above`) this much money."""

    bound: Literal["at_least", "above"]
    amount: Decimal
    currency: str | None = None

    def text(self) -> str:
        return f'amount_{self.bound}("{Money(self.amount, self.currency)}")'


class QuantityIs(Selector):
    """Touchpoints whose quantity reaches or exceeds this value (millionths of a unit)."""

    bound: Literal["at_least", "above"]
    millionths: int

    def text(self) -> str:
        value = Decimal(self.millionths).scaleb(-6).normalize()
        return f"quantity_{self.bound}({value:f})"


class InMonths(Selector):
    """Touchpoints in one of these calendar months (1 to 12), by the organisation's clock."""

    months: tuple[int, ...]

    @field_validator("months")
    @classmethod
    def _months(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        wrong = [month for month in months if not 1 <= month <= 12]  # noqa: PLR2004  (months of a year)
        if wrong or not months:
            message = f"in_months takes months from 1 to 12, not {wrong or 'nothing'}"
            raise DefinitionError(message)
        return tuple(sorted(set(months)))

    def text(self) -> str:
        return f"in_months({', '.join(str(month) for month in self.months)})"


class Where(Selector):
    """Touchpoints with a detail of exactly this value (text, whole number, true or false)."""

    field: str
    value: bool | int | str

    @field_validator("field")
    @classmethod
    def _word(cls, field: str) -> str:
        normal = unicodedata.normalize("NFKC", field) == field  # Python's grammar normalizes names
        if not field.isidentifier() or keyword.iskeyword(field) or not normal:
            message = f"where() reads details whose name is one word, not {field!r}"
            raise DefinitionError(message)
        return field

    @field_validator("value", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        if not isinstance(value, bool | int | str):
            message = f"where() compares text, whole numbers, true and false, not {value!r}"
            raise DefinitionError(message)
        return value

    def matches(self, value: object) -> bool:
        """Check for an equal value of the same type: 1 is not true."""
        return type(value) is type(self.value) and value == self.value

    def __eq__(self, other: object) -> bool:
        # Python has 1 == True, so plain equality would equate where(vip=1) and where(vip=true).
        return isinstance(other, Where) and self.field == other.field and self.matches(other.value)

    def __hash__(self) -> int:
        return hash((Where, self.field, type(self.value), self.value))

    def text(self) -> str:
        # TOML and JSON, the sources of details, write true and false in lower case.
        value = _quote(self.value) if isinstance(self.value, str) else str(self.value).lower()
        return f"where({self.field}={value})"


class IsReply(Selector):
    """Touchpoints that answer a touchpoint in the supporter's known history."""

    looks_around: ClassVar[bool] = True

    def text(self) -> str:
        return "is_reply"


class InReplyTo(Selector):
    """Touchpoints that answer a known, selected touchpoint."""

    looks_around: ClassVar[bool] = True
    selector: Selector

    def text(self) -> str:
        return f"in_reply_to({self.selector})"


class IsReferred(Selector):
    """Touchpoints of referred people, which name the supporter as their referrer.

    This is the only selector that sees another history; all others see only the supporter's own.
    """

    looks_around: ClassVar[bool] = True
    selector: Selector

    @field_validator("selector")
    @classmethod
    def _plain(cls, selector: Selector) -> Selector:
        inner = (node for node in selector.walk() if isinstance(node, Selector))
        beyond = next((node for node in inner if node.looks_around or node.looks_back), None)
        if beyond is not None:
            message = f"inside referred(…) only plain selectors: {beyond} looks at another history"
            raise DefinitionError(message)
        return selector

    def text(self) -> str:
        return f"referred({self.selector})"


any_touchpoint: Final = AnyTouchpoint()
inbound: Final = OneOf.of("direction", ("inbound",))
outbound: Final = OneOf.of("direction", ("outbound",))
individual: Final = OneOf.of("audience", ("individual",))
broadcast: Final = OneOf.of("audience", ("broadcast",))
automated: Final = IsAutomated()
has_rate: Final = HasRate()
is_reply: Final = IsReply()


def kind(name: str) -> KindIs:
    """Select touchpoints of this kind; the ladder checks that the kind is declared."""
    return KindIs(name=name)


def family(*names: str) -> OneOf:
    """Select kinds of these families: money, time, voice, word, signal, service and others."""
    return OneOf.of("family", names)


def purpose(*names: str) -> OneOf:
    """Select touchpoints with any of these purposes.

    The purposes are ask, thank, report, inform, invite, listen, help, receipt and service.
    """
    return OneOf.of("purpose", names)


def asks_for(*names: str) -> OneOf:
    """Select requests for money, time or voice (sign, share, vote)."""
    return OneOf.of("asks_for", names)


def channel(*names: str) -> OneOf:
    """Select touchpoints through one of these channels."""
    return OneOf.of("channel", names)


def campaign(*names: str) -> OneOf:
    """Select touchpoints of one of these campaigns."""
    return OneOf.of("campaign", names)


def in_months(*months: int) -> InMonths:
    """Select touchpoints in one of these months of the year (1 to 12)."""
    return InMonths(months=months)


def where(**fields: bool | int | str) -> Selector:
    """Select touchpoints whose details have exactly these values."""
    if not fields:
        message = "where() compares nothing: give at least one field=value"
        raise DefinitionError(message)
    parts = [Where(field=name, value=value) for name, value in fields.items()]
    return parts[0] if len(parts) == 1 else AllOf.of(*parts)


def in_reply_to(selector: Selector) -> InReplyTo:
    """Select touchpoints that answer a known touchpoint of the selector."""
    return InReplyTo(selector=selector)


def referred(selector: Selector) -> IsReferred:
    """Select such touchpoints of people that the supporter referred."""
    return IsReferred(selector=selector)


def static(selector: Selector) -> Selector:
    """Return a wider selector that does not depend on the moment.

    It selects everything that the given one could select. A negated part that depends on the moment
    excludes nothing.
    """
    return _static(selector, positive=True)


def _static(selector: Selector, *, positive: bool) -> Selector:
    if isinstance(selector, When):
        return _static(selector.selector, positive=True) if positive else ~any_touchpoint
    if selector.looks_back:
        return any_touchpoint if positive else ~any_touchpoint
    if isinstance(selector, Negation):
        return ~_static(selector.selector, positive=not positive)
    if isinstance(selector, AllOf | AnyOf):
        return type(selector).of(*(_static(item, positive=positive) for item in selector.items))
    if isinstance(selector, InReplyTo) and looks_back(selector):
        return is_reply if positive else ~any_touchpoint
    return selector


def looks_back(selector: Selector) -> bool:
    """Check whether any part of the selector depends on what held just before the touchpoint."""
    return any(isinstance(node, Selector) and node.looks_back for node in selector.walk())


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
