"""Reusable pieces: functions that return something made of the language's own nodes.

A host hands its own macros to the loader as a mapping of names to functions; these are always
there. Text calls them like built-in words: `enter = 'quiet(donation, months(12))'`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ladder.errors import DefinitionError
from ladder.language.aggregates import count
from ladder.language.conditions import Or, lasting, latch
from ladder.language.nodes import Condition, Selector, Span
from ladder.language.selectors import AnyOf, channel, in_months, kind
from ladder.language.spans import Elapsed, aged, days, ever, fiscal_year, until

Macro = Callable[..., Any]


def first(selector: Selector) -> Selector:
    """The first of these in her history (all of the first instant)."""
    return selector.when(~(count(selector, ever) >= 1))


def once(condition: Condition) -> Condition:
    """True from the first moment at which the condition was."""
    return latch(condition)


def within(condition: Condition, duration: Elapsed) -> Condition:
    """True while the condition is, and for that long after."""
    return latch(condition) & ~lasting(~condition, duration)


def quiet(selector: Selector, span: Span) -> Condition:
    """It has happened, but not within the span."""
    return (count(selector, ever) >= 1) & (count(selector, span) < 1)


def streak_of_years(selector: Selector, years: int) -> Condition:
    """In this fiscal year and in each of the years before it, that many in a row."""
    if years < 1:
        message = f"streak_of_years needs at least one year, not {years}"
        raise DefinitionError(message)
    condition: Condition = count(selector, fiscal_year(0)) >= 1
    for back in range(1, years):
        condition = condition & (count(selector, fiscal_year(-back)) >= 1)
    return condition


def in_one_season(selector: Selector, months: int) -> Condition:
    """All of them ever fall into the same so many neighbouring months of the year.

    Whichever these are: twelve seasons overlap, and one of them is enough.
    """
    if not 1 <= months <= 11:  # noqa: PLR2004
        message = f"in_one_season takes from 1 to 11 months, not {months}"
        raise DefinitionError(message)
    conditions: list[Condition] = []
    for first in range(12):
        season = [(first + month) % 12 + 1 for month in range(months)]
        conditions.append(count(selector & ~in_months(*season), ever) < 1)
    return Or.of(*conditions)


def after_opt_out(selector: Selector, out: Selector, back: Selector) -> Selector:
    """Those that come after the day of an opting out, unless she opted in again since.

    `per_channel` says so of each channel.
    """
    return selector.when(count(out, aged(days(0)) & until(back)) >= 1)


def per_channel(selector: Selector, out: Selector, back: Selector, *channels: str) -> Selector:
    """Those that come through a channel after she opted out of that very channel."""
    every = [
        after_opt_out(selector & channel(each), out & channel(each), back & channel(each))
        for each in channels
    ]
    if not every:
        message = "per_channel names no channel: give at least one"
        raise DefinitionError(message)
    return every[0] if len(every) == 1 else AnyOf.of(*every)


def left_alone() -> Condition:
    """What `silent` should say: she objected, died or was erased, is on the staff, or is nobody.

    Nobody in particular, that is: a placeholder such as "(Anonymous)". An objection to direct
    marketing covers profiling too, and there is no reason that refuses it (GDPR, article 21).
    """
    gone = kind("objected") | kind("deceased") | kind("erased") | kind("placeholder")
    staff = count(kind("staff_joined"), until(kind("staff_left")))
    return (count(gone, ever) >= 1) | (staff >= 1)


MACROS: Final[Mapping[str, Macro]] = {
    macro.__name__: macro
    for macro in (
        *(first, once, within, quiet, streak_of_years),
        *(in_one_season, after_opt_out, per_channel, left_alone),
    )
}
