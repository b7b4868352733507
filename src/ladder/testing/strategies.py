"""Random touchpoints and histories for hypothesis, biased to difficult dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ladder.model.kinds import KINDS, Kinds
from ladder.model.touchpoints import Touchpoint

USUAL: Final = (
    "donation", "donation", "thank_you", "appeal", "newsletter", "subscribed", "volunteer_shift",
    "petition_signed", "event_attended", "refund", "void",
)  # fmt: skip
"""The default kinds to draw from; gifts are the most frequent."""

CRUEL: Final = (date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 31))
"""Difficult dates: the ends of a year, a leap day and a change of clocks."""


@st.composite
def touchpoints(
    draw: st.DrawFn,
    supporters: Sequence[str] = ("ada", "ben"),
    kinds: Sequence[str] = USUAL,
    external_ids: SearchStrategy[str] | None = None,
    known: Kinds = KINDS,
) -> Touchpoint:
    """Draw one touchpoint of one of these supporters, with money or hours where its kind has them.

    `known` are the ladder's kinds, if it declares some of its own.
    """
    kind = known.find(draw(st.sampled_from(list(kinds))))
    ids = st.uuids().map(str) if external_ids is None else external_ids
    fields: dict[str, Any] = {
        "supporter": draw(st.sampled_from(list(supporters))),
        "kind": kind.name,
        "at": draw(_moments()),
        "external_id": draw(ids),
        "channel": draw(st.sampled_from((None, "email", "post"))),
    }
    if kind.family == "money" or kind.role == "refund":
        fields["amount"] = draw(st.sampled_from((Decimal(10), Decimal("25.50"), Decimal(100))))
    if kind.unit:
        fields["quantity"] = draw(st.sampled_from((1, 2, Decimal("2.5"))))
    return Touchpoint(**fields)


@st.composite
def histories(
    draw: st.DrawFn,
    supporters: Sequence[str] = ("ada", "ben"),
    kinds: Sequence[str] = USUAL,
    most: int = 8,
    known: Kinds = KINDS,
) -> list[Touchpoint]:
    """Draw one to `most` touchpoints in any order.

    Touchpoints of the families service and outreach may answer others.
    """
    number = draw(st.integers(1, most))
    made = []
    for n in range(number):
        one = draw(touchpoints(supporters, kinds, st.just(f"t{n}"), known))
        answers = draw(st.none() | st.integers(0, number - 1))
        if answers is not None and known[one.kind].family in ("service", "outreach"):
            one = one.model_copy(update={"answers": f"t{answers}"})
        made.append(one)
    return made


def _moments() -> SearchStrategy[datetime | date]:
    days = st.one_of(st.sampled_from(CRUEL), st.dates(date(2022, 1, 1), date(2025, 12, 31)))
    hours = st.sampled_from((0, 9, 12, 23)).map(lambda hour: timedelta(hours=hour))
    times = st.builds(
        lambda day, later: datetime(day.year, day.month, day.day, tzinfo=UTC) + later, days, hours
    )
    return st.one_of(days, times)
