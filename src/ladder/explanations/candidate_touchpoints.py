"""Candidate touchpoints: made from the positive parts of a selector, to be tried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from itertools import islice

from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.facts import Fact, Row, fact_of
from ladder.explanations.results import Act, money, quantity
from ladder.language.nodes import AllOf, AnyOf, Selector, When
from ladder.language.selectors import (
    AmountIs,
    InReplyTo,
    IsAutomated,
    IsReferred,
    IsReply,
    KindIs,
    OneOf,
    QuantityIs,
    Where,
)
from ladder.model.kinds import Kind, Kinds
from ladder.model.money import exponent

_STRANGER = -1_000_000
"""The first number for invented people and touchpoints; further ones count downwards."""


@dataclass(frozen=True)
class Draft:
    """A touchpoint to try, with the fields that are fixed so far."""

    kind: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, bool | int | str] = field(default_factory=dict)
    amount: int | None = None
    quantity: int | None = None
    automated: bool | None = None
    answers: Fact | None = None
    brought: bool = False

    def act(self, times: int, evaluation: Evaluation) -> Act:
        """Describe `times` of this touchpoint."""
        currency = evaluation.organisation.currency
        details = [f"with {name} {value}" for name, value in self.details.items()]
        traits = [
            f"with {name} {value}"
            for name, value in self.texts.items()
            if name in ("channel", "campaign")
        ]
        direction = evaluation.kinds.find(self.kind or "").direction
        given = self.texts.get("direction")
        turned = [given] if given is not None and given != direction else []
        answer = [] if self.answers is None else [f"answering the {self.answers.kind}"]
        return Act(
            kind=self.kind or "",
            times=times,
            amount="" if self.amount is None else money(self.amount, currency),
            quantity="" if self.quantity is None else quantity(self.quantity),
            traits=(*turned, *traits, *details, *answer),
            brought=self.brought,
        )

    def facts(self, times: int, evaluation: Evaluation, at: int) -> list[Fact]:
        """Make `times` facts of this touchpoint at an instant.

        Facts of referred people belong to a different person each time.
        """
        return [self._fact(evaluation, at, _STRANGER - number) for number in range(times)]

    def _fact(self, evaluation: Evaluation, at: int, number: int) -> Fact:
        organisation = evaluation.organisation
        kind = evaluation.kinds.find(self.kind or "")
        owner = next((fact.person for fact in evaluation.history.facts if not fact.brought), 0)
        row = Row(
            number, number if self.brought else owner, kind.name, at, False, kind.direction,
            ",".join(sorted(kind.purposes)), kind.asks_for,
            audience=kind.audience, automated=kind.automated,
        )  # fmt: skip
        fact = fact_of(row, organisation, Kinds((kind,)), brought=False)
        fact.brought, fact.referrer = self.brought, owner if self.brought else None
        fact.amount = fact.original = self.amount
        fact.quantity, fact.details = self.quantity, dict(self.details)
        fact.automated = kind.automated if self.automated is None else self.automated
        fact.answers = None if self.answers is None else self.answers.key
        for name, value in self.texts.items():
            if name == "purpose":
                fact.purposes = frozenset({value})
            elif name != "family":
                setattr(fact, name, value)
        return fact


@singledispatch
def drafts(selector: Selector, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    """Yield drafts that satisfy the selector; parts that are not positive add nothing."""
    del selector, evaluation
    yield draft


@drafts.register(KindIs)
def _kind(selector: KindIs, draft: Draft, _: Evaluation) -> Iterator[Draft]:
    if draft.kind in (None, selector.name):
        yield replace(draft, kind=selector.name)


@drafts.register(OneOf)
def _one_of(selector: OneOf, draft: Draft, _: Evaluation) -> Iterator[Draft]:
    for value in selector.values:
        if draft.texts.get(selector.field, value) == value:
            yield replace(draft, texts={**draft.texts, selector.field: value})


@drafts.register(AmountIs)
def _amount(selector: AmountIs, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    scaled = selector.amount.scaleb(exponent(evaluation.organisation.currency))
    least = int(scaled) + (selector.bound == "above" or scaled != int(scaled))
    yield replace(draft, amount=max(least, draft.amount or 0))


@drafts.register(QuantityIs)
def _quantity(selector: QuantityIs, draft: Draft, _: Evaluation) -> Iterator[Draft]:
    least = selector.millionths + (selector.bound == "above")
    yield replace(draft, quantity=max(least, draft.quantity or 0))


@drafts.register(IsAutomated)
def _automate(_: IsAutomated, draft: Draft, __: Evaluation) -> Iterator[Draft]:
    yield replace(draft, automated=True)


@drafts.register(Where)
def _where(selector: Where, draft: Draft, _: Evaluation) -> Iterator[Draft]:
    yield replace(draft, details={**draft.details, selector.field: selector.value})


@drafts.register(IsReferred)
def _by_referred(selector: IsReferred, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    yield from drafts(selector.selector, replace(draft, brought=True), evaluation)


@drafts.register(When)
def _when(selector: When, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    yield from drafts(selector.selector, draft, evaluation)


@drafts.register(IsReply)
def _any_reply(_: IsReply, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    yield from _answering(draft, evaluation.history.facts)


@drafts.register(InReplyTo)
def _answers(selector: InReplyTo, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    yield from _answering(draft, evaluation.select(selector.selector))


def _answering(draft: Draft, facts: Sequence[Fact]) -> Iterator[Draft]:
    known = [fact for fact in facts if fact.key is not None and not fact.brought]
    if known:
        yield replace(draft, answers=known[-1])


@drafts.register(AllOf)
def _all_of(selector: AllOf, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    begun = [draft]
    for item in selector.items:
        begun = [more for one in begun for more in drafts(item, one, evaluation)]
    yield from begun


@drafts.register(AnyOf)
def _any_of(selector: AnyOf, draft: Draft, evaluation: Evaluation) -> Iterator[Draft]:
    for item in selector.items:
        yield from drafts(item, draft, evaluation)


def candidates(selector: Selector, evaluation: Evaluation, most: int) -> list[Draft]:
    """Return at most `most` complete drafts, one for every kind that the selector allows."""
    whole = (
        replace(draft, kind=kind.name)
        for draft in drafts(selector, Draft(), evaluation)
        for kind in _kinds(draft, evaluation)
    )
    return list(islice(whole, most))


def _kinds(draft: Draft, evaluation: Evaluation) -> Iterator[Kind]:
    """Yield the kinds that fit the draft.

    Status kinds and kinds with a role are left out because no supporter uses them to climb.
    """
    for kind in evaluation.kinds.values():
        named = draft.kind in (None, kind.name)
        usual = draft.kind is not None or _usual(kind, draft)
        of_family = draft.texts.get("family", kind.family) == kind.family
        if named and usual and of_family and kind.family != "status" and not kind.role:
            yield kind


def _usual(kind: Kind, draft: Draft) -> bool:
    """Check that a kind fits the draft without overriding its usual fields."""
    direction = draft.texts.get("direction", kind.direction)
    purpose = draft.texts.get("purpose")
    asks_for = draft.texts.get("asks_for", kind.asks_for)
    fits = direction == kind.direction and asks_for == kind.asks_for
    return fits and (purpose is None or purpose in kind.purposes)
