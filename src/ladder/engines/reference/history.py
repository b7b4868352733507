"""Make one supporter's history: voids, refunds, links and other currencies resolved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Self, TypeVar

from ladder.engines.reference.facts import Fact, Linking, Person, fact_of, row_of
from ladder.errors import CurrencyError, TouchpointError
from ladder.model.calendars import to_date, to_day
from ladder.model.intervals import INF, Episode
from ladder.model.kinds import Kinds
from ladder.model.money import Rates
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint

H = TypeVar("H", bound="History")


@dataclass(frozen=True, eq=False)
class History:
    """One supporter's facts in one order, in whatever order they came, and the supporter's line.

    `facts` are the supporter's own touchpoints and the acts of referred supporters
    (`fact.brought`). `t0` is where the line begins: the earliest touchpoint that is neither void
    nor of family status. It is None when there is none, and then nothing is ever true.
    """

    facts: tuple[Fact, ...]
    organisation: Organisation
    kinds: Kinds
    rates: Rates | None = None
    aside: tuple[Fact, ...] = ()
    """Refunds of gifts of referred supporters: they cut those gifts, but nothing selects them."""
    begun: int | None = None
    """Where the line began, if that lies before all of these facts."""

    @classmethod
    def of(
        cls,
        touchpoints: Iterable[Touchpoint],
        organisation: Organisation,
        kinds: Kinds,
        brought: Iterable[Touchpoint] = (),
        rates: Rates | None = None,
    ) -> Self:
        """Make a history from touchpoints.

        `brought` are touchpoints of supporters that name this one as their referrer, and the voids
        and refunds that answer them. A fact's `id` is its touchpoint's place in both lists, the own
        ones first. Unknown kinds and amounts finer than their currency are refused.
        """
        own = [row_of(t, n, organisation, kinds) for n, t in enumerate(touchpoints)]
        others = [row_of(t, n, organisation, kinds) for n, t in enumerate(brought, len(own))]
        return cls.from_rows(own, organisation, kinds, others, rates)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Sequence[Any]],
        organisation: Organisation,
        kinds: Kinds,
        brought: Iterable[Sequence[Any]] = (),
        rates: Rates | None = None,
        supporter: Person | None = None,
        begun: int | None = None,
    ) -> Self:
        """Make a history from rows of the database (see `Row`), which are not validated again.

        `supporter` is whose history it is, needed only without a row of their own. `begun` is where
        the line began, if these are not all rows.
        """
        own = [fact_of(row, organisation, kinds, brought=False) for row in rows]
        others = [fact_of(row, organisation, kinds, brought=True) for row in brought]
        if own:
            supporter = own[0].person
        kept = _without_voids([*own, *others])
        _convert(kept, organisation, rates)
        visible = [fact for fact in kept if not fact.brought or _names(fact, supporter)]
        aside = [fact for fact in kept if fact.brought and not _names(fact, supporter)]
        return _resolve_history(cls((), organisation, kinds, rates, begun=begun), visible, aside)

    @cached_property
    def t0(self) -> int | None:
        """The instant at which the line begins."""
        if self.begun is not None:
            return self.begun
        return next((fact.at for fact in self.facts if fact.family != "status"), None)

    @cached_property
    def line(self) -> Episode:
        """The line, in positions; empty when it never begins."""
        t0 = self.t0
        return (INF, INF) if t0 is None else (2 * t0, INF)

    def without(self, facts: Collection[Fact]) -> Self:
        """Make the history without these facts: what they refunded and answered is whole again."""
        return self._again(fact for fact in self.everything if fact not in facts)

    def upto(self, instant: int) -> Self:
        """Make the history of what happened up to an instant."""
        return self._again(fact for fact in self.everything if fact.at <= instant)

    def plus(self, facts: Iterable[Fact]) -> Self:
        """Make the history with these facts added."""
        return self._again([*self.everything, *facts])

    @property
    def everything(self) -> tuple[Fact, ...]:
        """The facts, and what else acts on them."""
        return self.facts + self.aside

    def _again(self, facts: Iterable[Fact]) -> Self:
        """Copy only facts that other facts change; all histories share the rest."""
        chosen = list(facts)
        answered = {fact.answers for fact in chosen}
        aside = set(self.aside)
        loose = [(fact in aside, _loose(fact, answered)) for fact in chosen]
        return _resolve_history(
            self,
            [fact for hidden, fact in loose if not hidden],
            [fact for hidden, fact in loose if hidden],
        )


def _resolve_history(history: H, visible: list[Fact], aside: list[Fact]) -> H:
    """Make such a history of these facts, with links, refunds and placements resolved."""
    _resolve([*visible, *aside], history)
    ordered = tuple(sorted(visible, key=lambda fact: fact.order))
    return replace(history, facts=ordered, aside=tuple(aside))


def _names(fact: Fact, supporter: Person | None) -> bool:
    """Voids and refunds of a referred supporter name no referrer, so they are no referred acts."""
    return fact.referrer is not None and supporter in (None, fact.referrer)


def _loose(fact: Fact, answered: Collection[Linking | None]) -> Fact:
    """Give the fact itself, or a fresh copy if other facts change it, or did."""
    plain = fact.answers is None and fact.cut == INF and not fact.reductions
    return fact if plain and (fact.key is None or fact.key not in answered) else fact.fresh()


def _without_voids(facts: Sequence[Fact]) -> list[Fact]:
    """Drop voids and what they void. A void that answers a void undoes nothing."""
    voided = {(fact.person, fact.answers) for fact in facts if fact.role == "void"}
    return [
        fact
        for fact in facts
        if fact.role != "void" and (fact.key is None or (fact.person, fact.key) not in voided)
    ]


def _convert(facts: Iterable[Fact], organisation: Organisation, rates: Rates | None) -> None:
    home = organisation.currency
    if rates is not None and rates.currency != home:
        raise CurrencyError(
            f"the ladder's rates lead to {rates.currency}, the organisation counts in {home}"
        )
    for fact in facts:
        if fact.original is not None and fact.currency != home:
            fact.amount = _convert_amount(fact, fact.original, rates)
            fact.foreign = fact.amount is None


def _convert_amount(fact: Fact, minor: int, rates: Rates | None) -> int | None:
    if rates is None or fact.currency is None:
        return None
    return rates.convert(minor, fact.currency, to_date(fact.day))


def _resolve(facts: list[Fact], history: History) -> None:
    """Set links, refunds and ends of placements."""
    known = {(fact.person, fact.key): fact for fact in facts if fact.key is not None}
    refunds: dict[Fact, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.answers is not None:
            target = known.get((fact.person, fact.answers))
            if target is not None and target is not fact:
                _link(fact, target, refunds)
        if fact.kind == "placed" and fact.details.get("until") is not None:
            fact.cut = _end_of_placement(fact, history)
    for target, answers in refunds.items():
        _refund(target, answers, history)


def _link(fact: Fact, target: Fact, refunds: dict[Fact, list[Fact]]) -> None:
    if not fact.brought and target.at <= fact.reach:
        fact.target = target
    if fact.role == "refund" and target.role != "refund":
        fact.refunded = target
        refunds[target].append(fact)


def _end_of_placement(fact: Fact, history: History) -> int:
    until = fact.details["until"]
    try:
        day = to_day(date.fromisoformat(until))
    except (TypeError, ValueError) as error:
        raise TouchpointError(
            f"a placement's until must be a date such as 2024-12-31, not {until!r}"
        ) from error
    return 2 * history.organisation.calendar.day_end(day)


def _refund(gift: Fact, refunds: list[Fact], history: History) -> None:
    """Cut the gift's intervals where all of it was refunded; count less where a part was."""
    left = gift.original
    reductions = []
    for at, minor in _by_instant(gift, refunds):
        position = 2 * at + 1
        if left is None or minor is None or minor >= left:
            gift.cut = min(gift.cut, position)
            break
        less = _worth(gift, left, history) - _worth(gift, left - minor, history)
        left -= minor
        if less:
            reductions.append((position, less))
    gift.reductions = tuple(reductions)


def _worth(gift: Fact, minor: int, history: History) -> int:
    """Convert minor units of the gift's currency into the organisation's, at the gift's date."""
    if gift.foreign or gift.currency == history.organisation.currency:
        return minor
    return _convert_amount(gift, minor, history.rates) or 0


def _by_instant(gift: Fact, refunds: list[Fact]) -> list[tuple[int, int | None]]:
    """Sum what was refunded at each instant; None is all of it."""
    sums: dict[int, int | None] = {}
    for refund in refunds:
        if refund.original is None or gift.original is None:
            sums[refund.at] = None
            continue
        if refund.currency != gift.currency:
            raise CurrencyError(
                f"a refund in {refund.currency} of a gift in {gift.currency}: "
                "record it in the gift's own currency"
            )
        before = sums.get(refund.at, 0)
        sums[refund.at] = None if before is None else before + refund.original
    return sorted(sums.items(), key=lambda item: item[0])
