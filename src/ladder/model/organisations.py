"""An organisation: its time zone, its currency and its fiscal year."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ladder.model.calendars import Calendar
from ladder.model.money import exponent


class Organisation(BaseModel):
    """An organisation. Days, months and fiscal years of its supporters are those of its zone.

    `fiscal_month` and `fiscal_day` are the start of its fiscal year (default: 1 January).

    >>> Organisation(key="alder", zone="Europe/Berlin", currency="EUR").calendar.zone
    'Europe/Berlin'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(default="organisation", min_length=1)
    name: str = ""
    zone: str = "UTC"
    currency: str = "EUR"
    fiscal_month: int = 1
    fiscal_day: int = 1

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        exponent(value)
        return value

    @model_validator(mode="after")
    def _known_calendar(self) -> Organisation:
        _ = self.calendar
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the organisation with some fields changed, validated like a new one."""
        if not update:
            return super().model_copy(deep=deep)
        told = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**told, **update})

    @cached_property
    def calendar(self) -> Calendar:
        """The organisation's calendar: its days and years."""
        return Calendar(self.zone, self.fiscal_month, self.fiscal_day)
