"""Macros: functions that build common expressions from the nodes of the language.

These macros are always available. A host passes its own to the loader as a mapping of names to
functions. Text calls them like built-in words: `enter = 'inactive(donation, months(12))'`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ladder.errors import DefinitionError
from ladder.language.aggregates import count
from ladder.language.conditions import held_for, latch
from ladder.language.nodes import AnyOf, Condition, Or, Selector, Span
from ladder.language.selectors import channel, in_months, kind
from ladder.language.spans import Elapsed, days, ever, fiscal_year, older_than, until

Macro = Callable[..., Any]


def first(selector: Selector) -> Selector:
    """Select the supporter's first such touchpoints (all of the first instant)."""
    return selector.when(~(count(selector, ever) >= 1))


def ever_true(condition: Condition) -> Condition:
    """Make a condition that is true from the first moment at which the given one is true."""
    return latch(condition)


def within(condition: Condition, duration: Elapsed) -> Condition:
    """Make a condition that is true while the given one is, and for the duration after it."""
    return latch(condition) & ~held_for(~condition, duration)


def inactive(selector: Selector, span: Span) -> Condition:
    """Make a condition: there was such a touchpoint, but none within the span."""
    return (count(selector, ever) >= 1) & (count(selector, span) < 1)


def streak_of_years(selector: Selector, years: int) -> Condition:
    """Make a condition: such touchpoints in this fiscal year and in every year of the streak.

    `years` counts the current fiscal year.
    """
    if years < 1:
        message = f"streak_of_years needs at least one year, not {years}"
        raise DefinitionError(message)
    condition: Condition = count(selector, fiscal_year(0)) >= 1
    for back in range(1, years):
        condition = condition & (count(selector, fiscal_year(-back)) >= 1)
    return condition


def in_one_season(selector: Selector, months: int) -> Condition:
    """Make a condition: all such touchpoints ever fall into the same `months` consecutive months.

    The consecutive months may start in any month and cross the turn of the year.
    """
    if not 1 <= months <= 11:  # noqa: PLR2004  (months of a year)
        message = f"in_one_season takes from 1 to 11 months, not {months}"
        raise DefinitionError(message)
    conditions: list[Condition] = []
    for first in range(12):
        season = [(first + month) % 12 + 1 for month in range(months)]
        conditions.append(count(selector & ~in_months(*season), ever) < 1)
    return Or.of(*conditions)


def after_opt_out(selector: Selector, out: Selector, back: Selector) -> Selector:
    """Select touchpoints on a later day than an opt-out that no later opt-in has revoked.

    It ignores channels; `per_channel` treats them separately.
    """
    return selector.when(count(out, older_than(days(0)) & until(back)) >= 1)


def per_channel(selector: Selector, out: Selector, back: Selector, *channels: str) -> Selector:
    """Select touchpoints through a channel after an opt-out from that very channel."""
    every = [
        after_opt_out(selector & channel(name), out & channel(name), back & channel(name))
        for name in channels
    ]
    if not every:
        message = "per_channel names no channel: give at least one"
        raise DefinitionError(message)
    return every[0] if len(every) == 1 else AnyOf.of(*every)


def do_not_contact() -> Condition:
    """Make the usual `suppress_when`: objected, deceased, erased, on the staff, or a placeholder.

    A placeholder stands for no single person, such as "(Anonymous)". An objection to direct
    marketing covers profiling too, and it cannot be overridden (GDPR, article 21).
    """
    gone = kind("objected") | kind("deceased") | kind("erased") | kind("placeholder")
    staff = count(kind("staff_joined"), until(kind("staff_left")))
    return (count(gone, ever) >= 1) | (staff >= 1)


MACROS: Final[Mapping[str, Macro]] = {
    macro.__name__: macro
    for macro in (
        *(first, ever_true, within, inactive, streak_of_years),
        *(in_one_season, after_opt_out, per_channel, do_not_contact),
    )
}
