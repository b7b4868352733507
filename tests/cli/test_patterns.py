"""`ladder patterns list`, `show` and `settings`."""

from __future__ import annotations

from ladder import catalogue
from tests.cli.conftest import Ladder


def test_patterns_are_all_listed_as_json(ladder: Ladder) -> None:
    listed = ladder("patterns", "list", "--json").document["patterns"]
    assert [each["id"] for each in listed] == [each.key for each in catalogue.patterns()]
    one = next(each for each in listed if each["id"] == "O5")
    assert one["side"] == "organisation"
    assert one["severities"] == ["high", "critical"]
    assert one["default"] is True
    assert one["settings"] == ["year", "reports", "mid_donor"]
    assert {each["id"] for each in listed if each["contested"] and each["default"]} == set()


def test_list_fits_a_terminal(ladder: Ladder) -> None:
    told = ladder("patterns", "list").out
    assert all(len(line) <= 80 for line in told.splitlines())
    assert "Asked before reporting impact" in told


def test_pattern_is_shown_by_key_or_name(ladder: Ladder) -> None:
    assert (
        ladder("patterns", "show", "O5").out
        == ladder("patterns", "show", "reask_without_report").out
    )
    assert "Burk" in ladder("patterns", "show", "O5").out


def test_unknown_pattern_is_answered_with_the_nearest(ladder: Ladder) -> None:
    done = ladder("patterns", "show", "O99")
    assert done.code != 0
    assert "did you mean" in done.err


def test_settings_are_shown_with_their_meaning(ladder: Ladder) -> None:
    told = ladder("patterns", "settings", "--json").document["settings"]
    assert [each["name"] for each in told] == list(catalogue.settings())
    assert "thanks_late = days(2)" in ladder("patterns", "settings").out
