"""One donor, seven currencies: kept as given, counted in dollars only by a converter."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from ladder.documents import parse_condition
from ladder.engines.reference.history import History
from ladder.errors import CurrencyError
from ladder.language.aggregates import count
from ladder.language.ladders import Ladder
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.calendars import FOREVER, to_date
from ladder.model.money import to_major
from tests.realdata.conftest import AMERICAN
from tests.realdata.replays import Replay, dollars_of

pytestmark = pytest.mark.shared_data

Gift = tuple[str, date, Decimal, Decimal]


@pytest.fixture(scope="module")
def published(currencies: Replay) -> list[Gift]:
    """Currency, day, amount and the donor's own dollar value of each gift."""
    day_of = currencies.organisation.calendar.day_of
    columns = currencies.frame.select("currency", "at", "amount", "details")
    return [
        (currency, to_date(day_of(at)), to_major(amount, currency), dollars_of(details))
        for currency, at, amount, details in columns.iter_rows()
    ]


@pytest.fixture(scope="module")
def history(currencies: Replay) -> History:
    rows = currencies.rows_of(["donor"])["donor"]
    ladder = currencies.ladder
    return History.from_rows(rows, AMERICAN, ladder.kinds, rates=ladder.rates)


def test_rows_without_a_valid_currency_are_rejected_and_others_kept(
    currencies: Replay,
) -> None:
    assert currencies.rows_read == 808
    assert currencies.frame.height == 801
    reasons = Counter(reason.split(", ")[1] for row in currencies.refused for reason in row.reasons)
    assert reasons == {
        "column 'cur': 'ETH' is no ISO 4217 currency code": 6,
        "column 'cur': 'BTC' is no ISO 4217 currency code": 1,
    }


def test_gifts_keep_their_currency(currencies: Replay) -> None:
    found = dict(currencies.frame["currency"].value_counts().iter_rows())
    assert found == {"USD": 719, "GBP": 46, "EUR": 34, "EEK": 1, "CHF": 1}


def test_thousands_marks_are_read_exactly(published: list[Gift]) -> None:
    given = [(amount, value) for currency, _, amount, value in published if currency == "USD"]
    # The donor writes whole dollars.
    assert all(abs(amount - value) <= Decimal("0.5") for amount, value in given)
    assert max(amount for amount, _ in given) > 1_000_000


def test_sum_over_several_currencies_without_a_converter_is_an_error(
    currencies: Replay,
) -> None:
    without = currencies.on(currencies.ladder.model_copy(update={"rates": None}))
    with pytest.raises(CurrencyError, match="name a dated converter"):
        _ = without.result
    with pytest.raises(CurrencyError, match="name a dated converter"):
        without.told_live(["donor"])


def test_counting_gifts_needs_no_converter(currencies: Replay) -> None:
    counting = currencies.on(Ladder(key="counting"))
    assert counting.true_for(count(kind("donation"), ever) >= 801, FOREVER - 1) == {"donor"}
    assert counting.true_for(count(kind("donation"), ever) >= 802, FOREVER - 1) == set()


def test_dated_converter_gives_the_donors_own_dollar_value_of_each_gift(
    history: History, published: list[Gift]
) -> None:
    """Exact wherever a day has one gift of a currency, and so one rate."""
    days = Counter((currency, day) for currency, day, _, _ in published)
    by_id = {fact.id: fact for fact in history.facts}
    exact = 0
    for number, (currency, day, _, value) in enumerate(published):
        worth = to_major(by_id[number].amount or 0, "USD")
        if currency != "USD" and days[currency, day] == 1:
            assert worth == value, (currency, day)
            exact += 1
        assert abs(worth - value) < 1 + value / 100, (currency, day)
    assert exact == 74


def test_engines_sum_to_the_same_dollars(currencies: Replay, history: History) -> None:
    whole = to_major(sum(fact.amount or 0 for fact in history.facts), "USD")
    exactly = parse_condition(f'total(donation, ever) == "{whole} USD"')
    assert currencies.true_for(exactly, FOREVER - 1) == {"donor"}


def test_donor_climbs_by_converted_dollars(currencies: Replay) -> None:
    movements = currencies.result.movements
    assert movements["after"].to_list()[0] == "giving"
    assert "giving_very_much" in set(movements["after"])
    assert movements.filter(pl.col("until") == FOREVER)["kind"].to_list() == ["lapsed"]
