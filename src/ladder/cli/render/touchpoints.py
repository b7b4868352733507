"""Touchpoints and movements as one line of text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ladder.cli.context import Asking
from ladder.engines.reference.facts import Fact, fact_of
from ladder.explanations.results import fact_money, fact_quantity
from ladder.storage.read import histories
from ladder.storage.rows import Movement


def causes(ask: Asking, movements: Iterable[Movement]) -> dict[int, Fact]:
    """Return the touchpoints that caused these movements, by id."""
    numbers = {number for movement in movements for number in movement.causes}
    organisation, kinds = ask.store.organisation, ask.ladder.kinds
    return {
        number: fact_of(row, organisation, kinds, brought=False)
        for number, row in histories.touchpoints(ask.store, numbers).items()
    }


def short(fact: Fact) -> str:
    """Format a touchpoint without its date: "donation 25 EUR", "volunteer_shift 3 h"."""
    hours = fact_quantity(fact)
    return " ".join(text for text in (fact.kind, fact_money(fact), hours and f"{hours} h") if text)


def line(ask: Asking, fact: Fact) -> str:
    """Format a touchpoint in one line, with its day and its id in the source."""
    identifier = "" if fact.key is None else f"  ({fact.key[1]})"
    by = " by a person they referred" if fact.brought else ""
    return f"{ask.clock.day(fact.at)}  {short(fact)}{by}{identifier}"


def why(movement: Movement, facts: Mapping[int, Fact]) -> str:
    """Format the cause of a movement."""
    if movement.cause == "clock":
        return "time passed"
    if movement.cause == "definition":
        return "another definition"
    fact_list = [facts[number] for number in movement.causes if number in facts]
    if not fact_list:
        return movement.cause
    more = f" and {len(fact_list) - 1} more" if len(fact_list) > 1 else ""
    by = "" if fact_list[0].person == movement.supporter_id else ", a friend's"
    return f"{short(fact_list[0])}{more}{by}"


def fact_document(ask: Asking, fact: Fact, supporter: int | None = None) -> dict[str, Any]:
    """Return a touchpoint as JSON.

    `whose` is the id of the supporter concerned; a touchpoint of another person is `brought`.
    """
    source, external_id = fact.key or (None, None)
    return {
        "kind": fact.kind,
        "at": ask.clock.iso(fact.at),
        "date_only": fact.date_only,
        "amount": fact_money(fact) or None,
        "quantity": fact_quantity(fact) or None,
        "brought": fact.brought or supporter not in (None, fact.person),
        "source": source,
        "external_id": external_id,
    }


def movement_document(ask: Asking, movement: Movement, facts: Mapping[int, Fact]) -> dict[str, Any]:
    """Return a movement as JSON."""
    return {
        "supporter": movement.key,
        "at": ask.clock.iso(movement.at),
        "until": ask.clock.iso(movement.until),
        "kind": movement.kind,
        "before": _keys(movement.before),
        "after": _keys(movement.after),
        "skipped": _keys(movement.skipped),
        "new_peak": movement.new_peak,
        "cause": movement.cause,
        "touchpoints": [
            fact_document(ask, facts[number], movement.supporter_id)
            for number in movement.causes
            if number in facts
        ],
        "recorded_at": ask.clock.iso(movement.recorded_at),
    }


def _keys(rungs: str) -> list[str]:
    return [key for key in rungs.split("+") if key]
