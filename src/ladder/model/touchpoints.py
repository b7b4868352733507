"""A touchpoint: one contact between a supporter and the organisation. Immutable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from ladder.errors import TouchpointError
from ladder.model.kinds import AskedFor, Audience, Direction, Kind, Purpose

Detail = str | int | bool | None


class Key(NamedTuple):
    """The idempotency key of a touchpoint: the source system and its id there."""

    source: str
    external_id: str


def _purposes(value: object) -> object:
    if isinstance(value, str):
        return frozenset(part.strip() for part in value.split(",") if part.strip())
    return value


class Touchpoint(BaseModel):
    """An event between a supporter and the organisation. Corrections are touchpoints of their own.

    `at` is an aware datetime, or a bare date (then the start of that day in the organisation's
    zone, "known only by date"). `amount` is in major units of `currency` (the organisation's when
    absent), `quantity` in the unit of its kind (hours). `answers` is the external id of the
    answered touchpoint in the same source, or a (source, external id) pair. Missing fields are
    filled from the kind's defaults when the touchpoint is recorded.

    >>> Touchpoint(supporter="ada", kind="donation", at=date(2024, 3, 5), amount="25").amount
    Decimal('25')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    supporter: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    at: datetime | date
    direction: Direction | None = None
    purposes: Annotated[frozenset[Purpose] | None, BeforeValidator(_purposes)] = None
    asks_for: AskedFor | None = None
    channel: str | None = None
    audience: Audience | None = None
    automated: bool | None = None
    campaign: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    quantity: Decimal | None = None
    answers: Key | str | None = None
    referrer: str | None = None
    source: str = "app"
    external_id: str | None = None
    details: Mapping[str, Detail] | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _no_guessing(cls, value: object) -> object:
        if isinstance(value, datetime) and value.utcoffset() is None:
            message = f"{value.isoformat()} has no time zone: give an aware datetime or a bare date"
            raise ValueError(message)
        if isinstance(value, str):
            return date.fromisoformat(value) if len(value) <= 10 else _aware(value)  # noqa: PLR2004  (length of YYYY-MM-DD)
        return value

    @field_validator("amount", "quantity", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:  # noqa: ANN401  (pydantic passes any value)
        if isinstance(value, float):
            message = "a float is not exact: give a Decimal, an int or a string"
            raise ValueError(message)  # noqa: TRY004  (pydantic converts only ValueError)
        return value

    @field_validator("amount", "quantity")
    @classmethod
    def _not_negative(cls, value: Decimal | None) -> Decimal | None:
        if value is not None and (not value.is_finite() or value < 0):
            message = f"{value} is negative: record a refund that answers the gift instead"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Touchpoint:
        if self.referrer == self.supporter:
            message = "referrer and supporter are the same: a supporter cannot refer themselves"
            raise ValueError(message)
        return self

    @property
    def key(self) -> Key | None:
        """The idempotency key; None without an external id."""
        return None if self.external_id is None else Key(self.source, self.external_id)

    @property
    def answers_key(self) -> Key | None:
        """The key of the answered touchpoint; a bare id belongs to the same source."""
        if self.answers is None or isinstance(self.answers, Key):
            return self.answers
        return Key(self.source, self.answers)

    def with_defaults(self, kind: Kind) -> Touchpoint:
        """Copy the touchpoint, with missing fields filled from its kind's defaults."""
        names = ("direction", "purposes", "asks_for", "audience", "automated")
        unsaid = {name: getattr(kind, name) for name in names if getattr(self, name) is None}
        return self.model_copy(update=unsaid)


def _aware(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.utcoffset() is None:
        message = f"{text} has no time zone: add an offset such as +01:00, or give a bare date"
        raise ValueError(message)
    return value


def details_text(details: Mapping[str, Detail] | None) -> str | None:
    """Format details as canonical JSON: sorted keys, no blanks; None when there are none."""
    if not details:
        return None
    return json.dumps(dict(details), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def details_of(text: str | None) -> dict[str, Any]:
    """Parse the details of a canonical text."""
    if not text:
        return {}
    value = json.loads(text)
    if not isinstance(value, dict):
        message = f"details must be a JSON object, not {text!r}"
        raise TouchpointError(message)
    return value
