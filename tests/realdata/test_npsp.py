"""NPSP: the giving levels and totals that a CRM rolled up for its own 166 contacts."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter
from decimal import Decimal

import pytest

from ladder.documents import parse_condition
from ladder.language.aggregates import count
from ladder.language.selectors import kind
from ladder.language.spans import ever
from ladder.model.calendars import FOREVER
from ladder.model.money import to_major
from tests.realdata.replays import Replay, shared

pytestmark = pytest.mark.shared_data

donation = kind("donation")


@pytest.fixture(scope="module")
def rollups() -> dict[str, dict[str, str]]:
    path = shared("npsp_trailhead", "trailhead_contact_rollups_reference.csv")
    with path.open(encoding="utf-8") as file:
        return {row["sf_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def levels() -> dict[str, str]:
    """Each contact's giving level as the CRM itself wrote it down; "" for none."""
    database = sqlite3.connect(":memory:")
    database.executescript(shared("npsp_trailhead", "test_data.sql").read_text(encoding="utf-8"))
    named = database.execute(
        """
        SELECT contact.sf_id, lower(coalesce(level."Name", ''))
        FROM "Contact" AS contact
        LEFT JOIN "npsp__Level__c" AS level ON level.sf_id = contact.giving_level__c
        """
    )
    found = dict(named.fetchall())
    database.close()
    return found


@pytest.fixture(scope="module")
def given(npsp: Replay) -> dict[str, Decimal]:
    """Each donor's total as a plain sum of the touchpoints that were read."""
    sums: Counter[str] = Counter()
    for supporter, what, amount in npsp.frame.select("supporter", "kind", "amount").iter_rows():
        if what == "donation":
            sums[supporter] += amount or 0
    return {supporter: to_major(minor, "USD") for supporter, minor in sums.items()}


def today(npsp: Replay) -> dict[str, str]:
    return {supporter: rung for supporter, rung, _ in npsp.standing(FOREVER - 1).iter_rows()}


def test_events_are_all_imported(npsp: Replay) -> None:
    assert npsp.rows_read == npsp.frame.height == 456
    assert npsp.refused == []


def test_giving_level_is_the_crms_for_166_of_166_contacts(
    npsp: Replay, levels: dict[str, str]
) -> None:
    assert len(levels) == 166
    stands = today(npsp)
    assert {supporter: stands.get(supporter, "") for supporter in levels} == levels
    assert Counter(levels.values()) == {
        "": 136, "bronze": 11, "silver": 14, "gold": 3, "platinum": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "level"), [("100.00", "silver"), ("10000.00", "platinum")])
def test_total_of_exactly_the_minimum_is_on_the_higher_level(
    amount: str, level: str, npsp: Replay, levels: dict[str, str], given: dict[str, Decimal]
) -> None:
    exactly = [supporter for supporter, sum_ in given.items() if sum_ == Decimal(amount)]
    assert exactly, f"no contact gave exactly {amount}"
    for supporter in exactly:
        assert today(npsp)[supporter] == level == levels[supporter]


def test_total_is_the_crms_for_166_of_166_contacts(
    npsp: Replay, rollups: dict[str, dict[str, str]]
) -> None:
    assert len(rollups) == 166
    published = {
        supporter: Decimal(row["npo02__TotalOppAmount__c"]) for supporter, row in rollups.items()
    }
    found: dict[str, Decimal] = {}
    for amount in set(published.values()) - {Decimal(0)}:
        exactly = parse_condition(f'total(donation, ever) == "{amount} USD"')
        found |= dict.fromkeys(npsp.true_for(exactly, FOREVER - 1), amount)
    assert {supporter: found.get(supporter, Decimal(0)) for supporter in published} == published


def test_number_of_gifts_is_the_crms_but_for_the_one_without_an_amount(
    npsp: Replay, rollups: dict[str, dict[str, str]]
) -> None:
    published = {
        supporter: int(float(row["npo02__NumberOfClosedOpps__c"] or 0))
        for supporter, row in rollups.items()
    }
    most = max(published.values()) + 1
    found = dict.fromkeys(published, 0)
    for number in range(1, most + 1):
        for supporter in npsp.true_for(count(donation, ever) >= number, FOREVER - 1):
            found[supporter] = number
    different = {
        supporter: found[supporter] - published[supporter]
        for supporter in published
        if found[supporter] != published[supporter]
    }
    assert list(different.values()) == [1]
    (supporter,) = different
    mine = npsp.frame.filter(npsp.frame["supporter"] == supporter)
    assert mine.filter(mine["kind"] == "donation")["amount"].null_count() == 1
