"""A small export as people type: three ways to write a date, money back, ids left out."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import pytest

from ladder.model.calendars import to_date
from ladder.model.money import to_major
from tests.realdata.conftest import AMERICAN
from tests.realdata.replays import Replay, shared

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def strict() -> Replay:
    path = shared("virtuous", "gifts.csv")
    return Replay.of(path, "virtuous/mapping.toml", AMERICAN, "giving_levels")


def final() -> list[dict[str, str]]:
    """Return a transcription of the file by hand: no authority, but a second reading."""
    with shared("virtuous", "final_gifts.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_amount_finer_than_a_cent_is_rejected_with_its_row_and_the_way_out(
    strict: Replay,
) -> None:
    assert (strict.rows_read, strict.frame.height) == (31, 30)
    (refused,) = strict.refused
    assert refused.row == 3
    assert "'2.3648' is finer than 2 decimals" in refused.reasons[0]
    assert 'finer = "round"' in refused.reasons[0]


def test_dates_and_amounts_are_read_as_transcribed_by_hand(virtuous: Replay) -> None:
    assert virtuous.refused == []
    day_of = virtuous.organisation.calendar.day_of
    rows = virtuous.frame.select("supporter", "at", "kind", "amount").iter_rows()
    found = [
        (supporter, to_date(day_of(at)), to_major(-minor if kind == "refund" else minor, "USD"))
        for supporter, at, kind, minor in rows
    ]
    assert found == [
        (
            row["LegacyContactId"],
            date.fromisoformat(row["GiftDate"]),
            Decimal(row["GiftAmount"]).quantize(Decimal("0.01")),
        )
        for row in final()
    ]


def test_negative_amount_is_money_given_back(virtuous: Replay) -> None:
    back = virtuous.frame.filter(virtuous.frame["kind"] == "refund")
    assert back["amount"].to_list() == [301, 676]
    reversing = [row for row in final() if row["GiftType"] == "Reversing Transaction"]
    assert [row["LegacyGiftId"] for row in reversing] == back["external_id"].to_list()


def test_gifts_without_an_id_get_one_of_their_own(virtuous: Replay) -> None:
    ids = virtuous.frame["external_id"]
    assert ids.null_count() == 0
    assert ids.n_unique() == 31
    assert ids.str.starts_with("row-").sum() == 4


def test_supporters_below_the_first_level_have_no_rung(virtuous: Replay) -> None:
    assert virtuous.result.movements.is_empty()
    assert virtuous.frame["supporter"].n_unique() == virtuous.result.first_at.height
