"""Sample histories that are likely to meet a condition.

They consist of the touchpoints that the condition counts, in the number and spacing it needs. They
are deterministic: the same ladder always gets the same histories.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any, Final

from ladder.documents.absence_checks import reach
from ladder.engines.reference.history import History
from ladder.language.conditions import HeldFor, OnRung
from ladder.language.ladders import Ladder
from ladder.language.measures import Compare, Distinct, Exceeds, Measure
from ladder.language.nodes import Condition, Node, Selector
from ladder.language.selectors import OneOf, Where
from ladder.language.spans import Duration, Hours, OlderThan, Until
from ladder.lint.witnesses import Witness, witnesses
from ladder.model.money import exponent
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint

_SUPPORTER: Final = "ada"
_FIRST: Final = datetime(2019, 1, 1, 12, tzinfo=UTC)
_STEPS: Final = {
    "day": 1,
    "week": 7,
    "month": 31,
    "month_of_year": 31,
    "quarter": 92,
    "year": 366,
    "fiscal_year": 366,
}
_CENT: Final = Decimal("0.01")
_RISING: Final = (Decimal(25), Decimal(60), Decimal(150))
"""Amounts to use where the condition compares amounts with each other."""

_TURNS: Final = 0.25
MOST_TOUCHPOINTS: Final = 60
"""The number of touchpoints after which a history of several bursts ends."""

MOST_COUNTED: Final = 400
"""The largest count in a condition that is still tried."""

_LONGEST_GAP: Final = 40 * 366
_LAST_YEAR: Final = 2500


@dataclass(frozen=True)
class Burst:
    """A repeated touchpoint that a condition counts: its forms, numbers, spacings and amounts.

    Spacings are in days.
    """

    witnesses: tuple[Witness, ...]
    numbers: tuple[int, ...]
    spacings: tuple[int, ...]
    amounts: tuple[Decimal, ...]
    varies: str = ""

    def with_trait(self, trait: Mapping[str, Any]) -> Burst:
        """Add a trait to the touchpoints that do not set the same field yet."""
        if not trait:
            return self
        witnesses = tuple(
            replace(witness, fields={**trait, **witness.fields}) for witness in self.witnesses
        )
        return replace(self, witnesses=witnesses)


@dataclass(frozen=True)
class Life:
    """A sample supporter: their own touchpoints, and those of the people they referred."""

    own: tuple[Touchpoint, ...]
    brought: tuple[Touchpoint, ...] = ()

    def history(self, ladder: Ladder, organisation: Organisation) -> History:
        """Return the history for the evaluator."""
        return History.of(self.own, organisation, ladder.kinds, self.brought, ladder.rates)

    def describe(self) -> str:
        """Describe the history in a line: "donation 2019-03-01, reply 2019-04-02, …"."""
        every = sorted((*self.own, *self.brought), key=lambda row: row.at.isoformat())
        referred = " of a person they referred"
        words = [
            f"{row.kind}{referred if row in self.brought else ''} {row.at:%Y-%m-%d}"
            for row in every[:6]
        ]
        return ", ".join(words) + (f" and {len(every) - 6} more" if len(every) > 6 else "")  # noqa: PLR2004  (the slice)


Bursts = Sequence[Burst]
Traits = Sequence[dict[str, Any]]
Script = list[tuple[Burst, int, int]]
"""A sequence of bursts, with the number of repetitions and the days after them."""


def lives(
    conditions: Sequence[Condition], ladder: Ladder, organisation: Organisation, seed: str
) -> Iterator[Life]:
    """Yield sample histories endlessly, made from what the conditions count, simplest first."""
    chance = Random(seed)  # noqa: S311  (samples, not secrets)
    bursts = list(_bursts(conditions, ladder))
    gaps = sorted(_gaps(conditions, ladder))
    traits = _traits(conditions, ladder)
    if not bursts:
        return
    for burst in bursts:
        for number in burst.numbers:
            for trait in traits:
                yield _life(chance, [(burst.with_trait(trait), number, 0)], organisation)
    while True:
        make = _in_turns if chance.random() < _TURNS else _at_random
        yield _life(chance, make(chance, bursts, traits, gaps), organisation)


def _at_random(chance: Random, bursts: Bursts, traits: Traits, gaps: Sequence[int]) -> Script:
    return [
        (
            burst.with_trait(chance.choice(traits)),
            chance.choice(burst.numbers),
            chance.choice(gaps),
        )
        for burst in chance.choices(bursts, k=chance.choice((1, 2, 2, 3, 4, 6)))
    ]


def _in_turns(chance: Random, bursts: Bursts, traits: Traits, gaps: Sequence[int]) -> Script:
    """Repeat one touchpoint of several bursts in turn: asked, gave, asked, gave."""
    chosen = chance.choices(bursts, k=chance.choice((2, 2, 3)))
    trait, gap = chance.choice(traits), chance.choice((gaps[0], gaps[1], *gaps))
    return [(burst.with_trait(trait), 1, gap) for burst in chosen] * chance.choice((2, 3, 4))


def too_many(condition: Condition, ladder: Ladder) -> bool:
    """Check whether the condition counts further than any sample history goes."""
    return any(
        isinstance(node, Compare) and node.unit == "number" and node.constant > MOST_COUNTED
        for node in _nodes([condition], ladder)
    )


def regular(life: Life, days: float, seed: str) -> Life:
    """Repeat a history's acts for three years at a rhythm in days, a little early or late."""
    chance = Random(seed)  # noqa: S311  (samples, not secrets)
    cycle = life.own[: max(1, MOST_TOUCHPOINTS // 8)]
    start = _FIRST
    own: list[Touchpoint] = []
    while start < _FIRST + timedelta(days=3 * 366) and len(own) < 4 * MOST_TOUCHPOINTS:
        late = timedelta(days=round(days * chance.uniform(-0.15, 0.15)))
        for number, touchpoint in enumerate(cycle):
            at = start + late + timedelta(hours=number)
            own.append(
                touchpoint.model_copy(update={"at": at, "external_id": None, "answers": None})
            )
        start += timedelta(days=round(days))
    return Life(tuple(own))


def _life(chance: Random, several: Script, organisation: Organisation) -> Life:
    at = _FIRST + timedelta(days=chance.choice((0, 0, 8, 40, 100, 190, 280, 364)))
    own: list[Touchpoint] = []
    brought: list[Touchpoint] = []
    for burst, number, gap in several:
        spacing = chance.choice(burst.spacings)
        amount = chance.choice(burst.amounts)
        for copy in range(number):
            witness = chance.choice(burst.witnesses)
            while at.month not in witness.months:
                at += timedelta(days=7)
            made = _touchpoints(witness, at, copy, amount, burst, organisation, len(own))
            (brought if witness.brought else own).extend(made)
            at += timedelta(days=spacing)
        at += timedelta(days=gap)
        if len(own) + len(brought) > MOST_TOUCHPOINTS or at.year > _LAST_YEAR:
            break
    return Life(tuple(own), tuple(brought))


def _touchpoints(
    witness: Witness,
    at: datetime,
    copy: int,
    amount: Decimal,
    burst: Burst,
    organisation: Organisation,
    number: int,
) -> Iterator[Touchpoint]:
    fields: dict[str, Any] = dict(witness.fields)
    if witness.answers is not None:
        target = f"{number}-{copy}-{at.isoformat()}"
        yield _touchpoint(
            witness.answers, at - timedelta(hours=1), amount, organisation, id_=target
        )
        fields["answers"] = target
    _vary(fields, burst.varies, copy)
    if witness.brought:
        fields["referrer"] = _SUPPORTER
    own = Witness(fields, witness.months, witness.low, witness.high, None, witness.brought)
    yield _touchpoint(own, at, amount, organisation, person=copy if witness.brought else None)


def _vary(fields: dict[str, Any], by: str, copy: int) -> None:
    if by in ("channel", "campaign"):
        fields.setdefault(by, f"{by} {copy}")
    elif by.startswith("details."):
        fields["details"] = {by.removeprefix("details."): copy, **fields.get("details", {})}


def _touchpoint(
    witness: Witness,
    at: datetime,
    amount: Decimal,
    organisation: Organisation,
    *,
    id_: str | None = None,
    person: int | None = None,
) -> Touchpoint:
    fields = {
        "amount": _payable(amount, witness, organisation.currency),
        "currency": organisation.currency,
        "quantity": max(amount, Decimal(1)).quantize(Decimal("0.001")),
        **witness.fields,
    }
    supporter = _SUPPORTER if person is None else f"person {person}"
    return Touchpoint(supporter=supporter, at=at, external_id=id_, **fields)


def _payable(amount: Decimal, witness: Witness, currency: str) -> Decimal:
    """Return the nearest amount that the witness allows, rounded to the currency's minor unit."""
    unit = Decimal(1).scaleb(-exponent(currency))
    least = Decimal(0) if witness.low is None else witness.low
    value = max(amount, least).quantize(unit, ROUND_CEILING)
    if witness.high is not None:
        value = min(value, witness.high.quantize(unit, ROUND_FLOOR))
    return max(value, Decimal(0))


def _bursts(conditions: Sequence[Condition], ladder: Ladder) -> Iterator[Burst]:
    nodes = list(dict.fromkeys(_nodes(conditions, ladder)))
    different = _RISING if any(isinstance(node, Exceeds) for node in nodes) else ()
    for node in nodes:
        if isinstance(node, Compare):
            for term in node.terms:
                yield from _burst(term.measure, node, ladder, different)
        if isinstance(node, Until):
            yield from _single(node.selector, ladder)


def _burst(
    measure: Measure, comparison: Compare, ladder: Ladder, more: Sequence[Decimal]
) -> Iterator[Burst]:
    forms = tuple(witnesses(measure.selector, ladder.kinds))
    if not forms:
        return
    least = max(1, ceil(comparison.constant)) if comparison.unit == "number" else 1
    few = min(least, MOST_COUNTED)
    numbers = tuple(dict.fromkeys((few, 1, few + 1, max(1, few - 1))))
    amounts = {Decimal(10), *more}
    if comparison.unit != "number":
        factors = [abs(term.times) for term in comparison.terms if term.money]
        for bound in (comparison.constant, *factors):
            whole = max(_decimal(bound), Decimal(1))
            amounts |= {whole, whole * 2, (whole / 2).quantize(_CENT), (whole / 10).quantize(_CENT)}
        numbers = (1, 2, 3, 12)
    spacings: tuple[int, ...] = (0, 1, 7, 31)
    varies = ""
    if isinstance(measure, Distinct):
        varies = measure.by
        spacings = (_STEPS.get(measure.by, 1),)
    yield Burst(forms, numbers, spacings, tuple(sorted(amounts)), varies)


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_CENT)


def _single(selector: Selector, ladder: Ladder) -> Iterator[Burst]:
    forms = tuple(witnesses(selector, ladder.kinds))
    if forms:
        yield Burst(forms, (1,), (1,), (Decimal(10),))


def _traits(conditions: Sequence[Condition], ladder: Ladder) -> list[dict[str, Any]]:
    """Return the traits that the conditions look at, and the empty trait.

    The empty trait matters because many conditions depend on an absent trait.
    """
    traits: list[dict[str, Any]] = [{}]
    for node in _nodes(conditions, ladder):
        trait: dict[str, Any] = {}
        if isinstance(node, Where):
            trait = {"details": {node.field: node.value}}
        elif isinstance(node, OneOf) and node.field in ("channel", "campaign", "audience"):
            trait = {node.field: node.values[0]}
        if trait not in traits:
            traits.append(trait)
    return traits


def _gaps(conditions: Sequence[Condition], ladder: Ladder) -> set[int]:
    """Return the days to wait between bursts: none, few, and just short of or past every span."""
    gaps = {0, 1, 5, 20}
    for node in _nodes(conditions, ladder):
        lengths = []
        if isinstance(node, Duration | Hours):
            lengths = [reach(node)]
        elif isinstance(node, OlderThan):
            lengths = [reach(span) for span in (node.start, node.end) if span is not None]
        elif isinstance(node, HeldFor):
            lengths = [reach(node.duration)]
        for length in lengths:
            if length <= _LONGEST_GAP:
                days = round(length)
                gaps |= {days + 2, max(0, days - 2), days // 2}
    return gaps


def _nodes(conditions: Sequence[Condition], ladder: Ladder) -> Iterator[Node]:
    for condition in conditions:
        for node in condition.walk():
            yield node
            if isinstance(node, OnRung):
                yield from _nodes([ladder.rung(node.rung).condition], ladder)
