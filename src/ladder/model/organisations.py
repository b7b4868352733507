"""An organisation: its time zone, its currency and its fiscal year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ladder.model.calendars import Calendar
from ladder.model.money import exponent


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation. Days, months and fiscal years of its supporters are those of its zone.

    `fiscal_month` and `fiscal_day` are the start of its fiscal year (default: 1 January).

    >>> Organisation(key="alder", zone="Europe/Berlin", currency="EUR").calendar.zone
    'Europe/Berlin'

    Raises:
        CalendarError: The zone or the start of the fiscal year does not exist.
        CurrencyError: The currency is unknown.
    """

    # A plain dataclass: every question to a database builds one, and Pydantic alone takes 0.1 s.
    key: str = "organisation"
    name: str = ""
    zone: str = "UTC"
    currency: str = "EUR"
    fiscal_month: int = 1
    fiscal_day: int = 1

    def __post_init__(self) -> None:
        if not self.key:
            message = "an organisation needs a key: give one character at least"
            raise ValueError(message)
        exponent(self.currency)
        _ = self.calendar

    @cached_property
    def calendar(self) -> Calendar:
        """The organisation's calendar: its days and years."""
        return Calendar(self.zone, self.fiscal_month, self.fiscal_day)
