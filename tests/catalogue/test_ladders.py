"""The shipped ladders: what each says of a life written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ladder import catalogue
from ladder.documents import dump, load
from ladder.engines.reference.movements import movements, standing
from ladder.errors import DefinitionErrorGroup, NotFoundError
from tests.engines.tables import Life


def climbs(life: Life, name: str) -> list[str]:
    """Return the movements, as in "2024-03-05 donating"."""
    made = catalogue.load(name)
    moved = movements(life.evaluation(made), made)
    return [f"{life.text(each.at)} {str(each.after) or '-'}" for each in moved]


def stands(life: Life, name: str, at: str) -> str:
    made = catalogue.load(name)
    instant = life.organisation.calendar.as_of(life.moment(at))
    return str(standing(life.evaluation(made), made, instant))


def test_seven_ladders_ship_and_the_default_is_one_of_them() -> None:
    assert catalogue.names() == (
        "default",
        "donor_states",
        "giving_levels",
        "kanter",
        "netroots",
        "orbit",
        "pyramid",
    )


@pytest.mark.parametrize("name", catalogue.names())
def test_shipped_ladder_says_who_it_is_and_how_sure_its_sources_are(name: str) -> None:
    ladder = catalogue.load(name)
    assert ladder.key == name
    assert ladder.title
    assert ladder.sources
    assert all(rung.title for rung in ladder.rungs)
    assert ladder.suppress_when is not None


@pytest.mark.parametrize("name", catalogue.names())
def test_shipped_ladder_survives_writing_and_reading(name: str) -> None:
    ladder = catalogue.load(name)
    assert load(dump(ladder)) == ladder


def test_unknown_ladder_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(NotFoundError, match="'orbits' ships; did you mean orbit"):
        catalogue.load("orbits")


def test_ladder_of_ones_own_may_include_shipped_patterns(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    text = """
[ladder]
key = "own"
[include]
patterns = ["O1", "money_only"]
[[rung]]
key = "giving"
enter = 'count(donation, ever) >= 1'
"""
    file.write_text(text)
    ladder = catalogue.read(file).ladder
    assert [pattern.key for pattern in ladder.patterns] == ["O1", "S4"]
    assert catalogue.read(text).ladder == ladder
    file.write_text(text.replace('"O1"', '"01"'))
    with pytest.raises(
        DefinitionErrorGroup, match=r"own.toml, line 5, column 13: no pattern called"
    ):
        catalogue.read(file)


# default


def test_default_goes_from_hearing_to_evangelising_within_a_year_of_the_last_act() -> None:
    life = Life(
        [
            ("2024-01-01", "newsletter"),
            ("2024-01-10", "email_clicked"),
            ("2024-02-01", "question"),
            ("2024-03-01", "volunteer_shift"),
            ("2024-04-01", "donation"),
        ],
        brought=[("2024-05-01", "donation")],
    )
    assert climbs(life, "default") == [
        "2024-01-10 hearing",
        "2024-02-01 engaging",
        "2024-03-01 volunteering",
        "2024-04-01 volunteering+donating",
        "2024-05-01 evangelising",
        "2025-05-02 -",
    ]


def test_default_counts_neither_machine_opens_nor_mailings_as_interest() -> None:
    life = Life(
        [("2024-01-01", "appeal"), ("2024-01-01", "email_opened", {"details": {"machine": True}})]
    )
    assert climbs(life, "default") == []


def test_default_counts_attending_as_engaging_and_hosting_as_evangelising() -> None:
    assert climbs(Life([("2024-01-01", "event_attended")]), "default")[0] == "2024-01-01 engaging"
    assert climbs(Life([("2024-01-01", "event_hosted")]), "default")[0] == "2024-01-01 evangelising"


def test_default_takes_a_refunded_gift_off_and_a_pledge_only_when_paid() -> None:
    gift = {"external_id": "g", "amount": 20, "currency": "EUR"}
    life = Life([("2024-01-01", "donation", gift), ("2024-02-01", "refund", {"answers": "g"})])
    assert climbs(life, "default") == ["2024-01-01 donating", "2024-02-01 -"]
    life = Life(
        [
            ("2024-01-01", "pledge", {"external_id": "p"}),
            ("2024-06-01", "payment", {"answers": "p"}),
        ]
    )
    assert climbs(life, "default") == ["2024-06-01 donating", "2025-06-02 -"]


def test_default_suppresses_from_an_objection_and_during_employment() -> None:
    life = Life([("2024-01-01", "donation"), ("2024-02-01", "objected")])
    assert stands(life, "default", "2024-01-31") == "donating"
    assert stands(life, "default", "2024-02-01") == ""
    life = Life(
        [("2024-01-01", "donation"), ("2024-02-01", "staff_joined"), ("2024-03-01", "staff_left")]
    )
    assert [stands(life, "default", f"2024-0{m}-15") for m in (1, 2, 3)] == [
        "donating",
        "",
        "donating",
    ]


# kanter, pyramid, netroots


def test_kanter_puts_spreading_below_giving_and_starting_something_above_all() -> None:
    life = Life(
        [
            ("2024-01-01", "site_visited"),
            ("2024-02-01", "shared"),
            ("2024-03-01", "donation"),
            ("2024-04-01", "fundraiser_started"),
            ("2024-05-01", "initiative_started"),
        ],
        kinds=catalogue.load("kanter").kinds,
    )
    assert climbs(life, "kanter") == [
        "2024-01-01 happy_bystander",
        "2024-02-01 spreader",
        "2024-03-01 donor",
        "2024-04-01 evangelist",
        "2024-05-01 instigator",
        "2025-05-02 -",
    ]


def test_pyramid_rises_with_repeated_acts() -> None:
    gifts = [(f"2024-0{month}-05", "donation") for month in range(3, 9)]
    life = Life([("2024-01-01", "site_visited"), ("2024-02-01", "subscribed"), *gifts])
    assert climbs(life, "pyramid")[:5] == [
        "2024-01-01 observing",
        "2024-02-01 following",
        "2024-03-05 endorsing",
        "2024-05-05 contributing",
        "2024-08-05 owning",
    ]


def test_pyramid_keeps_followers_until_they_unsubscribe() -> None:
    life = Life([("2024-01-01", "subscribed"), ("2026-01-01", "unsubscribed")])
    assert climbs(life, "pyramid") == ["2024-01-01 following", "2026-01-01 -"]


def test_netroots_counts_petitions_of_three_months() -> None:
    signed = [(f"2024-01-0{day}", "petition_signed") for day in range(1, 6)]
    assert climbs(Life(signed), "netroots") == [
        "2024-01-01 supporter",
        "2024-01-03 activist",
        "2024-01-05 super_activist",
        "2024-04-02 activist",
        "2024-04-04 supporter",
        "2024-04-06 -",
    ]


# orbit


def test_orbit_moves_in_at_once_and_out_when_a_quarter_ends() -> None:
    life = Life(
        [
            ("2024-01-10", "comment"),
            ("2024-02-01", "comment", {"details": {"weight": 8}}),
        ]
    )
    assert climbs(life, "orbit") == [
        "2024-01-10 exploring",
        "2024-02-01 contributing",
        "2025-04-01 -",
    ]


def test_orbit_counts_presence_on_two_days_of_a_week_and_seven_of_a_month() -> None:
    days = [(f"2024-01-{day:02}", "comment") for day in (1, 9, 11, 15, 17, 19, 21)]
    life = Life([*days, ("2024-01-11 12:00", "comment")])
    assert climbs(life, "orbit")[:3] == [
        "2024-01-01 exploring",
        "2024-01-11 participating",
        "2024-01-21 contributing",
    ]


# money


def test_giving_levels_include_their_lower_bound_and_leave_the_upper_to_the_next() -> None:
    def level(*amounts: str) -> str:
        gifts = [
            ("2024-01-01", "donation", {"amount": amount, "currency": "USD"}) for amount in amounts
        ]
        return stands(Life(gifts, currency="USD"), "giving_levels", "2024-01-02")

    assert [level(amount) for amount in ("34.99", "35", "99.99", "100.00", "999.99")] == [
        "",
        "bronze",
        "bronze",
        "silver",
        "silver",
    ]
    assert [level("999.99", "0.01"), level("9999.99"), level("5000", "5000")] == [
        "gold",
        "gold",
        "platinum",
    ]


def test_donor_states_tell_the_nine_states_apart() -> None:
    def gift(day: str, amount: int) -> tuple[str, str, dict[str, object]]:
        return day, "donation", {"amount": amount, "currency": "EUR"}

    life = Life(
        [
            gift("2020-05-01", 10),
            gift("2021-05-01", 20),
            gift("2022-05-01", 20),
            gift("2023-05-01", 5),
            gift("2026-05-01", 5),
            ("2028-01-01", "reply"),
        ]
    )
    states = [stands(life, "donor_states", f"{year}-12-31") for year in range(2019, 2030)]
    assert states == [
        "",
        "new",
        "upgraded",
        "same",
        "downgraded",
        "lapsed_repeat",
        "lapsed_years",
        "recaptured",
        "lapsed_repeat",
        "lapsed_years",
        "lapsed_years",
    ]
    once = Life([gift("2020-05-01", 10)])
    assert stands(once, "donor_states", "2021-06-01") == "lapsed_new"
    assert stands(once, "donor_states", "2022-06-01") == "lapsed_years"


def test_donor_with_only_a_refunded_gift_has_no_state() -> None:
    gift = ("2020-05-01", "donation", {"amount": 10, "currency": "EUR", "external_id": "g"})
    life = Life([gift, ("2020-06-01", "refund", {"answers": "g"})])
    assert stands(life, "donor_states", "2020-05-31") == "new"
    assert stands(life, "donor_states", "2020-06-01") == ""


def test_adopted_ladder_is_read_without_being_checked_again() -> None:
    text = """
[ladder]
key = "old"
[[rung]]
key = "few"
enter = 'count(donation, ever) < 3'
"""
    with pytest.raises(DefinitionErrorGroup, match="somebody who never did anything"):
        catalogue.read(text)
    assert catalogue.read(text, trusted=True).ladder.key == "old"
