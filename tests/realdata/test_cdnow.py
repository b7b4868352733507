"""CDNOW: how often each sampled customer had come back, as the literature has it."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest

from ladder.language.aggregates import count, distinct
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.calendars import DAY
from tests.realdata.conftest import AMERICAN
from tests.realdata.replays import Replay, shared

pytestmark = pytest.mark.shared_data

CUT = date(1997, 9, 30)
purchase = kind("purchase")


@pytest.fixture(scope="module")
def summary() -> dict[str, dict[str, str]]:
    """By the number within the sample, written as the log writes it: 1 is 0001."""
    path = shared("lifetimes", "cdnow_customers_summary.csv")
    with path.open(encoding="utf-8") as file:
        return {f"{int(row['ID']):04}": row for row in csv.DictReader(file)}


def days_until(replay: Replay, day: date) -> dict[str, int]:
    """On how many days each had bought by the end of that day, read through episodes."""
    at = replay.end_of(day)
    found: dict[str, int] = {}
    number = 1
    while supporter := replay.true_for(distinct(purchase, ever, by="day") >= number, at):
        found |= dict.fromkeys(supporter, number)
        number += 1
    return found


def test_purchases_are_all_imported(cdnow: Replay) -> None:
    assert cdnow.rows_read == cdnow.frame.height == 6_919
    assert cdnow.refused == []


def test_purchase_days_are_the_published_frequency_plus_one_for_all_2357_customers(
    cdnow: Replay, summary: dict[str, dict[str, str]]
) -> None:
    assert len(summary) == 2_357
    published = {supporter: int(row["frequency"]) + 1 for supporter, row in summary.items()}
    assert days_until(cdnow, CUT) == published


def test_first_and_the_last_purchase_before_the_cut_are_the_published_ones(
    cdnow: Replay, summary: dict[str, dict[str, str]]
) -> None:
    """Recency and T are weeks, to two decimals: from the first purchase to the last, to the cut."""
    at = cdnow.end_of(CUT)
    first = dict(cdnow.result.first_at.iter_rows())
    days = dict.fromkeys(first, 0)
    steps = cdnow.episodes(count(purchase, ever) >= 1)
    assert dict(steps.select("supporter", "start").iter_rows()) == first
    bought = cdnow.frame.filter(pl.col("at") <= at).group_by("supporter").agg(pl.col("at").max())
    days |= dict(bought.iter_rows())
    calendar = cdnow.organisation.calendar
    for supporter, row in summary.items():
        start, last = calendar.day_of(first[supporter]), calendar.day_of(days[supporter])
        assert round((last - start) / 7, 2) == float(row["recency"]), supporter
        assert round((calendar.day_of(at) - start) / 7, 2) == float(row["T"]), supporter


def test_sample_is_part_of_the_whole_log(cdnow: Replay) -> None:
    """The sample names each customer's number in the whole log, which has the same purchases."""
    path = shared("lifetimes", "CDNOW_master.txt")
    whole = Replay.of(path, "cdnow/master.toml", AMERICAN, cdnow.ladder)
    assert whole.rows_read == whole.frame.height == 69_659
    assert whole.frame["supporter"].n_unique() == 23_570
    with shared("lifetimes", "CDNOW_sample.txt").open(encoding="ascii") as file:
        numbers = {line.split()[1]: line.split()[0] for line in file}
    days = days_until(whole.among(list(numbers.values())), CUT)
    assert {supporter: days[numbers[supporter]] for supporter in numbers} == days_until(cdnow, CUT)


def test_day_of_several_purchases_counts_once(cdnow: Replay) -> None:
    rows = cdnow.frame.group_by("supporter").agg(
        pl.len().alias("rows"), (pl.col("at") // DAY).n_unique().alias("days")
    )
    assert rows.filter(pl.col("rows") > pl.col("days")).height > 100
    days = days_until(cdnow, date(1998, 12, 31))
    assert days == dict(rows.select("supporter", "days").iter_rows())
