"""Selectors: each judges one touchpoint by what it says of itself.

A field that is absent satisfies no selector about it. Some look a little further: at what the
touchpoint answers, at acts of people whom this supporter brought, or at the moment (`when`).
"""

from __future__ import annotations

import json
import keyword
import unicodedata
from decimal import Decimal
from typing import ClassVar, Final, Literal

from pydantic import field_validator

from ladder.errors import DefinitionError, nearest
from ladder.language.nodes import AND, NOT, OR, Condition, Joint, Selector
from ladder.model.kinds import ASKED_FOR, AUDIENCES, DIRECTIONS, FAMILIES, PURPOSES, is_name
from ladder.model.money import Money

Field = Literal["family", "direction", "audience", "asks_for", "purpose", "channel", "campaign"]
"""The fields of a touchpoint that hold one of some names."""


class Anything(Selector):
    """Every touchpoint of hers."""

    def text(self) -> str:
        return "anything"


class KindIs(Selector):
    """Touchpoints of one kind."""

    name: str

    def text(self) -> str:
        return self.name if is_name(self.name) else f"kind({_quoted(self.name)})"


class OneOf(Selector):
    """A field whose value is one of those named: `family("time", "voice")`, `channel("email")`.

    `purpose` matches when any of the touchpoint's purposes is among them.
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
        """Values in one order and each once, those of a closed field checked."""
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
        return f"{self.field}({', '.join(_quoted(value) for value in self.values)})"


class Automated(Selector):
    """Sent by a machine: receipts and the like."""

    def text(self) -> str:
        return "automated"


class Convertible(Selector):
    """Its amount is in the organisation's currency, or a rate into it is known on its day.

    Money in any other currency is an error wherever it is compared or added; this leaves it out.
    """

    def text(self) -> str:
        return "convertible"


class AmountIs(Selector):
    """The amount reaches (`at_least`) or exceeds (`above`) this much money."""

    bound: Literal["at_least", "above"]
    amount: Decimal
    currency: str | None = None

    def text(self) -> str:
        return f'amount_{self.bound}("{Money(self.amount, self.currency)}")'


class QuantityIs(Selector):
    """The quantity reaches or exceeds this many of its kind's units; kept in millionths."""

    bound: Literal["at_least", "above"]
    millionths: int

    def text(self) -> str:
        value = Decimal(self.millionths).scaleb(-6).normalize()
        return f"quantity_{self.bound}({value:f})"


class InMonths(Selector):
    """Happened in one of these calendar months (1 to 12), by the organisation's clock."""

    months: tuple[int, ...]

    @field_validator("months")
    @classmethod
    def _months(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        wrong = [month for month in months if not 1 <= month <= 12]  # noqa: PLR2004
        if wrong or not months:
            message = f"in_months takes months from 1 to 12, not {wrong or 'nothing'}"
            raise DefinitionError(message)
        return tuple(sorted(set(months)))

    def text(self) -> str:
        return f"in_months({', '.join(str(month) for month in self.months)})"


class Where(Selector):
    """A detail that the host keeps has exactly this value (text, whole number, true or false)."""

    field: str
    value: bool | int | str

    @field_validator("field")
    @classmethod
    def _word(cls, field: str) -> str:
        normal = unicodedata.normalize("NFKC", field) == field  # as Python's grammar reads names
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
        """Equal, and of the same sort: 1 is not true."""
        return type(value) is type(self.value) and value == self.value

    def __eq__(self, other: object) -> bool:
        # Python says that 1 == True, and would take where(vip=1) for where(vip=true).
        return isinstance(other, Where) and self.field == other.field and self.matches(other.value)

    def __hash__(self) -> int:
        return hash((Where, self.field, type(self.value), self.value))

    def text(self) -> str:
        # true and false are written as in TOML and JSON, where the details come from.
        value = _quoted(self.value) if isinstance(self.value, str) else str(self.value).lower()
        return f"where({self.field}={value})"


class Linked(Selector):
    """It answers something that her history knows."""

    looks_around: ClassVar[bool] = True

    def text(self) -> str:
        return "linked"


class Answers(Selector):
    """What it answers is known and selected."""

    looks_around: ClassVar[bool] = True
    selector: Selector

    def text(self) -> str:
        return f"answers({self.selector})"


class Brought(Selector):
    """An act of somebody whom this supporter brought: it names her as its referrer.

    The one way in which another's history is seen; every other selector sees her own only.
    """

    looks_around: ClassVar[bool] = True
    selector: Selector

    @field_validator("selector")
    @classmethod
    def _plain(cls, selector: Selector) -> Selector:
        inner = (node for node in selector.walk() if isinstance(node, Selector))
        beyond = next((node for node in inner if node.looks_around or node.looks_back), None)
        if beyond is not None:
            message = f"inside brought(…) only plain selectors: {beyond} looks at another history"
            raise DefinitionError(message)
        return selector

    def text(self) -> str:
        return f"brought({self.selector})"


class When(Selector):
    """Those that happened while the condition held, read just before their instant acts."""

    looks_back: ClassVar[bool] = True
    selector: Selector
    condition: Condition

    def text(self) -> str:
        return f"{self.selector.within(self.binds)}.when({self.condition})"


class AllOf(Joint, Selector):
    """Selected by all of these."""

    binds: ClassVar[int] = AND
    word: ClassVar[str] = "and"
    items: tuple[Selector, ...]


class AnyOf(Joint, Selector):
    """Selected by at least one of these."""

    binds: ClassVar[int] = OR
    word: ClassVar[str] = "or"
    items: tuple[Selector, ...]


class Negation(Selector):
    """Not selected by this. Mind absent fields: prefer positive selectors."""

    binds: ClassVar[int] = NOT
    selector: Selector

    def text(self) -> str:
        return f"not {self.selector.within(NOT)}"


anything: Final = Anything()
inbound: Final = OneOf.of("direction", ("inbound",))
outbound: Final = OneOf.of("direction", ("outbound",))
individual: Final = OneOf.of("audience", ("individual",))
broadcast: Final = OneOf.of("audience", ("broadcast",))
automated: Final = Automated()
convertible: Final = Convertible()
linked: Final = Linked()


def kind(name: str) -> KindIs:
    """Touchpoints of this kind; the ladder checks that the kind is declared."""
    return KindIs(name=name)


def family(*names: str) -> OneOf:
    """Kinds of these families: money, time, voice, word, signal, service, status and others."""
    return OneOf.of("family", names)


def purpose(*names: str) -> OneOf:
    """Any of these purposes: ask, thank, report, inform, invite, listen, help, receipt, service."""
    return OneOf.of("purpose", names)


def asks_for(*names: str) -> OneOf:
    """Asks for money, time or voice (sign, share, vote)."""
    return OneOf.of("asks_for", names)


def channel(*names: str) -> OneOf:
    """Came through one of these channels."""
    return OneOf.of("channel", names)


def campaign(*names: str) -> OneOf:
    """Belongs to one of these campaigns."""
    return OneOf.of("campaign", names)


def in_months(*months: int) -> InMonths:
    """Happened in one of these months of the year."""
    return InMonths(months=months)


def where(**fields: bool | int | str) -> Selector:
    """Details with exactly these values."""
    if not fields:
        message = "where() compares nothing: give at least one field=value"
        raise DefinitionError(message)
    parts = [Where(field=name, value=value) for name, value in fields.items()]
    return parts[0] if len(parts) == 1 else AllOf.of(*parts)


def answers(selector: Selector) -> Answers:
    """What it answers is known and selected by this."""
    return Answers(selector=selector)


def brought(selector: Selector) -> Brought:
    """Such an act of somebody whom this supporter brought."""
    return Brought(selector=selector)


def static(selector: Selector) -> Selector:
    """What the selector could select at all: the same without what it looks back at.

    Where that is denied, it may select anything that its surroundings do.
    """
    return _static(selector, positive=True)


def _static(selector: Selector, *, positive: bool) -> Selector:
    if isinstance(selector, When):
        return _static(selector.selector, positive=True) if positive else ~anything
    if selector.looks_back:
        return anything if positive else ~anything
    if isinstance(selector, Negation):
        return ~_static(selector.selector, positive=not positive)
    if isinstance(selector, AllOf | AnyOf):
        return type(selector).of(*(_static(item, positive=positive) for item in selector.items))
    if isinstance(selector, Answers) and looks_back(selector):
        return linked if positive else ~anything
    return selector


def looks_back(selector: Selector) -> bool:
    """Whether anything in it is judged by what was so at the moment."""
    return any(isinstance(node, Selector) and node.looks_back for node in selector.walk())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
