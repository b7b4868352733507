"""The vocabulary of the text form: constants, functions and checks of their arguments.

A word is the Python function of the same name, so text and Python cannot diverge: the function's
own signature and annotations bind and check its parameters.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from ladder.errors import DefinitionError
from ladder.language import aggregates, conditions, selectors, spans
from ladder.language.aggregates import Figure, Ratio
from ladder.language.nodes import Condition, Selector, Span

CONSTANTS: Final[Mapping[str, object]] = {
    "any_touchpoint": selectors.any_touchpoint,
    "inbound": selectors.inbound,
    "outbound": selectors.outbound,
    "individual": selectors.individual,
    "broadcast": selectors.broadcast,
    "automated": selectors.automated,
    "has_rate": selectors.has_rate,
    "is_reply": selectors.is_reply,
    "ever": spans.ever,
    "true": True,
    "false": False,
}
"""Words without arguments."""

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    word.__name__: word
    for word in (
        selectors.kind,
        selectors.family,
        selectors.purpose,
        selectors.asks_for,
        selectors.channel,
        selectors.campaign,
        selectors.in_months,
        selectors.where,
        selectors.in_reply_to,
        selectors.referred,
        spans.hours,
        spans.days,
        spans.months,
        spans.years,
        spans.end_of,
        spans.older_than,
        spans.until,
        spans.week,
        spans.month,
        spans.quarter,
        spans.year,
        spans.fiscal_year,
        aggregates.count,
        aggregates.total,
        aggregates.distinct,
        aggregates.share,
        aggregates.average,
        conditions.held_for,
        conditions.latch,
        aggregates.amount_at_least,
        aggregates.amount_above,
        aggregates.quantity_at_least,
        aggregates.quantity_above,
        conditions.on_rung,
        conditions.has_finding,
        conditions.is_covered,
    )
}
"""Words with arguments."""

NOT_YET: Final[Mapping[str, str]] = {
    "credited": "credited(…) is not part of the language: referred(…) sees what others did",
}
"""Words that users may expect, with the answer to them."""

NAMES_IN_QUOTES: Final = frozenset(
    {
        "kind",
        "family",
        "purpose",
        "asks_for",
        "channel",
        "campaign",
        "on_rung",
        "has_finding",
        "end_of",
    }
)
"""Words that take names as text."""

WORDS: Final = frozenset({*CONSTANTS, *FUNCTIONS, *NOT_YET})
"""The words that no kind, `[let]` name or macro may have as a name."""

_SORTS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (Selector, "a selector"),
    ((spans.Duration, spans.Hours), "a duration"),
    (Span, "a span"),
    (Condition, "a condition"),
    (Figure, "a figure"),
    (Ratio, "a share or average"),
    (bool, "true or false"),
    (int, "a whole number"),
    (Decimal, "a decimal number"),
    (str, "text in quotes"),
)

_SPAN_ALONE: Final = "a span says how long something counts: count(donation, {text}) >= 1"
_ADVICE: Final[Mapping[tuple[str, str], str]] = {
    ("a condition", "a selector"): "count it over a span: count({text}, months(12)) >= 1",
    ("a condition", "a figure"): "compare it: {text} >= 1",
    ("a condition", "a share or average"): "compare it with a number",
    ("a condition", "a span"): _SPAN_ALONE,
    ("a condition", "a duration"): _SPAN_ALONE,
    ("a selector", "a condition"): "to look at the moment, write <selector>.when({text})",
    ("a span", "a selector"): "did you mean until({text})?",
    ("a duration", "a span"): "only hours, days, months, years and end_of have a length",
    ("text in quotes", "a whole number"): 'put it in quotes: "{text}"',
    ("text in quotes or a figure", "a whole number"): 'put it in quotes: "{text}"',
    ("a whole number", "text in quotes"): "leave the quotes away",
    ("a whole number", "a decimal number"): "give a whole number",
}


def sort_of(value: object) -> str:
    """Name the sort of a value in the terms of the language: "a selector", "a span" and so on."""
    for types_, name in _SORTS:
        if isinstance(value, types_):
            return name
    return f"a {type(value).__name__}"


def advice(wanted: str, value: object, text: str) -> str:
    """Return a remedy for a value of the wrong sort, as a suffix; empty when there is none."""
    remedy = _ADVICE.get((wanted, sort_of(value)), "")
    return f"; {remedy.format(text=text)}" if remedy else ""


def call(name: str, word: Callable[..., Any], args: list[Any], named: dict[str, Any]) -> Any:  # noqa: ANN401  (any value of the language)
    """Apply a word or macro to its arguments, checked by its own signature.

    Raises:
        DefinitionError: the arguments do not fit; in plain words.
    """
    signature, hints = _signature(word)
    try:
        signature.bind(*args, **named)
    except TypeError as error:
        raise DefinitionError(_misfit(name, signature, args, named)) from error
    parameters = list(signature.parameters.values())
    for place, value in enumerate(args):
        parameter = parameters[min(place, len(parameters) - 1)]
        _fits(name, parameter.name, hints.get(parameter.name), value, place)
    for key, value in named.items():
        parameter = signature.parameters.get(key, parameters[-1])
        _fits(name, key, hints.get(parameter.name), value, key)
    return word(*args, **named)


class ArgumentError(DefinitionError):
    """One argument of a call is wrong; `argument` is its position or its name."""

    def __init__(self, message: str, argument: int | str) -> None:
        super().__init__(message)
        self.argument = argument


def usage(name: str, signature: inspect.Signature) -> str:
    """Format how a word is written: `count(selector, span)`."""
    parts = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            parts.append(f"{parameter.name}, …")
        elif parameter.kind is parameter.VAR_KEYWORD:
            parts.append("field=value, …")
        elif parameter.default is parameter.empty:
            parts.append(parameter.name)
        else:
            parts.append(f"[{parameter.name}]")
    return f"{name}({', '.join(parts)})"


@lru_cache(maxsize=512)
def _signature(word: Callable[..., Any]) -> tuple[inspect.Signature, dict[str, Any]]:
    try:
        hints = typing.get_type_hints(word)
    except (
        NameError,
        TypeError,
    ):  # a host's macro may use annotations that cannot be resolved here
        hints = {}
    return inspect.signature(word), hints


def _misfit(name: str, signature: inspect.Signature, args: list[Any], named: dict[str, Any]) -> str:
    parameters = list(signature.parameters.values())
    plain = [
        parameter for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    how = f"write {usage(name, signature)}"
    unknown = sorted(set(named) - {parameter.name for parameter in parameters})
    if unknown:
        return f"{name}() has no {', '.join(unknown)}; {how}"
    lacking = [
        parameter.name
        for place, parameter in enumerate(plain)
        if parameter.default is parameter.empty
        and place >= len(args)
        and parameter.name not in named
    ]
    if lacking:
        return f"{name}() lacks its {' and '.join(lacking)}; {how}"
    return f"{name}() is given too much; {how}"


def _fits(name: str, parameter: str, hint: Any, value: Any, argument: int | str) -> None:  # noqa: ANN401  (any value of the language)
    allowed = _types(hint)
    if not allowed or (isinstance(value, allowed) and not _is_stray_bool(value, allowed)):
        return
    wanted = _name_types(allowed)
    text = value if isinstance(value, str) else str(value)
    message = (
        f"the {parameter} of {name}() should be {wanted}, and {_show(value)} is {sort_of(value)}"
        f"{advice(wanted, value, text)}"
    )
    raise ArgumentError(message, argument)


def _is_stray_bool(value: object, allowed: tuple[type, ...]) -> bool:
    """Check for a bool where none is allowed, because Python takes it for an int."""
    return isinstance(value, bool) and bool not in allowed


def _types(hint: Any) -> tuple[type, ...]:  # noqa: ANN401  (any type hint)
    """Return the classes that a type hint allows; empty when the hint cannot be checked here."""
    if isinstance(hint, type):
        return (hint,)
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [_types(part) for part in typing.get_args(hint)]
        return tuple(one for types_ in inner for one in types_) if all(inner) else ()
    if origin is typing.Literal:
        return tuple({type(value) for value in typing.get_args(hint)})
    return ()


def _name_types(allowed: tuple[type, ...]) -> str:
    if set(allowed) >= {spans.Duration, spans.Hours}:
        return "a duration"
    names = []
    for one in allowed:
        if one is type(None):
            continue
        known = next((name for types_, name in _SORTS if one is types_), None)
        names.append(known or one.__name__)
    names = list(dict.fromkeys(names))
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _show(value: object) -> str:
    if isinstance(value, Figure):
        return "this" if len(value.terms) != 1 else value.terms[0].text()
    return f'"{value}"' if isinstance(value, str) else str(value)
