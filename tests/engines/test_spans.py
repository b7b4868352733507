"""How long a touchpoint counts."""

from __future__ import annotations

import pytest

from tests.engines.tables import Life

GIFT = [("2024-03-05", "donation")]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("ever", "2024-03-05 .."),
        ("days(0)", "2024-03-05 .. 2024-03-06"),
        ("days(30)", "2024-03-05 .. 2024-04-05"),
        ("months(12)", "2024-03-05 .. 2025-03-06"),
        ("months(1) + days(10)", "2024-03-05 .. 2024-04-16"),
        ("hours(48)", "2024-03-05 .. 2024-03-07"),
        ("year(0)", "2024-03-05 .. 2025-01-01"),
        ("quarter(0)", "2024-03-05 .. 2024-04-01"),
        ("week(0)", "2024-03-05 .. 2024-03-11"),
        ("older_than(days(30))", "2024-04-05 .."),
        ("older_than(days(30), days(60))", "2024-04-05 .. 2024-05-05"),
        ("year(-1)", "2025-01-01 .. 2026-01-01"),
        ("month(-2)", "2024-05-01 .. 2024-06-01"),
        ("older_than(days(30)) and months(12)", "2024-04-05 .. 2025-03-06"),
        ("years(9000)", "2024-03-05 .."),
        ("years(9000) + years(9000)", "2024-03-05 .."),
    ],
)
def test_touchpoint_counts_for_its_span(span: str, expected: str) -> None:
    assert Life(GIFT).episodes(f"count(donation, {span}) >= 1") == [expected]


def test_duration_that_leaves_the_calendar_never_comes_of_age() -> None:
    assert Life(GIFT).episodes("count(donation, older_than(years(9000))) >= 1") == []


def test_spans_that_share_no_time_count_nothing() -> None:
    life = Life(GIFT)
    assert life.episodes("count(donation, older_than(days(60)) and days(30)) >= 1") == []


def test_yearly_gift_on_the_same_date_leaves_no_gap() -> None:
    life = Life(
        [("2023-03-05", "donation"), ("2024-03-05", "donation"), ("2025-03-05", "donation")]
    )
    assert life.episodes("count(donation, years(1)) >= 1") == ["2023-03-05 .. 2026-03-06"]


@pytest.mark.parametrize(
    ("given", "span", "end"),
    [
        ("2024-01-31", "months(1)", "2024-03-01"),  # 29 February is the last day that counts
        ("2023-01-31", "months(1)", "2023-03-01"),
        ("2024-02-29", "years(1)", "2025-03-01"),
        ("2024-02-29", "years(4)", "2028-03-01"),
        ("2024-02-29", "months(12)", "2025-03-01"),
        ("2023-02-28", "years(1)", "2024-02-29"),
        ("2024-01-31", "months(1) + months(1)", "2024-03-30"),  # step by step: 29 Feb, 29 March
        ("2024-01-31", "months(2)", "2024-04-01"),
        ("2024-12-31", "days(0)", "2025-01-01"),
    ],
)
def test_months_and_years_saturate_at_the_end_of_short_months(
    given: str, span: str, end: str
) -> None:
    life = Life([(given, "donation")])
    assert life.episodes(f"count(donation, {span}) >= 1") == [f"{given} .. {end}"]


@pytest.mark.parametrize(
    ("given", "span", "expected"),
    [
        # Clocks go forward on 31 March 2024 and back on 27 October.
        ("2024-03-30 12:00", "hours(24)", "2024-03-30 12:00 .. 2024-03-31 13:00"),
        ("2024-10-26 12:00", "hours(24)", "2024-10-26 12:00 .. 2024-10-27 11:00"),
        ("2024-03-30 12:00", "days(1)", "2024-03-30 12:00 .. 2024-04-01"),
        ("2024-10-27 02:30", "days(0)", "2024-10-27 02:30 .. 2024-10-28"),
    ],
)
def test_hours_are_elapsed_time_and_days_are_local_days(
    given: str, span: str, expected: str
) -> None:
    life = Life([(given, "donation")], zone="Europe/Berlin")
    assert life.episodes(f"count(donation, {span}) >= 1") == [expected]


def test_day_that_the_zone_skipped_has_no_length() -> None:
    # Samoa left out 30 December 2011 when it crossed the date line.
    life = Life([("2011-12-29", "donation")], zone="Pacific/Apia")
    assert life.episodes("count(donation, days(0)) >= 1") == ["2011-12-29 .. 2011-12-31"]
    assert life.episodes("count(donation, days(1)) >= 1") == ["2011-12-29 .. 2011-12-31"]
    assert life.episodes("count(donation, days(2)) >= 1") == ["2011-12-29 .. 2012-01-01"]


def test_day_without_midnight_begins_at_one_o_clock() -> None:
    # Clocks in Brazil went forward at midnight: 4 November 2018 began at 01:00 on the clock.
    life = Life([("2018-11-03", "donation")], zone="America/Sao_Paulo")
    found = life.episodes("count(donation, days(0)) >= 1")
    assert found == ["2018-11-03 .. 2018-11-04 01:00"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2024-06-30", "2024-06-30 .. 2024-07-01"),
        ("2024-07-01", "2024-07-01 .. 2025-07-01"),
    ],
)
def test_fiscal_year_starts_at_the_organisations_month_and_day(given: str, expected: str) -> None:
    life = Life([(given, "donation")], fiscal=(7, 1))
    assert life.episodes("count(donation, fiscal_year(0)) >= 1") == [expected]


def test_last_fiscal_year_follows_this_one_without_gap_or_overlap() -> None:
    life = Life([("2024-02-29", "donation")], fiscal=(4, 6))
    assert life.episodes("count(donation, fiscal_year(0)) >= 1") == ["2024-02-29 .. 2024-04-06"]
    assert life.episodes("count(donation, fiscal_year(-1)) >= 1") == ["2024-04-06 .. 2025-04-06"]
    both = "count(donation, fiscal_year(0)) + count(donation, fiscal_year(-1)) == 1"
    assert life.episodes(both) == ["2024-02-29 .. 2025-04-06"]


def test_status_before_the_history_counts_once_it_begins() -> None:
    life = Life([("2024-01-01", "staff_joined"), ("2024-03-05", "donation")])
    assert life.episodes("count(staff_joined, months(12)) >= 1") == ["2024-03-05 .. 2025-01-02"]
    assert life.episodes("count(staff_joined, days(5)) >= 1") == []


def test_history_of_status_alone_never_begins() -> None:
    life = Life([("2024-01-01", "staff_joined")])
    assert life.episodes("count(staff_joined, ever) >= 1") == []
    assert life.episodes("not count(donation, ever) >= 1") == []
