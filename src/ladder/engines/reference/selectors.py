"""Which facts a selector selects: one short rule for each selector.

What is selected is a number of bits, the n-th for the n-th of her facts: what two selectors select
together takes one `&`, however many there are.

On an act of somebody whom she brought, a plain word is never true and never false: only `brought`
speaks of it. So a negation is pushed inwards until it meets a word, and `not donation` selects
what of *hers* is no donation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, reduce, singledispatch
from operator import and_, attrgetter, ge, gt, or_
from typing import TYPE_CHECKING, Final

from ladder.engines.reference.facts import Fact
from ladder.errors import CurrencyError
from ladder.language.measures import Exceeds
from ladder.language.nodes import Selector
from ladder.language.selectors import (
    AllOf,
    AmountIs,
    Answers,
    AnyOf,
    Anything,
    Automated,
    Brought,
    Convertible,
    InMonths,
    KindIs,
    Linked,
    Negation,
    OneOf,
    QuantityIs,
    When,
    Where,
)
from ladder.model.intervals import holds
from ladder.model.money import exponent

if TYPE_CHECKING:
    from ladder.engines.reference.evaluator import Evaluation

Judge = Callable[[Fact], bool]
Selection = int
"""Some of her facts, by bits. `&` has what is in both, `|` what is in either."""
Selecting = Callable[..., Selection]
"""What a selector selects, or its negation: the selector, the evaluation, whether `positive`."""
NOTHING: Selection = 0


def among(facts: Sequence[Fact], selection: Selection) -> list[Fact]:
    """The facts that are selected, in their order."""
    digits = bin(selection)[:1:-1]  # the lowest bit first
    return [fact for fact, digit in zip(facts, digits, strict=False) if digit == "1"]


def first_of(facts: Sequence[Fact], selection: Selection) -> Fact | None:
    """The earliest of them, if any."""
    return facts[(selection & -selection).bit_length() - 1] if selection else None


def narrowed(facts: Sequence[Fact], selection: Selection, judge: Judge) -> Selection:
    """Those of the selected facts of which the answer is yes; nobody asks about the others."""
    kept = NOTHING
    for n, digit in enumerate(bin(selection)[:1:-1]):
        if digit == "1" and judge(facts[n]):
            kept |= 1 << n
    return kept


@singledispatch
def selected(selector: Selector, evaluation: Evaluation, positive: bool) -> Selection:
    """What the selector selects, or (not `positive`) what its negation does."""
    judge = judge_of(selector, evaluation.organisation.currency)
    return _of_hers(judge, evaluation, positive=positive)


def _of_hers(judge: Judge, evaluation: Evaluation, *, positive: bool) -> Selection:
    found = narrowed(evaluation.history.facts, evaluation.own, judge)
    return found if positive else evaluation.own ^ found


@selected.register(AmountIs)
def _amount(selector: AmountIs, evaluation: Evaluation, positive: bool) -> Selection:
    refuse_foreign(selector, among(evaluation.history.facts, evaluation.own))
    judge = judge_of(selector, evaluation.organisation.currency)
    return _of_hers(judge, evaluation, positive=positive)


@selected.register(Exceeds)
def _exceeds(selector: Exceeds, evaluation: Evaluation, positive: bool) -> Selection:
    if selector.of == "amount":
        refuse_foreign(selector, among(evaluation.history.facts, evaluation.own))
    before, whole = evaluation.figure(selector), evaluation.scaled(selector).whole
    own, reaches = attrgetter(selector.of), _reaching(selector.bound)

    def exceeds(fact: Fact) -> bool:
        return own(fact) is not None and reaches(own(fact) * whole, before(fact))

    return _of_hers(exceeds, evaluation, positive=positive)


@selected.register(Answers)
def _answers(selector: Answers, evaluation: Evaluation, positive: bool) -> Selection:
    answered = frozenset(among(evaluation.history.facts, evaluation.selection(selector.selector)))
    return _of_hers(lambda fact: fact.target in answered, evaluation, positive=positive)


@selected.register(Brought)
def _brought(selector: Brought, evaluation: Evaluation, positive: bool) -> Selection:
    if not positive:
        return evaluation.own
    if not evaluation.brought:
        return NOTHING
    if any(isinstance(node, AmountIs) for node in selector.walk()):
        refuse_foreign(selector, among(evaluation.history.facts, evaluation.brought))
    judge = judge_of(selector.selector, evaluation.organisation.currency)
    return narrowed(evaluation.history.facts, evaluation.brought, judge)


@selected.register(When)
def _when(selector: When, evaluation: Evaluation, positive: bool) -> Selection:
    true = evaluation.positions(selector.condition)
    found = evaluation.selection(selector.selector)
    kept = narrowed(evaluation.history.facts, found, lambda fact: holds(true, 2 * fact.at))
    return kept if positive else evaluation.own & ~kept


@selected.register(AllOf)
def _all_of(selector: AllOf, evaluation: Evaluation, positive: bool) -> Selection:
    parts = (evaluation.selection(item, positive=positive) for item in selector.items)
    return reduce(and_ if positive else or_, parts)


@selected.register(AnyOf)
def _any_of(selector: AnyOf, evaluation: Evaluation, positive: bool) -> Selection:
    parts = (evaluation.selection(item, positive=positive) for item in selector.items)
    return reduce(or_ if positive else and_, parts)


@selected.register(Negation)
def _negation(selector: Negation, evaluation: Evaluation, positive: bool) -> Selection:
    return evaluation.selection(selector.selector, positive=not positive)


SELECTING: Final[Mapping[type, Selecting]] = selected.registry
"""The rule for each selector that has one of its own."""


def refuse_foreign(where: object, facts: Iterable[Fact]) -> None:
    """An amount without a rate into the organisation's currency cannot be compared or added."""
    for fact in facts:
        if fact.foreign:
            message = (
                f"{where} meets {fact.kind} {fact.key or fact.id} in {fact.currency}, for which "
                "no rate is known on its date: name a dated converter in the ladder ([rates])"
            )
            raise CurrencyError(message)


@lru_cache(maxsize=4096)
def judge_of(selector: Selector, currency: str) -> Judge:
    """As `judging`, made once."""
    return judging(selector, currency)


@singledispatch
def judging(selector: Selector, currency: str) -> Judge:
    """The selector as a plain question about one fact, whoever's it is.

    `currency` is the organisation's.
    """
    del currency
    message = f"{selector} does not judge a touchpoint by itself"
    raise TypeError(message)


@judging.register(Anything)
def _judge_anything(_: Anything, __: str) -> Judge:
    return lambda _: True


@judging.register(KindIs)
def _judge_kind(selector: KindIs, _: str) -> Judge:
    name = selector.name
    return lambda fact: fact.kind == name


@judging.register(OneOf)
def _judge_one_of(selector: OneOf, _: str) -> Judge:
    values = frozenset(selector.values)
    if selector.field == "purpose":
        return lambda fact: not values.isdisjoint(fact.purposes)
    value_of = attrgetter(selector.field)
    return lambda fact: value_of(fact) in values


@judging.register(Automated)
def _judge_automated(_: Automated, __: str) -> Judge:
    return lambda fact: fact.automated is True


@judging.register(Convertible)
def _judge_convertible(_: Convertible, __: str) -> Judge:
    return lambda fact: fact.amount is not None and not fact.foreign


@judging.register(AmountIs)
def _judge_amount(selector: AmountIs, currency: str) -> Judge:
    refuse_currency(selector, selector.currency, currency)
    bound = selector.amount.scaleb(exponent(currency))
    reaches = _reaching(selector.bound)
    return lambda fact: fact.amount is not None and reaches(fact.amount, bound)


def _reaching(bound: str) -> Callable[[int, Decimal | int], bool]:
    return ge if bound == "at_least" else gt


def refuse_currency(where: object, named: str | None, home: str) -> None:
    """A definition that names another currency than the organisation's compares unlike things."""
    if named not in (None, home):
        message = f"{where} names {named}, but the organisation counts in {home}"
        raise CurrencyError(message)


@judging.register(QuantityIs)
def _judge_quantity(selector: QuantityIs, _: str) -> Judge:
    bound, reaches = selector.millionths, _reaching(selector.bound)
    return lambda fact: fact.quantity is not None and reaches(fact.quantity, bound)


@judging.register(InMonths)
def _judge_months(selector: InMonths, _: str) -> Judge:
    months = frozenset(selector.months)
    return lambda fact: fact.month in months


@judging.register(Where)
def _judge_where(selector: Where, _: str) -> Judge:
    name = selector.field
    return lambda fact: name in fact.details and selector.matches(fact.details[name])


@judging.register(Linked)
def _judge_linked(_: Linked, __: str) -> Judge:
    return lambda fact: fact.target is not None


@judging.register(Answers)
def _judge_answers(selector: Answers, currency: str) -> Judge:
    judge = judging(selector.selector, currency)
    return lambda fact: fact.target is not None and judge(fact.target)


@judging.register(AllOf)
def _judge_all(selector: AllOf, currency: str) -> Judge:
    judges = [judging(item, currency) for item in selector.items]
    return lambda fact: all(judge(fact) for judge in judges)


@judging.register(AnyOf)
def _judge_any(selector: AnyOf, currency: str) -> Judge:
    judges = [judging(item, currency) for item in selector.items]
    return lambda fact: any(judge(fact) for judge in judges)


@judging.register(Negation)
def _judge_negation(selector: Negation, currency: str) -> Judge:
    judge = judging(selector.selector, currency)
    return lambda fact: not judge(fact)
