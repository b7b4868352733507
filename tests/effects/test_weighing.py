"""Weighing a whole charity: the planted effect found, confounding undone, nothing seen ahead."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import Engine

from ladder.coverage import Coverage
from ladder.effects import WeighedPattern, Weighing, weigh
from ladder.errors import LadderError
from ladder.language.aggregates import count
from ladder.language.conditions import is_covered
from ladder.language.ladders import Ladder
from ladder.language.selectors import kind, outbound
from ladder.language.spans import ever, months
from ladder.model.calendars import to_datetime
from ladder.model.money import Rates
from tests.effects.worlds import (
    ALL,
    INDEX,
    NOW,
    PLAIN,
    Charity,
    Row,
    on,
    pattern,
    people,
    stored,
    without,
)


def weighed(
    folder: Path,
    rows: Iterable[Row],
    ladder: Ladder = PLAIN,
    coverage: Iterable[Coverage] = (),
    **more: Any,
) -> Weighing:
    """Weigh these touchpoints, at INDEX unless told otherwise."""
    settings = {"since": INDEX, "until": INDEX, "now": NOW} | more
    with stored(folder, rows, ladder, coverage) as store:
        return weigh(store, **settings)


def only(weighing: Weighing) -> WeighedPattern:
    """Its one pattern, of which something is said."""
    [one] = weighing.patterns
    assert one.silent == ""
    return one


# -- what is planted is found ----------------------------------------------------------------------


def test_planted_effect_is_found(tmp_path: Path) -> None:
    charity = Charity(people=2500, effect=-0.12, chances=(0.7, 0.45, 0.25))
    one = only(weighed(tmp_path, charity.rows()))
    assert one.difference is not None
    assert one.difference.low < -0.12 < one.difference.high
    assert one.difference.high < 0
    assert one.stands_out
    assert one.amount is not None
    assert one.amount.value < 0


def test_confounding_by_recency_is_undone_by_matching(tmp_path: Path) -> None:
    """Recent donors give again and are asked more: asks look effective, and are not."""
    one = only(weighed(tmp_path, Charity(people=2500).rows()))
    assert one.exposed is not None
    assert one.compared is not None
    assert one.difference is not None
    assert one.ratio is not None
    assert one.exposed.crude - one.compared.crude > 0.15
    assert one.difference.low < 0 < one.difference.high
    assert one.ratio.low < 1 < one.ratio.high
    assert abs(one.difference.value) < 0.05
    assert not one.stands_out
    assert all(each.alike for each in one.balance)


# -- counted again by hand -------------------------------------------------------------------------


def by_hand(rows: Iterable[Row], index: date) -> dict[str, Any]:
    """The Mantel-Haenszel table of one index date, counted person by person."""

    def day(row: Row) -> date:
        return (to_datetime(row["at"]) + timedelta(hours=1)).date()  # noon is noon in Berlin too

    def ago(number: int) -> date:
        return index - relativedelta(months=number)

    window = date(index.year, index.month - 2, 1)
    end = index + relativedelta(months=12)
    records = {}
    for supporter, hers in people(rows).items():
        gifts = [row for row in hers if row["kind"] == "donation"]
        before = [row for row in gifts if day(row) <= index]
        if not hers or min(map(day, hers)) > index:
            continue
        recent = [row for row in before if day(row) > ago(36)]
        asked = [day(row) for row in hers if row["kind"] == "appeal" and day(row) <= index]
        later = [row for row in gifts if index < day(row) <= end]
        records[supporter] = (
            max(map(day, before), default=None),
            len(recent),
            sum(row["amount"] for row in recent),
            any(window - timedelta(30) <= each for each in asked),
            bool(later),
            sum(row["amount"] for row in later),
            min(map(day, hers)),
        )
    totals = sorted(record[2] for record in records.values() if record[1])
    edges = [percentile(totals, part) for part in (0.2, 0.4, 0.6, 0.8)]
    cells: dict[Any, list[Any]] = {}
    for last, number, total, asked_, gave, money, first in records.values():
        if number:
            assert last is not None
            recency = sum(last <= ago(each) for each in (3, 6, 9, 12, 15, 18, 24, 36))
            often = sum(number > most for most in (1, 2, 3, 5, 8, 11, 23))
            cell: Any = (recency, often, bisect.bisect_left(edges, total))
        elif last is not None:
            cell = "long ago"
        else:
            cell = ("never", sum(first <= ago(each) for each in (12, 36)))
        cells.setdefault(cell, []).append((asked_, gave, money))
    weight = gave1 = gave0 = money1 = money0 = 0.0
    matched = [0, 0]
    for rows_ in cells.values():
        sides = [[row for row in rows_ if row[0] == with_it] for with_it in (True, False)]
        n1, n0 = map(len, sides)
        if not n1 or not n0:
            continue
        share = n1 * n0 / (n1 + n0)
        weight += share
        gave1 += share * sum(row[1] for row in sides[0]) / n1
        gave0 += share * sum(row[1] for row in sides[1]) / n0
        money1 += share * sum(row[2] for row in sides[0]) / n1
        money0 += share * sum(row[2] for row in sides[1]) / n0
        matched[0] += n1
        matched[1] += n0
    return {
        "matched": matched,
        "gave": [gave1 / weight, gave0 / weight],
        "money": [money1 / weight, money0 / weight],
    }


def percentile(values: list[int], part: float) -> float:
    """Between the two values around that place of the sorted list."""
    place = part * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


@pytest.mark.parametrize("seed", [1, 2])
def test_table_is_that_of_counting_by_hand(tmp_path: Path, seed: int) -> None:
    rows = Charity(people=700, seed=seed, chances=(0.6, 0.4, 0.3), effect=0.05).rows()
    rows += [on(f"n{n}", INDEX - timedelta(40 * n + 1), "newsletter") for n in range(60)]
    rows += [on(f"n{n}", INDEX - timedelta(3), "appeal") for n in range(0, 60, 2)]
    rows += [on(f"n{n}", INDEX + timedelta(9), euros=5) for n in range(0, 60, 7)]
    rows += [on(f"o{n}", date(2019, 6, 1), euros=8) for n in range(20)]
    rows += [on(f"o{n}", INDEX, "appeal") for n in range(7)]
    one = only(weighed(tmp_path, rows))
    hand = by_hand(rows, INDEX)
    sides = (one.exposed, one.compared)
    assert [side.matched for side in sides if side] == hand["matched"]
    assert [side.observations for side in sides if side] == hand["matched"]
    assert [side.gave for side in sides if side] == pytest.approx(hand["gave"])
    assert [side.amount for side in sides if side] == pytest.approx(hand["money"])
    assert one.amount is not None
    assert one.amount.value == pytest.approx(hand["money"][0] - hand["money"][1])


# -- no look ahead ---------------------------------------------------------------------------------

LATER = date(2024, 1, 5)


def test_gifts_after_the_months_followed_change_nothing(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    before = in_folder(tmp_path, "a", rows)
    more = [on(f"s{n:05}", LATER + timedelta(n % 300), euros=500) for n in range(0, 600, 3)]
    more += [on(f"s{n:05}", LATER, "appeal") for n in range(0, 600, 5)]
    assert in_folder(tmp_path, "b", rows + more) == before


def test_findings_after_the_index_date_change_no_group(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    more = [on(f"s{n:05}", INDEX + timedelta(1 + n % 300), "appeal") for n in range(0, 600, 2)]
    assert in_folder(tmp_path, "b", rows + more) == in_folder(tmp_path, "a", rows)


def test_gifts_after_the_index_date_change_no_cell(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    more = [on(f"s{n:05}", INDEX + timedelta(1), euros=900) for n in range(0, 600, 2)]
    before, after = (
        only(in_folder(tmp_path, "a", rows)),
        only(in_folder(tmp_path, "b", rows + more)),
    )
    assert before.balance == after.balance
    for left, right in ((before.exposed, after.exposed), (before.compared, after.compared)):
        assert left is not None
        assert right is not None
        assert (left.matched, left.unmatched) == (right.matched, right.unmatched)
        assert left.gave < right.gave


def test_index_day_belongs_to_what_was_before(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    on_it = [on(f"s{n:05}", INDEX, euros=900) for n in range(0, 600, 2)]
    before, after = (
        only(in_folder(tmp_path, "a", rows)),
        only(in_folder(tmp_path, "b", rows + on_it)),
    )
    assert before.balance != after.balance


@pytest.mark.parametrize(("days", "counts"), [(365, True), (366, False)])
def test_last_day_that_counts_is_that_day_in_a_year(
    tmp_path: Path, days: int, *, counts: bool
) -> None:
    rows = Charity(people=600).rows()
    more = [on(f"s{n:05}", INDEX + timedelta(days), euros=9) for n in range(0, 600, 2)]
    before, after = (
        only(in_folder(tmp_path, "a", rows)),
        only(in_folder(tmp_path, "b", rows + more)),
    )
    assert before.exposed is not None
    assert after.exposed is not None
    assert (after.exposed.gave > before.exposed.gave) == counts


def in_folder(
    folder: Path, name: str, rows: Iterable[Row], ladder: Ladder = PLAIN, **more: Any
) -> Weighing:
    """WeighedPattern in a folder of that name."""
    (folder / name).mkdir()
    return weighed(folder / name, rows, ladder, **more)


# -- what was given back ---------------------------------------------------------------------------


def given_back(kind_: str, day: date, **more: Any) -> list[Row]:
    """Everybody gives after INDEX; every second one has it back on that day."""
    rows = Charity(people=300, chances=(0.0, 0.0, 0.0)).rows()
    for n in range(300):
        gift = {"external_id": f"g{n}", "source": "test"}
        rows.append(on(f"s{n:05}", INDEX + timedelta(20), euros=50, **gift))
        if n % 2:
            answer = {"answers_source": "test", "answers_id": f"g{n}", "direction": None}
            rows.append(on(f"s{n:05}", day, kind_, **answer | more))
    return rows


SOON, AFTERWARDS = INDEX + timedelta(60), INDEX + timedelta(500)


@pytest.mark.parametrize(
    ("kind_", "day", "gave", "money"),
    [
        ("refund", SOON, 0.5, 2500),
        ("refund", AFTERWARDS, None, None),
        ("void", SOON, 0.5, 2500),
        ("void", AFTERWARDS, 0.5, 2500),
    ],
)
def test_refunds_count_from_their_day_and_voids_always(
    tmp_path: Path, kind_: str, day: date, gave: float | None, money: float | None
) -> None:
    [one] = weighed(tmp_path, given_back(kind_, day)).patterns
    if gave is None:
        assert "nearly all gave" in one.silent
        return
    assert one.exposed is not None
    assert one.exposed.gave == pytest.approx(gave, abs=0.15)
    assert one.exposed.amount == pytest.approx(money, rel=0.3)
    assert one.exposed.amount == pytest.approx(5000 * one.exposed.gave)


def test_part_given_back_is_taken_off(tmp_path: Path) -> None:
    rows = given_back("refund", SOON, amount=2000, currency="EUR")
    rows = without(rows, lambda row: row["source"] == "test" and row["external_id"][-1] == "0")
    one = only(weighed(tmp_path, rows))
    assert one.exposed is not None
    each = one.exposed.amount / one.exposed.gave
    assert 3000 < each < 5000


def test_money_in_another_currency_counts_by_its_rate_or_without_an_amount(tmp_path: Path) -> None:
    def abroad(row: Row) -> Row:
        return row | {"currency": "USD"} if row["currency"] else row

    rows = Charity(people=400).rows()
    foreign = [abroad(row) for row in rows]
    half = Rates.of("EUR", [("USD", date(2015, 1, 1), Decimal("0.5"))])
    home = only(in_folder(tmp_path, "a", rows))
    rated = only(in_folder(tmp_path, "b", foreign, PLAIN.model_copy(update={"rates": half})))
    unrated = in_folder(tmp_path, "c", foreign)
    assert rated.difference == home.difference
    assert rated.exposed is not None
    assert home.exposed is not None
    assert rated.exposed.amount == pytest.approx(home.exposed.amount / 2, abs=1)
    assert unrated.unpriced == sum(row["kind"] == "donation" for row in rows)
    assert only(unrated).amount is None
    assert only(unrated).exposed is not None


# -- who is in it ----------------------------------------------------------------------------------


def test_suppressed_supporter_is_in_no_number(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    gone = [on(f"s{n:05}", date(2025, 5, 5), "objected") for n in range(0, 600, 4)]
    kept = without(rows, lambda row: row["supporter"] in {row["supporter"] for row in gone})
    left = only(in_folder(tmp_path, "b", rows + gone))
    right = only(in_folder(tmp_path, "a", kept))
    assert (left.difference, left.ratio, left.amount) == (
        right.difference,
        right.ratio,
        right.amount,
    )
    assert left.balance == right.balance
    assert in_folder(tmp_path, "c", rows + gone).left_out == 150
    assert in_folder(tmp_path, "d", rows + gone[:3]).left_out is None


def test_supporter_at_two_index_dates_is_counted_as_one_cluster(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    rows += [on(f"s{n:05}", date(2022, 9, 20), "appeal") for n in range(0, 600, 3)]
    both = weighed(tmp_path, rows, since=date(2022, 9, 30))
    assert both.dates == (date(2022, 9, 30), INDEX)
    one = only(both)
    assert one.compared is not None
    assert one.compared.matched is not None
    assert one.compared.observations is not None
    assert one.compared.matched <= 601
    assert one.compared.observations > 1.5 * one.compared.matched


NEEDED = is_covered(outbound, months(12))


def needing(**more: Any) -> Ladder:
    """Return the pattern with a requirement on what was sent."""
    return PLAIN.model_copy(
        update={
            "patterns": (
                pattern("P1", requires=NEEDED, requires_text="All that was sent.", **more),
            )
        }
    )


def test_unassessable_pattern_has_no_weight_and_names_its_requirements(
    tmp_path: Path,
) -> None:
    [one] = weighed(tmp_path, Charity(people=300).rows(), needing()).patterns
    assert one.silent == "it could be judged of nobody at any of the dates. All that was sent."
    assert one.exposed is None


def test_dates_at_which_a_pattern_is_unassessable_do_not_count(tmp_path: Path) -> None:
    """The log holds messages since autumn 2021: earlier supporters count a year later."""
    rows = Charity(people=600, months=(1, 8, 22)).rows()
    began = {
        supporter: to_datetime(min(row["at"] for row in hers))
        for supporter, hers in people(rows).items()
    }
    old = [supporter for supporter, at in sorted(began.items()) if at.year < 2021]
    rows += [on(supporter, date(2022, 7, 20), "appeal") for supporter in old[::2]]
    with stored(tmp_path, rows) as store:
        begins = store.organisation.calendar.instant(date(2021, 9, 20))
    both = {"since": date(2022, 9, 30)}
    since_then = [Coverage(selector=outbound, since=begins)]
    narrow = in_folder(tmp_path, "a", rows, ladder=needing(), coverage=since_then, **both)
    all_along = in_folder(tmp_path, "b", rows, ladder=needing(), coverage=ALL, **both)
    at_index = in_folder(tmp_path, "c", rows)
    assert len(narrow.dates) == len(all_along.dates) == 2
    assert only(narrow).difference == only(at_index).difference
    assert only(all_along).difference != only(at_index).difference


def test_quarter_covered_in_part_is_not_assessable(tmp_path: Path) -> None:
    """Half of the quarter is not covered: what was not found in it may have been there."""
    rows = Charity(people=300, months=(22, 23, 24)).rows()
    with stored(tmp_path, rows) as store:
        calendar = store.organisation.calendar
        for day, judged in ((date(2021, 10, 1), True), (date(2021, 11, 15), False)):
            known = [Coverage(selector=outbound, since=calendar.instant(day))]
            name = f"{day}"
            [one] = in_folder(tmp_path, name, rows, ladder=needing(), coverage=known).patterns
            assert ("judged of nobody" not in one.silent) == judged


def test_requirements_on_the_history_are_read_per_supporter(tmp_path: Path) -> None:
    """Only who was ever sent a newsletter can be judged."""
    requires = count(kind("newsletter"), ever) >= 1
    ladder = PLAIN.model_copy(update={"patterns": (pattern("P1", requires=requires),)})
    rows = Charity(people=600).rows()
    sent = {f"s{n:05}" for n in range(0, 600, 2)}
    letters = [on(supporter, date(2022, 1, 3), "newsletter") for supporter in sorted(sent)]
    one = only(in_folder(tmp_path, "a", rows + letters, ladder=ladder))
    assert one.exposed is not None
    assert one.exposed.unmatched is not None
    hers = without(rows, lambda row: row["supporter"] not in sent | {"founder"})
    other = only(in_folder(tmp_path, "b", hers))
    assert other.exposed is not None
    assert one.exposed.matched == other.exposed.matched


# -- when nothing is said --------------------------------------------------------------------------


def test_pattern_with_too_few_cases_is_not_weighed(tmp_path: Path) -> None:
    rows = Charity(people=600, asked=(0.04, 0.03, 0.02)).rows()
    one = in_folder(tmp_path, "a", rows).patterns[0]
    assert one.silent.endswith("and 30 are needed")
    assert one.difference is None
    assert one.exposed is None
    assert only(in_folder(tmp_path, "b", rows, min_group=10)).exposed is not None


def test_numbers_in_reasons_identify_no_supporter(tmp_path: Path) -> None:
    rows = without(Charity(people=600).rows(), lambda row: row["kind"] == "appeal")
    rows += [on(f"s{n:05}", INDEX, "appeal") for n in range(3)]
    [one] = weighed(tmp_path, rows).patterns
    assert one.silent.startswith("fewer than 5 supporters with it")


def test_pattern_is_not_weighed_where_nearly_all_or_none_gave(tmp_path: Path) -> None:
    rows = Charity(people=400, chances=(1.0, 1.0, 1.0)).rows()
    [one] = weighed(tmp_path, rows).patterns
    assert "nearly all gave, or nearly none did" in one.silent


def test_numbers_below_the_smallest_cell_are_withheld(tmp_path: Path) -> None:
    rows = Charity(people=600).rows()
    rows += [on(f"x{n}", INDEX - timedelta(10), euros=9) for n in range(3) for _ in range(30)]
    asked = [on(f"x{n}", INDEX, "appeal") for n in range(3)]
    before = only(in_folder(tmp_path, "a", rows)).exposed
    after = only(in_folder(tmp_path, "b", rows + asked)).exposed
    assert before is not None
    assert after is not None
    assert before.unmatched == 0
    assert after.unmatched is None


def test_short_history_is_not_weighed(tmp_path: Path) -> None:
    rows = [on(f"s{n}", date(2025, 1 + n % 9, 3), euros=5) for n in range(100)]
    weighing = weighed(tmp_path, rows, since=None, until=None)
    assert weighing.dates == ()
    assert weighing.patterns[0].silent.startswith("the history is too short")


def test_empty_history_is_not_weighed(tmp_path: Path) -> None:
    weighing = weighed(tmp_path, [on("s", date(2025, 1, 1), "newsletter")], since=None, until=None)
    assert weighing.patterns[0].silent.startswith("the history is too short")


ABOUT_GIVING = pattern("S1", side="supporter", condition=count(kind("donation"), ever) == 1)
DUTY = pattern("O15", safeguard=True)


def test_supporters_patterns_about_giving_are_weighed_only_when_named(tmp_path: Path) -> None:
    ladder = PLAIN.model_copy(update={"patterns": (*PLAIN.patterns, ABOUT_GIVING, DUTY)})
    rows = Charity(people=600).rows()
    _, about, safeguard = in_folder(tmp_path, "a", rows, ladder=ladder).patterns
    assert about.silent.endswith("name it to see the numbers")
    assert safeguard.silent.startswith("it protects people")
    [named] = in_folder(tmp_path, "b", rows, ladder=ladder, patterns=["S1"]).patterns
    assert "built in" in named.note


def test_patterns_go_by_key_or_name_in_the_ladders_order(tmp_path: Path) -> None:
    ladder = PLAIN.model_copy(update={"patterns": (pattern("P2", name="two"), pattern("P1"))})
    weighing = weighed(tmp_path, Charity(people=300).rows(), ladder, patterns=["P1", "two"])
    assert [each.pattern.key for each in weighing.patterns] == ["P2", "P1"]
    p = [each.p for each in weighing.patterns]
    adjusted = [each.adjusted for each in weighing.patterns]
    assert p[0] == p[1]
    assert p[0] is not None
    assert adjusted == [min(1.0, 2 * p[0])] * 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"patterns": ["P9"]}, "unknown pattern"),
        ({"giving": ["donatoin"]}, "did you mean donation"),
        ({"ladder": "other"}, "unknown ladder"),
        ({"min_group": 1}, "2 supporters"),
    ],
)
def test_missing_data_is_reported(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    with (
        stored(tmp_path, Charity(people=20).rows()) as store,
        pytest.raises(LadderError, match=words),
    ):
        weigh(store, now=NOW, **more)


# -- which dates -----------------------------------------------------------------------------------


def test_dates_have_a_year_before_and_the_months_after(tmp_path: Path) -> None:
    rows = [on(f"s{n}", date(2022, 1, 10) + timedelta(9 * n), euros=5) for n in range(150)]
    free = {"since": None, "until": None}
    assert rows[-1]["at"] > 0
    weighing = in_folder(tmp_path, "a", rows, **free)
    assert weighing.dates[0] == date(2023, 3, 31)
    assert weighing.dates[-1] == date(2024, 6, 30)  # the last gift is of 11 September 2025
    yearly = in_folder(tmp_path, "b", rows, every="year", months=6, **free)
    assert yearly.dates == (date(2023, 12, 31), date(2024, 12, 31))


def test_log_with_a_declared_gap_is_not_read_across_it(tmp_path: Path) -> None:
    rows = [on(f"s{n}", date(2019, 1, 10) + timedelta(9 * n), euros=5) for n in range(250)]
    with stored(tmp_path, rows) as store:
        calendar = store.organisation.calendar
    gap = calendar.instant(date(2022, 2, 1)), calendar.instant(date(2022, 3, 1))
    money = kind("donation") | kind("instalment") | kind("payment")
    known = [Coverage(selector=money, until=gap[0]), Coverage(selector=money, since=gap[1])]
    free = {"since": None, "until": None, "every": "month"}
    dates = in_folder(tmp_path, "a", rows, coverage=known, **free).dates
    assert date(2021, 1, 31) in dates
    assert date(2023, 3, 31) in dates
    assert not [each for each in dates if date(2021, 1, 31) < each < date(2023, 2, 28)]


# -- on both databases, and next to other organisations --------------------------------------------


@pytest.mark.postgres
def test_postgres_says_the_same(tmp_path: Path, pg_engine: Engine) -> None:
    rows = given_back("refund", SOON, amount=2000, currency="EUR") + Charity(people=300).rows()
    here = weighed(tmp_path, rows)
    with stored(tmp_path, rows, engine=pg_engine) as store:
        there = weigh(store, now=NOW, since=INDEX, until=INDEX)
    assert here == there


def test_small_organisation_in_a_shared_database_sees_its_own_numbers(tmp_path: Path) -> None:
    rows = Charity(people=150).rows()
    alone = in_folder(tmp_path, "a", rows, min_group=2, cell=1)
    with stored(tmp_path, rows) as store:
        connection = store.connection
        connection.exec_driver_sql(
            "INSERT INTO ladder_organisation "
            "SELECT 99, 'other', name, zone, currency, fiscal_month, fiscal_day "
            "FROM ladder_organisation"
        )
        connection.exec_driver_sql(
            "INSERT INTO ladder_supporter (organisation_id, key, first_at) "
            "SELECT 99, s.key || n.value, s.first_at FROM ladder_supporter s, "
            "(SELECT 1 AS value UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) n"
        )
        assert weigh(store, now=NOW, since=INDEX, until=INDEX, min_group=2, cell=1) == alone
