"""Figures, and what they compare with."""

from __future__ import annotations

import pytest

from ladder.errors import CurrencyError
from tests.engines.tables import Life

GIFTS = Life(
    [
        ("2024-01-10", "donation", {"amount": "10"}),
        ("2024-03-10", "donation", {"amount": "40"}),
        ("2024-03-20", "donation"),
        ("2024-05-10", "volunteer_shift", {"quantity": "1.5"}),
        ("2024-05-11", "volunteer_shift", {"quantity": "2.5"}),
    ]
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("count(donation, ever) >= 2", ["2024-03-10 .."]),
        ("count(donation, ever) > 2", ["2024-03-20 .."]),
        ("count(donation, ever) == 1", ["2024-01-10 .. 2024-03-10"]),
        ("count(donation, days(30)) < 1", ["2024-02-10 .. 2024-03-10", "2024-04-20 .."]),
        ("count(donation, days(30)) <= 1", ["2024-01-10 .. 2024-03-20", "2024-04-10 .."]),
        ('total(donation, ever) >= "50 EUR"', ["2024-03-10 .."]),
        ('total(donation, ever) > "50"', []),
        ('total(volunteer_shift, ever, of="quantity") >= 4', ["2024-05-11 .."]),
        ('total(volunteer_shift, ever, of="quantity") >= 1.5', ["2024-05-10 .."]),
        (
            "count(volunteer_shift, ever) > count(donation, ever) - 2",
            ["2024-01-10 .. 2024-03-10", "2024-05-11 .."],
        ),
        ("2 * count(donation, ever) == 3 * count(volunteer_shift, ever)", ["2024-05-11 .."]),
        ('total(donation, ever) >= "20 EUR" * count(donation, ever)', ["2024-03-10 .. 2024-03-20"]),
        ('average(donation, ever) >= "10"', ["2024-01-10 .."]),
        ("share(donation, inbound, ever) < 1", ["2024-05-10 .."]),
        (
            'total(volunteer_shift, ever, of="quantity") < 2 * count(volunteer_shift, ever)',
            ["2024-05-10 .. 2024-05-11"],
        ),
    ],
)
def test_figures_compare_exactly(condition: str, expected: list[str]) -> None:
    assert GIFTS.episodes(condition) == expected


def test_measures_at_the_first_instant_include_its_touchpoint() -> None:
    life = Life([("2024-01-10", "donation")])
    assert life.episodes("count(donation, ever) < 1") == []
    assert life.episodes("count(donation, ever) <= 1") == ["2024-01-10 .."]


def test_minor_units_are_those_of_the_organisations_currency() -> None:
    yen = Life([("2024-01-10", "donation", {"amount": "500"})], currency="JPY")
    assert yen.value("total(donation, ever)", "2024-01-10") == 500
    assert yen.episodes('total(donation, ever) >= "500 JPY"') == ["2024-01-10 .."]
    dinar = Life([("2024-01-10", "donation", {"amount": "0.125"})], currency="KWD")
    assert dinar.episodes('total(donation, ever) == "0.125"') == ["2024-01-10 .."]


def test_amount_in_another_currency_than_the_organisations_is_rejected() -> None:
    with pytest.raises(CurrencyError, match="names USD"):
        GIFTS.episodes('total(donation, ever) >= "50 USD"')
    with pytest.raises(CurrencyError, match="names USD"):
        GIFTS.episodes('total(donation, ever) >= "50 USD" * count(donation, ever)')


ACTS = Life(
    [
        ("2023-12-31", "donation", {"channel": "web", "campaign": "winter"}),
        ("2024-01-01", "donation", {"channel": "web"}),
        ("2024-01-31", "reply", {"channel": "email", "details": {"topic": "river", "n": 1}}),
        ("2024-03-31", "donation", {"details": {"topic": "weir", "n": True}}),
        ("2024-12-31", "donation", {"details": {"topic": "river", "n": 1}}),
    ],
    fiscal=(4, 1),
)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", 5),
        ("week", 5),  # 31 December 2023 is a Sunday: its week is not the next day's
        ("month", 4),
        ("quarter", 3),
        ("year", 2),
        ("fiscal_year", 2),
        ("month_of_year", 3),
        ("channel", 2),
        ("campaign", 1),
        ("kind", 2),
        ("family", 2),
        ("person", 1),
        ("details.topic", 2),
        ("details.n", 2),  # 1 and true
        ("details.unheard_of", 0),
    ],
)
def test_distinct_counts_different_values_and_none_is_no_value(by: str, expected: int) -> None:
    assert ACTS.value(f'distinct(any_touchpoint, ever, by="{by}")', "2025-01-01") == expected


def test_value_counts_while_any_of_its_touchpoints_does() -> None:
    life = Life([("2024-01-01", "reply"), ("2024-01-20", "reply"), ("2024-01-25", "donation")])
    both = 'distinct(any_touchpoint, days(30), by="kind") >= 2'
    assert life.episodes(both) == ["2024-01-25 .. 2024-02-20"]
    assert life.episodes('distinct(reply, days(30), by="kind") == 1') == [
        "2024-01-01 .. 2024-02-20"
    ]


def test_referred_supporters_count_once() -> None:
    brought = [
        ("2024-01-01", "donation", {"supporter": "bea"}),
        ("2024-01-02", "reply", {"supporter": "bea"}),
        ("2024-01-03", "donation", {"supporter": "cleo"}),
    ]
    life = Life([], brought=brought)
    assert life.episodes('distinct(referred(any_touchpoint), ever, by="person") >= 2') == [
        "2024-01-03 .."
    ]


def test_local_day_decides() -> None:
    rows = [("2024-01-01 00:30", "donation"), ("2024-01-01 23:30", "donation")]
    assert (
        Life(rows, zone="Europe/Berlin").value('distinct(donation, ever, by="day")', "2024-02-01")
        == 1
    )
