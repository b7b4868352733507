"""One donor, seven currencies: kept as given, counted in dollars only by a converter."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from ladder.calendars import FOREVER, to_date
from ladder.conditions import count
from ladder.documents import parse_condition
from ladder.errors import CurrencyError
from ladder.ladders import Ladder
from ladder.live.history import History
from ladder.money import Rates, to_major
from ladder.selectors import kind
from ladder.spans import ever
from tests.realdata.conftest import AMERICAN
from tests.realdata.replays import Replay, ladder_of, shared

pytestmark = pytest.mark.shared_data

LADDER = ladder_of("currencies/ladder.toml")


@pytest.fixture(scope="module")
def gifts() -> Replay:
    path = shared("one_donor_many_currencies", "donations.csv")
    return Replay.of(path, "currencies/mapping.toml", AMERICAN, LADDER)


@pytest.fixture(scope="module")
def published(gifts: Replay) -> list[tuple[str, date, Decimal, Decimal]]:
    """Currency, day, amount and the donor's own dollar value of each gift."""
    day_of = gifts.organisation.calendar.day_of
    return [
        (currency, to_date(day_of(at)), to_major(amount, currency), dollars(details))
        for currency, at, amount, details in gifts.frame.select(
            "currency", "at", "amount", "details"
        ).iter_rows()
    ]


def dollars(details: str) -> Decimal:
    return Decimal(json.loads(details)["dollars"].replace("$", "").replace(",", ""))


@pytest.fixture(scope="module")
def converted(gifts: Replay, published: list[tuple[str, date, Decimal, Decimal]]) -> Replay:
    """With a converter made of the dollar column: what one unit was worth on each day."""
    rates = {
        (currency, day): value / amount
        for currency, day, amount, value in published
        if currency != "USD"
    }
    table = Rates.of("USD", [(currency, day, rate) for (currency, day), rate in rates.items()])
    return gifts.on(LADDER.model_copy(update={"rates": table}))


def test_what_is_no_currency_is_refused_row_by_row_and_the_rest_is_kept(gifts: Replay) -> None:
    assert gifts.rows_read == 808
    assert gifts.frame.height == 801
    reasons = Counter(reason.split(", ")[1] for row in gifts.refused for reason in row.reasons)
    assert reasons == {
        "column 'cur': 'ETH' is no ISO 4217 currency code": 6,
        "column 'cur': 'BTC' is no ISO 4217 currency code": 1,
    }


def test_every_gift_keeps_the_currency_it_was_given_in(gifts: Replay) -> None:
    found = dict(gifts.frame["currency"].value_counts().iter_rows())
    assert found == {"USD": 719, "GBP": 46, "EUR": 34, "EEK": 1, "CHF": 1}


def test_thousands_marks_are_read_exactly(
    published: list[tuple[str, date, Decimal, Decimal]],
) -> None:
    in_dollars = [(amount, value) for currency, _, amount, value in published if currency == "USD"]
    # The donor writes whole dollars.
    assert all(abs(amount - value) <= Decimal("0.5") for amount, value in in_dollars)
    assert max(amount for amount, _ in in_dollars) > 1_000_000


def test_a_sum_over_several_currencies_without_a_converter_is_an_error(gifts: Replay) -> None:
    with pytest.raises(CurrencyError, match="converter"):
        _ = gifts.result
    rows = gifts.rows_of(["donor"])["donor"]
    assert len(History.from_rows(rows, AMERICAN, LADDER.kinds).facts) == 801


def test_counting_gifts_needs_no_converter(gifts: Replay) -> None:
    counting = gifts.on(Ladder(key="counting"))
    assert counting.true_for(count(kind("donation"), ever) >= 801, FOREVER - 1) == {"donor"}
    assert counting.true_for(count(kind("donation"), ever) >= 802, FOREVER - 1) == set()


def test_a_dated_converter_gives_the_donors_own_dollar_value_of_each_gift(
    converted: Replay, published: list[tuple[str, date, Decimal, Decimal]]
) -> None:
    """Exact wherever a day has one gift of a currency, and so one rate."""
    days = Counter((currency, day) for currency, day, _, _ in published)
    rates = converted.ladder.rates
    history = History.from_rows(
        converted.rows_of(["donor"])["donor"], AMERICAN, converted.ladder.kinds, rates=rates
    )
    by_id = {fact.id: fact for fact in history.facts}
    exact = 0
    for number, (currency, day, _, value) in enumerate(published):
        worth = to_major(by_id[number].amount or 0, "USD")
        if currency != "USD" and days[currency, day] == 1:
            assert worth == value, (currency, day)
            exact += 1
        assert abs(worth - value) < 1 + value / 100, (currency, day)
    assert exact == 46 + 34 + 1 + 1 - 8


def test_both_evaluators_sum_to_the_same_dollars(converted: Replay) -> None:
    history = History.from_rows(
        converted.rows_of(["donor"])["donor"],
        AMERICAN,
        converted.ladder.kinds,
        rates=converted.ladder.rates,
    )
    whole = to_major(sum(fact.amount or 0 for fact in history.facts), "USD")
    exactly = parse_condition(f'total(donation, ever) == "{whole} USD"')
    assert converted.true_for(exactly, FOREVER - 1) == {"donor"}


def test_with_a_converter_the_donor_climbs_by_dollars(converted: Replay) -> None:
    assert converted.result.movements["after"].to_list()[0] == "giving"
    assert "giving_very_much" in set(converted.result.movements["after"])
    last = converted.result.movements.filter(pl.col("until") == FOREVER)
    assert last["kind"].to_list() == ["lapsed"]
