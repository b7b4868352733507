"""Proposed coverage by the rule of thumb, each threshold from both sides."""

from __future__ import annotations

from datetime import date

import pytest

from ladder.documents import parse_selector
from ladder.importers import Mapping
from ladder.reports.coverage import Proposal, toml
from ladder.reports.coverage.proposals import HOLE, LEAST_EACH, LEAST_STRETCHES
from tests.reports.coverage.worlds import declaration, ladder, rows, surveyed

GIFTS = "donation"


def proposals(*made: list[dict[str, object]], now: str = "2026-04-20") -> dict[str, Proposal]:
    found = surveyed([each for several in made for each in several], now=now)
    return {each.what: each for each in found.proposals}


def doubts(*made: list[dict[str, object]], now: str = "2026-04-20") -> dict[str, str]:
    found = surveyed([each for several in made for each in several], now=now)
    return {each.what: each.why for each in found.doubts}


def gifts(numbers: list[int], since: str = "2024-01") -> list[dict[str, object]]:
    return rows("donation", "bank", since, numbers)


def test_source_that_was_kept_without_a_break_is_proposed_from_its_second_month_on() -> None:
    found = proposals(gifts([9] * 28))["every donation"]
    assert (found.source, found.since, found.until) == ("bank", date(2024, 2, 1), None)
    assert found.touchpoints == 9 * 26  # without the first month and the present one
    assert "in each of the 26 months from 2024-02 to 2026-03, usually 9" in found.why
    assert found.ask.endswith("?")


@pytest.mark.parametrize(
    ("months", "proposed"), [(LEAST_STRETCHES, True), (LEAST_STRETCHES - 1, False)]
)
def test_twelve_whole_months_are_enough(months: int, *, proposed: bool) -> None:
    whole = gifts([9] * (months + 2), since="2026-04")  # and the first and the present one
    year, month = divmod(3 + months + 1, 12)
    now = f"{2026 + year}-{month + 1:02}-20"
    assert ("every donation" in proposals(whole, now=now)) is proposed
    if not proposed:
        assert doubts(whole, now=now)["every donation"] == (
            "there are 11 whole months of it, and 12 are needed"
        )


def test_five_a_month_on_the_average_are_enough_and_fewer_are_looked_at_by_quarters() -> None:
    assert "months" in proposals(gifts([LEAST_EACH] * 28))["every donation"].why
    assert doubts(gifts([LEAST_EACH - 1] * 28))["every donation"] == (
        "there are 8 whole quarters of it, and 12 are needed"
    )
    rare = gifts([2, 0, 3] * 16, since="2022-05")
    found = proposals(rare)["every donation"]
    assert "in each of the 15 quarters" in found.why
    assert found.since == date(2022, 7, 1)
    few = gifts([1, 0, 1] * 16, since="2022-05")
    assert "30 in 15 quarters are too few to tell" in doubts(few)["every donation"]


def test_month_without_any_is_a_hole_and_what_follows_it_counts() -> None:
    holed = gifts([9] * 10 + [0] + [9] * 17)
    assert proposals(holed)["every donation"].since == date(2024, 12, 1)
    late = gifts([9] * 20 + [0] + [9] * 7)
    assert doubts(late)["every donation"] == (
        "in 2025-09 there is none: is that all, or is something missing?"
    )


def test_less_than_a_tenth_of_the_usual_is_a_hole_too() -> None:
    usual = 10 * HOLE
    spared = gifts([usual] * 20 + [10] + [usual] * 7)
    assert proposals(spared)["every donation"].since == date(2024, 2, 1)
    holed = gifts([usual] * 20 + [9] + [usual] * 7)
    assert "in 2025-09 there is only 9" in doubts(holed)["every donation"]


def test_present_month_is_not_over_and_counts_for_nothing() -> None:
    assert proposals(gifts([9] * 27), now="2026-04-01")["every donation"].until is None


def test_source_that_ended_is_proposed_up_to_its_last_whole_month() -> None:
    found = proposals(gifts([9] * 28), now="2026-08-20")["every donation"]
    assert (found.since, found.until) == (date(2024, 2, 1), date(2026, 3, 31))
    assert "until = 2026-03-31" in found.toml


def test_kind_that_stopped_is_proposed_until_its_end() -> None:
    stopped = gifts([9] * 20)
    other = rows("reply", "bank", "2024-01", [1] * 28)
    found = proposals(stopped, other)["every donation"]
    assert found.until == date(2025, 7, 31)


def test_source_that_begins_in_2021_is_never_proposed_for_2019() -> None:
    made = [*rows("donation", "old", "2019-01", [9] * 20), *gifts([9] * 62, since="2021-03")]
    by_source = {each.source: each for each in surveyed(made).proposals}
    assert by_source["bank"].since == date(2021, 4, 1)
    assert by_source["old"].until == date(2020, 7, 31)


THANKS = "all thanks"


@pytest.mark.parametrize(("thanks", "proposed"), [(5, True), (4, False)])
def test_thanks_for_fewer_than_every_second_gift_are_not_proposed(
    thanks: int, *, proposed: bool
) -> None:
    made = gifts([10] * 52, since="2022-01")
    office = rows("thank_you", "office", "2022-01", [thanks] * 52)
    assert (THANKS in proposals(made, office)) is proposed
    if not proposed:
        assert "were the others not made, or not written down?" in doubts(made, office)[THANKS]


def test_whole_directions_are_never_proposed() -> None:
    text = """
    [ladder]
    key = "all"
    suppress_when = 'do_not_contact()'
    [include]
    patterns = ["O7", "S1"]
    """
    made = [*rows("newsletter", "mail", "2023-01", [50] * 40), *gifts([50] * 40, "2023-01")]
    found = surveyed(made, by=ladder(text))
    assert found.proposals == ()
    assert {each.why for each in found.doubts} == {
        "whatever a log holds, it does not show what else there was: only you can know"
    }


def test_union_is_proposed_only_when_all_its_parts_are_logged() -> None:
    text = """
    [ladder]
    key = "acts"
    suppress_when = 'do_not_contact()'
    [[pattern]]
    key = "Q"
    side = "supporter"
    low = '''
        count(donation, months(24)) >= 1
        and count(inbound and family("time", "word"), months(12)) < 1
    '''
    requires = 'is_covered(inbound and family("time", "word"), months(12))'
    """
    words = rows("reply", "desk", "2024-01", [9] * 28)
    shifts = rows("volunteer_shift", "desk", "2024-07", [9] * 22)
    found = surveyed([*words, *shifts], by=ladder(text))
    (proposal,) = found.proposals
    assert (proposal.what, proposal.since) == (
        "everything of time and word that came from supporters",
        date(2024, 8, 1),
    )
    (doubt,) = surveyed(words, by=ladder(text)).doubts
    assert doubt.why == (
        "as to everything of time that came from supporters: desk holds nothing of it"
    )
    (doubt,) = surveyed(
        [*words, *rows("volunteer_shift", "desk", "2026-01", [9])], by=ladder(text)
    ).doubts
    assert doubt.why.startswith("as to everything of time that came from supporters: there are")
    (doubt,) = surveyed([*words[:9], *shifts[:9]], by=ladder(text)).doubts
    assert not doubt.why.startswith("as to")


def test_declared_coverage_is_not_proposed_again() -> None:
    made = gifts([9] * 28)
    assert surveyed(made, declaration("donation", "bank", "2024-02-01")).proposals == ()
    (earlier,) = surveyed(made, declaration("donation", "bank", "2025-02-01")).proposals
    assert earlier.since == date(2024, 2, 1)


def test_proposal_reads_as_a_mapping_and_says_that_it_declares_nothing() -> None:
    made = [*gifts([9] * 28), *rows("thank_you", 'of"fice', "2024-01", [9] * 28)]
    found = surveyed(made)
    text = toml(found)
    assert text.startswith("# Proposed on 2026-04-20")
    assert "Nothing is declared until" in " ".join(text.replace("#", "").split())
    assert all(len(line) <= 80 for line in text.splitlines())
    mapping = Mapping.parse('source = "x"\n' + text)
    assert [(each.source, str(parse_selector(each.selector))) for each in mapping.coverage] == [
        ('of"fice', 'outbound and purpose("thank")'),
        ("bank", "donation"),
    ]


def test_log_of_nothing_proposes_nothing() -> None:
    found = surveyed([])
    assert found.proposals == ()
    assert "Nothing looks complete enough" in toml(found)


def test_full_coverage_leaves_no_proposal() -> None:
    found = surveyed(gifts([9] * 28), declaration("any_touchpoint"))
    assert (found.proposals, found.doubts) == ((), ())
    assert "Nothing is left to propose" in toml(found)
