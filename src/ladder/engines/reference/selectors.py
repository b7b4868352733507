"""Judge touchpoints by selectors: one rule for each selector.

The acts of referred supporters are in the history too, and only `brought` speaks of them. Every
other selector neither selects nor rejects such an act, so `not donation` selects what the supporter
did that is no donation. Rules answer with three values: true, false, or no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from ladder.engines.reference.facts import Fact
from ladder.engines.reference.protocol import EvaluationProtocol, Judgements
from ladder.errors import CurrencyError
from ladder.language.measures import Exceeds
from ladder.language.nodes import AllOf, AnyOf, Negation, Selector, When
from ladder.language.selectors import (
    AmountIs,
    AnyTouchpoint,
    HasRate,
    InMonths,
    InReplyTo,
    IsAutomated,
    IsReferred,
    IsReply,
    KindIs,
    OneOf,
    QuantityIs,
    Where,
)
from ladder.model.intervals import holds
from ladder.model.money import exponent


def judge_facts(selector: Selector, evaluation: EvaluationProtocol) -> Judgements:
    """Judge every fact of the history by a selector.

    Raises:
        CurrencyError: The selector compares amounts and meets one without a rate.
    """
    match selector:
        case AllOf():
            return _combine(selector.items, evaluation, all)
        case AnyOf():
            return _combine(selector.items, evaluation, any)
        case Negation():
            answers = evaluation.judge(selector.selector)
            return {fact: not answer for fact, answer in answers.items()}
        case IsReferred():
            return _judge_brought(selector, evaluation)
        case When():
            return _judge_when(selector, evaluation)
        case InReplyTo():
            answered = evaluation.judge(selector.selector)
            return {
                fact: fact.target is not None and answered.get(fact.target, False)
                for fact in _own(evaluation)
            }
        case Exceeds():
            return _judge_exceeds(selector, evaluation)
    if isinstance(selector, AmountIs):
        refuse_foreign(selector, _own(evaluation))
    currency = evaluation.organisation.currency
    return {fact: matches(selector, fact, currency) for fact in _own(evaluation)}


def _own(evaluation: EvaluationProtocol) -> list[Fact]:
    return [fact for fact in evaluation.history.facts if not fact.brought]


def _combine(
    items: Sequence[Selector],
    evaluation: EvaluationProtocol,
    combine: Callable[[Iterable[bool]], bool],
) -> Judgements:
    """Join answers by `all` or `any`; no answer is neither true nor false."""
    judgements = [evaluation.judge(item) for item in items]
    combined: dict[Fact, bool] = {}
    for fact in evaluation.history.facts:
        answers = [judgement.get(fact) for judgement in judgements]
        # The joint is true if it is true with false for every missing answer, and false if it is
        # false with true for every one of them.
        if combine(answer is True for answer in answers):
            combined[fact] = True
        elif not combine(answer is not False for answer in answers):
            combined[fact] = False
    return combined


def _judge_brought(selector: IsReferred, evaluation: EvaluationProtocol) -> Judgements:
    """Select acts of referred supporters; reject everything that the supporter did."""
    facts, currency = evaluation.history.facts, evaluation.organisation.currency
    brought = [fact for fact in facts if fact.brought]
    if any(isinstance(node, AmountIs) for node in selector.walk()):
        refuse_foreign(selector, brought)
    judgements = dict.fromkeys(_own(evaluation), False)
    for fact in brought:
        if matches(selector.selector, fact, currency):
            judgements[fact] = True
    return judgements


def _judge_when(selector: When, evaluation: EvaluationProtocol) -> Judgements:
    """Keep what happened while the condition held, read before the instant's touchpoints act."""
    positions = evaluation.positions(selector.condition)
    selected = evaluation.judge(selector.selector)
    judgements: dict[Fact, bool] = {}
    for fact in evaluation.history.facts:
        if selected.get(fact) and holds(positions, 2 * fact.at):
            judgements[fact] = True
        elif not fact.brought:
            judgements[fact] = False
    return judgements


def _judge_exceeds(selector: Exceeds, evaluation: EvaluationProtocol) -> Judgements:
    """Compare a fact's own amount or quantity with a figure, read before its instant acts."""
    own = _own(evaluation)
    if selector.of == "amount":
        refuse_foreign(selector, own)
    scaled, changes = evaluation.scale(selector), evaluation.changes(selector)
    judgements: dict[Fact, bool] = {}
    for fact in own:
        value = fact.amount if selector.of == "amount" else fact.quantity
        past = (change for position, change in changes.items() if position <= 2 * fact.at)
        figure = sum(past) + scaled.constant
        judgements[fact] = value is not None and _reaches(
            selector.bound, value * scaled.multiplier, figure
        )
    return judgements


def matches(  # noqa: C901, PLR0912  (one case for each selector)
    selector: Selector, fact: Fact, currency: str
) -> bool:
    """Say whether a fact's own fields, and what it answers, match a selector.

    Everybody's acts are judged alike here. `currency` is the organisation's.
    """
    match selector:
        case AnyTouchpoint():
            return True
        case KindIs():
            return fact.kind == selector.name
        case OneOf(field="purpose"):
            return not fact.purposes.isdisjoint(selector.values)
        case OneOf():
            return getattr(fact, selector.field) in selector.values
        case IsAutomated():
            return fact.automated is True
        case HasRate():
            return fact.amount is not None and not fact.foreign
        case AmountIs():
            refuse_currency(selector, selector.currency, currency)
            bound = selector.amount.scaleb(exponent(currency))
            return fact.amount is not None and _reaches(selector.bound, fact.amount, bound)
        case QuantityIs():
            return fact.quantity is not None and _reaches(
                selector.bound, fact.quantity, selector.millionths
            )
        case InMonths():
            return fact.month in selector.months
        case Where():
            return selector.field in fact.details and selector.matches(fact.details[selector.field])
        case IsReply():
            return fact.target is not None
        case InReplyTo():
            target = fact.target
            return target is not None and matches(selector.selector, target, currency)
        case AllOf():
            return all(matches(item, fact, currency) for item in selector.items)
        case AnyOf():
            return any(matches(item, fact, currency) for item in selector.items)
        case Negation():
            return not matches(selector.selector, fact, currency)
        case _:
            raise TypeError(f"{selector} does not judge a touchpoint by itself")


def _reaches(bound: str, value: int, limit: int | Decimal) -> bool:
    return value >= limit if bound == "at_least" else value > limit


def refuse_foreign(where: object, facts: Iterable[Fact]) -> None:
    """Refuse amounts that cannot be compared or added.

    Raises:
        CurrencyError: There is no rate into the organisation's currency for one of them.
    """
    for fact in facts:
        if fact.foreign:
            raise CurrencyError(
                f"{where} meets {fact.kind} {fact.key or fact.id} in {fact.currency}, for which "
                "no rate is known on its date: name a dated converter in the ladder ([rates])"
            )


def refuse_currency(where: object, named: str | None, home: str) -> None:
    """Refuse a definition that names another currency than the organisation's.

    Raises:
        CurrencyError: The two currencies differ.
    """
    if named not in (None, home):
        raise CurrencyError(f"{where} names {named}, but the organisation counts in {home}")
