"""`is_covered`: declared coverage, and how far back it reaches."""

from __future__ import annotations

from tests.engines.tables import Life, covered

ROWS = [("2024-03-01", "donation")]


def at(text: str) -> int:
    return Life(ROWS).instant(text)


def logged(said: str, *declared: tuple[str, str | None, str | None]) -> list[str]:
    coverage = [
        covered(
            selector,
            since=None if since is None else at(since),
            **({} if until is None else {"until": at(until)}),
        )
        for selector, since, until in declared
    ]
    return Life(ROWS, coverage=coverage).episodes(f"is_covered({said})")


def test_empty_coverage_logs_nothing() -> None:
    assert logged("outbound, ever") == []


def test_coverage_from_the_beginning_holds_at_all_times() -> None:
    assert logged("outbound, ever", ("outbound", None, None)) == ["2024-03-01 .."]
    assert logged("outbound, ever", ("any_touchpoint", None, None)) == ["2024-03-01 .."]


def test_coverage_since_the_first_instant_is_sufficient() -> None:
    assert logged("outbound, ever", ("outbound", "2024-03-01", None)) == ["2024-03-01 .."]


def test_coverage_that_began_later_holds_once_the_span_reaches_no_further_back() -> None:
    since = ("outbound", "2024-05-01", None)
    # The last unlogged instant is the one before 1 May: it counts to the end of 30 May.
    assert logged("outbound, days(30)", since) == ["2024-05-31 .."]
    assert logged("outbound, ever", since) == []
    assert logged("outbound, hours(1)", since) == ["2024-05-01 00:59 .."]


def test_coverage_that_stopped_is_false_from_there_on() -> None:
    until = ("outbound", None, "2024-05-01")
    assert logged("outbound, days(30)", until) == ["2024-03-01 .. 2024-05-01"]


def test_aged_span_needs_coverage_of_an_older_stretch() -> None:
    until = ("outbound", None, "2024-05-01")
    assert logged("outbound, older_than(days(30), days(60))", until) == ["2024-03-01 .. 2024-06-01"]
    since = ("outbound", "2024-05-01", None)
    # Nothing is required before the history is 30 days old; then the unlogged two months are.
    assert logged("outbound, older_than(days(30), days(60))", since) == [
        "2024-03-01 .. 2024-04-01",
        "2024-06-30 ..",
    ]


def test_gap_in_the_middle_shows_while_the_span_reaches_it() -> None:
    found = logged(
        "outbound, days(10)", ("outbound", None, "2024-05-01"), ("outbound", "2024-06-01", None)
    )
    assert found == ["2024-03-01 .. 2024-05-01", "2024-06-11 .."]


def test_declarations_that_meet_leave_no_gap() -> None:
    found = logged(
        "outbound, ever", ("outbound", None, "2024-05-01"), ("any_touchpoint", "2024-05-01", None)
    )
    assert found == ["2024-03-01 .."]


def test_narrower_declaration_does_not_cover() -> None:
    assert logged("outbound, ever", ("appeal", None, None)) == []
    assert logged("appeal or thank_you, ever", ("appeal", None, None), ("thank_you", None, None))
    assert logged("appeal, ever", ("outbound", None, None)) == ["2024-03-01 .."]


def test_joined_span_needs_coverage_while_both_do() -> None:
    until = ("outbound", None, "2024-05-01")
    found = logged("outbound, older_than(days(30)) and days(60)", until)
    assert found == ["2024-03-01 .. 2024-06-01"]
