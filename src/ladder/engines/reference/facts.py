"""Turn touchpoints into facts, as the evaluators read them, from rows or from `Touchpoint`s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from ladder.model.calendars import to_date, to_instant
from ladder.model.intervals import INF
from ladder.model.kinds import Kinds
from ladder.model.money import to_minor, to_quantity
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Touchpoint, details_of, details_text

Person = str | int
"""A supporter's key, or their number in the database: whatever the rows carry."""

Linking = tuple[str, str]
"""(source, external id)."""


class Row(NamedTuple):
    """A touchpoint as the database holds it, with its kind's defaults; any tuple in this order.

    `at` is an instant or an aware datetime; `purposes` are joined by commas; `amount` is in minor
    units of `currency` (None: the organisation's); `quantity` in millionths of its kind's unit.
    """

    id: int
    supporter: Person
    kind: str
    at: int | datetime
    date_only: bool = False
    direction: str | None = None
    purposes: str = ""
    asks_for: str | None = None
    channel: str | None = None
    audience: str | None = None
    automated: bool | None = None
    campaign: str | None = None
    amount: int | None = None
    currency: str | None = None
    quantity: int | None = None
    answers_source: str | None = None
    answers_id: str | None = None
    referrer: Person | None = None
    source: str = "app"
    external_id: str | None = None
    details: str | None = None


@dataclass(slots=True, eq=False)
class Fact:
    """One touchpoint in one history. Compared by identity: two equal gifts are two facts.

    `id` is the row's, or the touchpoint's place in the list that a history was made of.
    `reach` is the last instant at which it may have happened: its own, or the end of its day.
    `amount` is in minor units of the organisation's currency, unless it is `foreign` (no rate).
    `brought` says that a referred supporter did it.

    The history adds four fields: `target` (what it answers, if known by then), `refunded` (the gift
    that it gives back), `cut` (the position at which a refund, or the end of a placement, ends all
    its intervals) and `reductions` (position and minor units of each partial refund).
    """

    id: int
    key: Linking | None
    at: int
    date_only: bool
    reach: int
    day: int
    kind: str
    family: str
    role: str
    direction: str | None
    purposes: frozenset[str]
    asks_for: str | None
    channel: str | None
    audience: str | None
    automated: bool | None
    campaign: str | None
    amount: int | None
    currency: str | None
    foreign: bool
    original: int | None
    quantity: int | None
    answers: Linking | None
    details: Mapping[str, Any]
    person: Person
    referrer: Person | None
    brought: bool
    target: Fact | None = None
    refunded: Fact | None = None
    cut: int = INF
    reductions: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        return f"<{self.kind} {self.id} at {self.at}>"

    @property
    def order(self) -> tuple[int, bool, str, Linking, int, int]:
        """The sort key that puts facts in one order, in whatever order they were recorded."""
        key = self.key or ("", "")
        return (self.at, self.brought, self.kind, key, self.original or 0, self.id)

    @property
    def month(self) -> int:
        """The month of the year, 1 to 12, of its day."""
        return to_date(self.day).month

    def fresh(self) -> Fact:
        """Copy the fact without the fields that a history adds."""
        new = copy(self)
        new.target, new.refunded, new.cut, new.reductions = None, None, INF, ()
        return new


def fact_of(row: Sequence[Any], organisation: Organisation, kinds: Kinds, *, brought: bool) -> Fact:
    """Make the fact of a row. `kinds` must know its kind."""
    (
        id_, person, kind_name, at, date_only, direction, purposes, asks_for, channel, audience,
        automated, campaign, amount, currency, quantity, answers_source, answers_id, referrer,
        source, external_id, details,
    ) = row  # fmt: skip
    kind = kinds.find(kind_name)
    instant = at if isinstance(at, int) else to_instant(at)
    calendar = organisation.calendar
    day = calendar.day_of(instant)
    return Fact(
        id=id_,
        key=None if external_id is None else (source, external_id),
        at=instant,
        date_only=bool(date_only),
        reach=calendar.day_end(day) - 1 if date_only else instant,
        day=day,
        kind=kind_name,
        family=kind.family,
        role=kind.role,
        direction=direction,
        purposes=_purposes(purposes),
        asks_for=asks_for,
        channel=channel,
        audience=audience,
        automated=None if automated is None else bool(automated),
        campaign=campaign,
        amount=amount,
        currency=organisation.currency if currency is None else currency,
        foreign=False,
        original=amount,
        quantity=quantity,
        answers=None if answers_id is None else (answers_source or source, answers_id),
        details=details_of(details) if details else {},
        person=person,
        referrer=referrer,
        brought=brought,
    )


@lru_cache(maxsize=1024)
def _purposes(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()


def row_of(touchpoint: Touchpoint, number: int, organisation: Organisation, kinds: Kinds) -> Row:
    """Make the row of a touchpoint: defaults filled, money and quantity as integers."""
    kind = kinds.find(touchpoint.kind)
    filled = touchpoint.with_defaults(kind)
    details, answers = details_text(filled.details), filled.answers_key
    currency = filled.currency or organisation.currency
    return Row(
        id=number,
        supporter=filled.supporter,
        kind=filled.kind,
        at=organisation.calendar.instant(filled.at),
        date_only=not isinstance(filled.at, datetime),
        direction=filled.direction,
        purposes=",".join(sorted(filled.purposes or ())),
        asks_for=filled.asks_for,
        channel=filled.channel,
        audience=filled.audience,
        automated=filled.automated,
        campaign=filled.campaign,
        amount=None if filled.amount is None else to_minor(filled.amount, currency),
        currency=None if filled.amount is None else currency,
        quantity=None if filled.quantity is None else to_quantity(filled.quantity),
        answers_source=answers.source if answers else None,
        answers_id=answers.external_id if answers else None,
        referrer=filled.referrer,
        source=filled.source,
        external_id=filled.external_id,
        details=details,
    )
