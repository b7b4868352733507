"""Spans: how long a touchpoint counts, from its instant on. A window is expressed only so."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import field_validator, model_validator

from ladder.errors import DefinitionError, nearest
from ladder.language.nodes import SUM, Node, Selector, Span
from ladder.model.calendars import DAY, HOUR, LAST_DAY, UNITS, Calendar, Unit, add_months

MOST_DAYS: Final = 10_000 * 366
"""The longest duration in days, because the calendar ends with the year 9999."""

StepUnit = Literal["days", "months", "years", "end_of"]


class Step(Node):
    """A step of a duration: a number of days, months or years, or to the end of a unit."""

    unit: StepUnit
    number: int
    of: Unit = "day"

    @model_validator(mode="after")
    def _forwards(self) -> Step:
        if self.number < 0:
            message = f"{self.text()}: a duration cannot lead backwards"
            raise DefinitionError(message)
        if self.number > MOST_DAYS:
            message = f"{self.text()} is longer than any calendar: say ever"
            raise DefinitionError(message)
        return self

    def text(self) -> str:
        if self.unit == "end_of":
            later = f", {self.number}" if self.number else ""
            return f'end_of("{self.of}"{later})'
        return f"{self.unit}({self.number})"

    def lead(self, calendar: Calendar, day: int) -> int:
        """Return the day to which this step leads."""
        if day > LAST_DAY:
            return day
        if self.unit == "days":
            return min(day + self.number, LAST_DAY + 1)
        if self.unit == "end_of":
            return calendar.unit_end(self.of, self.number, day)
        return add_months(day, self.number * (12 if self.unit == "years" else 1))


class Duration(Span):
    """From the touchpoint to the *end* of the day that the steps lead to, one after the other.

    `days(0)` ends tonight; a yearly gift on the same date leaves no gap in `years(1)`. Months and
    years saturate at the end of a short month as `dateutil.relativedelta` does.
    """

    binds: ClassVar[int] = SUM
    steps: tuple[Step, ...]

    def text(self) -> str:
        return " + ".join(step.text() for step in self.steps)

    def __add__(self, other: Duration) -> Duration:
        if not isinstance(other, Duration):
            return NotImplemented
        return Duration(steps=self.steps + other.steps)

    def lead(self, calendar: Calendar, day: int) -> int:
        """Return the last day of the duration that starts on this day."""
        for step in self.steps:
            day = step.lead(calendar, day)
        return day

    def end(self, calendar: Calendar, instant: int) -> int:
        """Return the instant (excluded) at which a duration from this instant ends."""
        return calendar.day_end(self.lead(calendar, calendar.day_of(instant)))


class Hours(Span):
    """An exact elapsed time, whatever the clocks do. It does not add to calendar durations."""

    number: int

    @field_validator("number")
    @classmethod
    def _some(cls, number: int) -> int:
        if number < 1:
            message = f"hours({number}): at least one hour"
            raise DefinitionError(message)
        if number > MOST_DAYS * 24:
            message = f"hours({number}) is longer than any calendar: say ever"
            raise DefinitionError(message)
        return number

    def text(self) -> str:
        return f"hours({self.number})"

    def end(self, calendar: Calendar, instant: int) -> int:  # noqa: ARG002  (as Duration.end)
        """Return the instant (excluded) at which the hours from this instant end."""
        return instant + self.number * HOUR


Elapsed = Duration | Hours


class Ever(Span):
    """From the touchpoint on, without end."""

    def text(self) -> str:
        return "ever"


class OlderThan(Span):
    """From when the touchpoint is older than `start` until it is older than `end` (None: for ever).

    `d` and `older_than(d)` share time without gap or overlap.
    """

    start: Elapsed
    end: Elapsed | None = None

    @model_validator(mode="after")
    def _some_time(self) -> OlderThan:
        if self.end is not None and not _may_be_longer(self.start, self.end):
            message = f"{self.text()} never counts: its second duration is not the longer one"
            raise DefinitionError(message)
        return self

    def text(self) -> str:
        return f"older_than({self.start}{f', {self.end}' if self.end is not None else ''})"


class Until(Span):
    """Until the first touchpoint of the selector at or after it: a gift until it is thanked."""

    selector: Selector

    def text(self) -> str:
        return f"until({self.selector})"


ever: Final = Ever()
"""The span from the touchpoint on, without end."""


def hours(number: int) -> Hours:
    """Make a span of exactly this many hours of elapsed time."""
    return Hours(number=number)


def days(number: int) -> Duration:
    """Make a span to the end of the day this many days later; `days(0)` ends tonight."""
    return Duration(steps=(Step(unit="days", number=number),))


def months(number: int) -> Duration:
    """Make a span to the end of the day this many months later, saturating in short months."""
    return Duration(steps=(Step(unit="months", number=number),))


def years(number: int) -> Duration:
    """Make a span to the end of the day this many years later (29 February: 28 February)."""
    return Duration(steps=(Step(unit="years", number=number),))


def end_of(unit: Unit, later: int = 0) -> Duration:
    """Make a span to the end of the day, week, month, quarter, year or fiscal year.

    `later` units are added: `end_of("month", 1)` is the end of next month.
    """
    if unit not in UNITS:
        message = f"unknown unit {unit!r}{nearest(unit, UNITS)}; known: {', '.join(UNITS)}"
        raise DefinitionError(message)
    return Duration(steps=(Step(unit="end_of", number=later, of=unit),))


def older_than(start: Elapsed, end: Elapsed | None = None) -> OlderThan:
    """Make a span from when a touchpoint is older than `start` until older than `end`."""
    return OlderThan(start=start, end=end)


def until(selector: Selector) -> Until:
    """Make a span that ends with the first selected touchpoint at or after its start."""
    return Until(selector=selector)


def current(unit: Unit, back: int = 0) -> Span:
    """Make a span of the current unit (0) or an earlier one: `fiscal_year(0)`, `month(-1)`.

    It abbreviates `end_of(unit)` and `older_than(end_of(unit, k - 1), end_of(unit, k))`.
    """
    if back > 0:
        message = f"{unit}({back}) lies ahead: nothing has happened then"
        raise DefinitionError(message)
    if back == 0:
        return end_of(unit)
    return older_than(end_of(unit, -back - 1), end_of(unit, -back))


def week(back: int = 0) -> Span:
    """Make a span of this week (Monday to Sunday), or of an earlier one (-1, …)."""
    return current("week", back)


def month(back: int = 0) -> Span:
    """Make a span of this month, or of an earlier one (-1, …)."""
    return current("month", back)


def quarter(back: int = 0) -> Span:
    """Make a span of this quarter, or of an earlier one (-1, …)."""
    return current("quarter", back)


def year(back: int = 0) -> Span:
    """Make a span of this calendar year, or of an earlier one (-1, …)."""
    return current("year", back)


def fiscal_year(back: int = 0) -> Span:
    """Make a span of this fiscal year of the organisation, or of an earlier one (-1, …)."""
    return current("fiscal_year", back)


def _may_be_longer(start: Elapsed, end: Elapsed) -> bool:
    """Check whether `end` is the longer duration for some touchpoint of an ordinary year."""
    calendar = Calendar()
    samples = range(19_000, 19_000 + 800, 7)
    return any(end.end(calendar, day * DAY) > start.end(calendar, day * DAY) for day in samples)
