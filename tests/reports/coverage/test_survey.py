"""Surveys count holdings and assessable supporters, and warn of odd sources."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.coverage import BEGINNING
from ladder.model.calendars import FOREVER
from ladder.reports.coverage.inventory import sum_by_unit
from tests.reports.coverage.worlds import (
    CALENDAR,
    declaration,
    ladder,
    row,
    rows,
    surveyed,
)


def test_holdings_are_listed_by_source_and_kind_with_empty_months() -> None:
    made = [
        *rows("donation", "bank", "2025-01", [3, 0, 0, 2]),
        *rows("thank_you", "office", "2025-03", [1]),
        row("thank_you", date(2025, 5, 2), direction="inbound"),
    ]
    told = [
        (each.source, kind, direction, each.touchpoints, each.empty, each.span)
        for kind, direction, each in surveyed(made).holdings.by_kind()
    ]
    assert told == [
        ("bank", "donation", None, 5, 2, [3, 0, 0, 2]),
        ("office", "thank_you", None, 1, 0, [1]),
        ("office", "thank_you", "inbound", 1, 0, [1]),
    ]


def test_months_are_those_of_the_organisation_s_clocks() -> None:
    midnight = CALENDAR.instant(date(2025, 2, 1))
    made = [row("donation", date(2025, 1, 5)), row("donation", date(2025, 1, 5), at=midnight - 1)]
    (held,) = surveyed(made).holdings.sources().values()
    assert held.span == [2]
    made.append(row("donation", date(2025, 1, 5), at=midnight))
    (held,) = surveyed(made).holdings.sources().values()
    assert held.span == [2, 1]


@given(batch=st.integers(1, 50))
def test_size_of_batches_changes_nothing(batch: int) -> None:
    made = [*rows("donation", "bank", "2025-01", [3, 0, 5, 2]), *rows("reply", "x", "2025-02", [7])]
    one, other = surveyed(made), surveyed(made, batch=batch)
    assert one.holdings.by_kind() == other.holdings.by_kind()
    assert one.readiness == other.readiness


def test_requirements_of_patterns_are_listed_with_the_holdings() -> None:
    made = [
        *rows("donation", "bank", "2025-01", [9]),
        *rows("thank_you", "office", "2025-01", [4]),
        *rows("call", "office", "2025-01", [2]),
        row("message", date(2025, 1, 3), purposes="thank"),
    ]
    requires = {each.what: each for each in surveyed(made).requires}
    assert list(requires) == ["all thanks", "every donation"]
    assert [(one.source, one.touchpoints) for one in requires["all thanks"].holdings] == [
        ("office", 5)
    ]
    assert requires["all thanks"].patterns == ("O1",)
    assert requires["all thanks"].covered is None


def test_declared_since_is_where_the_last_gap_ends() -> None:
    made = rows("donation", "bank", "2025-01", [9])
    found = surveyed(
        made,
        declaration("donation", until="2025-03-31"),
        declaration("donation", since="2025-06-01"),
    )
    covered = {each.what: each.covered for each in found.requires}
    assert covered["every donation"] == CALENDAR.instant(date(2025, 6, 1))
    assert surveyed(made, declaration("donation")).requires[1].covered == BEGINNING
    assert surveyed(made, declaration("donation", until="2026-01-01")).requires[1].covered is None


def test_assessable_supporters_are_counted_by_pattern() -> None:
    made = [
        row("donation", date(2023, 5, 1), "old"),
        row("donation", date(2025, 5, 1), "new"),
        row("donation", date(2025, 5, 1), "newer"),
        row("unsubscribed", date(2022, 5, 1), "only a status"),
    ]
    thanks, all_gifts = declaration('purpose("thank")'), declaration("donation")
    nobody, some, everybody = (
        surveyed(made, *declared).readiness[0]
        for declared in (
            (),
            (thanks, declaration("donation", since="2025-01-01")),
            (thanks, all_gifts),
        )
    )
    assert (nobody.assessable, nobody.people, nobody.newer, nobody.everybody) == (0, 3, None, None)
    assert (some.assessable, some.people) == (2, 3)
    assert some.newer == CALENDAR.instant(date(2025, 5, 1))
    assert everybody.assessable == everybody.people == 3
    assert everybody.missing == ()
    assert [each.what for each in nobody.missing] == ["all thanks", "every donation"]


def test_date_of_full_assessability_is_given() -> None:
    made = [row("donation", date(2023, 5, 1), "old")]
    declared = (declaration("donation"), declaration('purpose("thank")', since="2025-10-10"))
    ready = surveyed(made, *declared).readiness[0]
    assert ready.assessable == 0
    # The last unlogged instant is of 9 October 2025, and W looks back over twelve months.
    assert ready.everybody == CALENDAR.instant(date(2026, 10, 10))
    assert ready.everybody < FOREVER


@pytest.mark.parametrize("kind", ["placeholder"])
def test_placeholders_are_no_people_and_no_contact(kind: str) -> None:
    made = [
        row("donation", date(2025, 5, 1), "ada"),
        row("donation", date(2025, 5, 1), "Cash"),
        row(kind, date(2025, 5, 1), "Cash"),
    ]
    found = surveyed(made)
    assert found.readiness[0].people == 1
    assert [name for name, _, _ in found.holdings.by_kind()] == ["donation"]
    assert found.crowds == ()
    assert [each.supporter for each in surveyed(made[:2]).crowds] == ["Cash"]


def test_mailings_and_opened_mails_do_not_make_a_suspected_placeholder() -> None:
    letters = [row("newsletter", date(2025, 5, 1), "ada") for _ in range(60)]
    opened = [row("email_opened", date(2025, 5, 1), "ada") for _ in range(60)]
    given_ = [row("donation", date(2025, 5, 1), "box 7") for _ in range(41)]
    found = surveyed([*letters, *opened, *given_])
    assert [(each.supporter, each.day) for each in found.crowds] == [("box 7", "2025-05-01")]


# what does not fit


def remarks(*said: object, made: list[dict[str, object]] | None = None) -> tuple[str, ...]:
    gifts = rows("donation", "bank", "2025-01", [9] * 16)
    return surveyed([*gifts, *(made or [])], *said).remarks  # type: ignore[arg-type]


def test_source_that_begins_later_than_declared_is_reported() -> None:
    (remark,) = remarks(declaration("donation", "bank", "2019-01-01"))
    assert remark == (
        "donation of bank: declared since 2019-01, but bank begins in 2025-01, and cannot hold "
        "what was before"
    )
    assert remarks(declaration("donation", "bank", "2025-01-01")) == ()


def test_unbounded_coverage_with_a_stopped_source_is_reported() -> None:
    thanks = rows("thank_you", "office", "2025-01", [9] * 6)
    said = declaration('purpose("thank")', "office")
    (remark,) = remarks(said, made=thanks)
    assert "declared for ever, but office holds none since 2025-06" in remark
    ended = declaration('purpose("thank")', "office", until="2025-06-30")
    assert remarks(ended, made=thanks) == ()


def test_declared_source_without_touchpoints_is_reported() -> None:
    remark, _ = remarks(declaration("donation", "bnak"))
    assert remark == "donation of bnak: the log holds nothing of bnak. Is it spelled so?"


def test_undeclared_source_of_thanks_is_reported() -> None:
    mails = rows("thank_you", "mail", "2025-12", [9] * 5)
    letters = rows("thank_you", "office", "2025-12", [9] * 5)
    said = declaration('purpose("thank")', "office")
    (remark,) = remarks(said, made=[*letters, *mails])
    assert remark == (
        "all thanks: mail brings 45 of them and is declared for none; office alone cannot hold "
        "them all"
    )
    assert remarks(said, declaration("thank_you", "mail"), made=[*letters, *mails]) == ()
    assert remarks(declaration('purpose("thank")'), made=[*letters, *mails]) == ()


def test_bars_are_by_month_quarter_or_year_and_end_now() -> None:
    assert sum_by_unit([1, 2, 3], 14) == ([1, 2, 3], "month")
    assert sum_by_unit([1] * 16, 14) == ([1, 3, 3, 3, 3, 3], "quarter")
    assert sum_by_unit([1] * 50, 14) == ([2, 12, 12, 12, 12], "year")
    assert sum_by_unit([], 14) == ([], "month")


def test_ladder_without_requirements_is_assessable_at_once() -> None:
    text = "[ladder]\nkey = 'bare'\n[[rung]]\nkey='a'\nenter='count(donation, ever) >= 1'\n"
    found = surveyed(rows("donation", "bank", "2025-01", [9]), by=ladder(text))
    assert (found.requires, found.readiness, found.proposals, found.doubts) == ((), (), (), ())
