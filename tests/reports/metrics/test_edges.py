"""Each edge by hand: times allowed, links, refunds, receipts, coverage, small numbers, months."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from ladder.catalogue import load
from ladder.errors import DefinitionError
from ladder.language.selectors import kind
from ladder.language.spans import days
from ladder.reports.metrics import METRICS, Pieces, Value, measure_parts, sparkline
from ladder.reports.metrics.response_times import half_served
from ladder.storage.read.history_batches import Part
from tests.histories import frame
from tests.reports.metrics.worlds import instant, logged, metrics, said, told


def share(
    lines: tuple[str, ...], key: str = "thanked_soon", **more: object
) -> tuple[int | None, int]:
    value = metrics(told(*lines), **more).total.values[key]  # type: ignore[arg-type]
    return value.numerator, value.denominator


GIFT = "1, 2024-03-05 10:00, donation, id=g1"


@pytest.mark.parametrize(
    ("thanks", "in_time"),
    [
        ("2024-03-05 10:00", True),
        ("2024-03-07 10:00", True),
        ("2024-03-07 10:01", False),
        ("2024-03-07", True),
        ("2024-03-08", False),
    ],
)
def test_thanks_at_the_end_of_48_hours_are_in_time(thanks: str, in_time: bool) -> None:
    assert share((GIFT, f"1, {thanks}, thank_you")) == (int(in_time), 1)


@pytest.mark.parametrize(("thanks", "in_time"), [("2024-03-07 23:59", True), ("2024-03-08", False)])
def test_gift_known_by_date_has_two_days_for_48_hours(thanks: str, in_time: bool) -> None:
    assert share(("1, 2024-03-05, donation", f"1, {thanks}, thank_you")) == (int(in_time), 1)


@pytest.mark.parametrize(
    ("thanks", "in_time"), [("2024-03-19 23:59", True), ("2024-03-20 00:00", False)]
)
def test_fourteen_days_end_with_the_day(thanks: str, in_time: bool) -> None:
    assert share((GIFT, f"1, {thanks}, thank_you"), "thanked_late") == (int(in_time), 1)


def test_48_hours_are_elapsed_time_across_a_clock_change() -> None:
    # On 31 March 2024 Berlin's clocks skip an hour; on 27 October one comes twice.
    spring = "1, 2024-03-30 12:00, donation", "1, 2024-04-01 12:30, thank_you"
    assert share(spring) == (1, 1)
    late = "1, 2024-03-30 12:00, donation", "1, 2024-04-01 13:01, thank_you"
    assert share(late) == (0, 1)
    autumn = "1, 2024-10-26 12:00, donation", "1, 2024-10-28 11:30, thank_you"
    assert share(autumn) == (0, 1)
    allow_reimport = "1, 2024-10-25 02:30, donation", "1, 2024-10-27 02:30*, thank_you"
    assert share(allow_reimport) == (0, 1)


def test_thanks_that_answer_a_gift_settle_that_one_only() -> None:
    two = (GIFT, "1, 2024-03-05 11:00, donation, id=g2")
    assert share((*two, "1, 2024-03-06 09:00, thank_you, answers=g2")) == (1, 2)
    assert share((*two, "1, 2024-03-06 09:00, thank_you")) == (2, 2)
    assert share((*two, "1, 2024-03-06 09:00, thank_you, answers=unknown")) == (2, 2)


def test_thanks_for_a_shift_settle_no_gift() -> None:
    shift = "1, 2024-03-05 09:00, volunteer_shift, id=s1"
    assert share((GIFT, shift, "1, 2024-03-06 09:00, thank_you, answers=s1")) == (0, 1)


def test_automatic_receipts_are_not_thanks_by_default() -> None:
    receipt = "1, 2024-03-05 10:01, receipt, answers=g1"
    machine = "1, 2024-03-05 10:01, thank_you, automated=yes"
    pieces = Pieces.from_catalogue().with_receipts()
    for each in (receipt, machine):
        assert share((GIFT, each)) == (0, 1)
        assert share((GIFT, each), pieces=pieces) == (1, 1)


def test_instalments_are_one_commitment() -> None:
    months = [f"1, 2024-{month:02}-01, instalment, amount=500" for month in range(1, 7)]
    start = "1, 2023-12-20, commitment_started, id=c1"
    assert share((start, *months)) == (0, 1)
    assert share((start, *months, "1, 2023-12-21, thank_you, answers=c1")) == (1, 1)


def test_payment_of_a_pledge_is_no_new_gift() -> None:
    assert share(("1, 2024-03-01, pledge, id=p", "1, 2024-03-05, donation, answers=p")) == (0, 0)


def test_gift_given_back_before_it_was_thanked_waits_for_nothing() -> None:
    back = "1, 2024-03-06 10:00, refund, answers=g1"
    assert share((GIFT, back)) == (0, 0)
    assert share((GIFT, "1, 2024-03-05 12:00, thank_you", back)) == (1, 1)
    # While the 48 hours ran it stood, and nobody thanked.
    assert share((GIFT, "1, 2024-03-09 10:00, chargeback, answers=g1")) == (0, 1)
    assert share((GIFT, "1, 2024-03-09 10:00, chargeback, answers=g1"), "thanked_late") == (0, 0)
    assert share((GIFT, "1, 2024-03-09 10:00, chargeback, answers=g1"), "unthanked") == (0, 0)


def test_partial_refund_leaves_a_gift_to_thank_for() -> None:
    gift = "1, 2024-03-05 10:00, donation, id=g1, amount=5000"
    part = "1, 2024-03-06 10:00, refund, answers=g1, amount=2000"
    assert share((gift, part)) == (0, 1)
    assert share((gift, part, "1, 2024-03-06 11:00, refund, answers=g1, amount=3000")) == (0, 0)


def test_voided_touchpoint_is_not_counted() -> None:
    assert share((GIFT, "1, 2024-09-01, void, answers=g1")) == (0, 0)
    thanks = "1, 2024-03-06 09:00, thank_you, id=t1"
    assert share((GIFT, thanks, "1, 2024-09-01, void, answers=t1")) == (0, 1)


def test_suppressed_supporter_is_left_out_of_all_months() -> None:
    for status in ("objected", "deceased", "erased"):
        assert share((GIFT, f"1, 2025-01-01, {status}")) == (0, 0)
    assert share((GIFT, "1, 2025-07-01, objected"), now="2025-06-30 12:00") == (0, 1)


def test_future_touchpoints_are_not_counted() -> None:
    rows = told(GIFT, "1, 2024-03-06 10:00, thank_you")
    early = metrics(rows, now="2024-03-06 09:00")
    assert early.total.values["thanked_soon"] == Value("too young", None, 0, 0, young=1)
    assert metrics(rows, now="2024-03-05 09:00").total.values["thanked_soon"].status == "nothing"


def test_gifts_within_their_time_are_no_failures_even_once_thanked() -> None:
    # The thanked one is left out as well: counting it alone would make a young month look good.
    rows = told(GIFT, "1, 2024-03-05 11:00, thank_you", "2, 2024-03-05 10:00, donation")
    found = metrics(rows, now="2024-03-07 09:59")
    assert said(found, "thanked_soon", "2024-03") == Value("too young", None, 0, 0, young=2)
    full = metrics(rows, now="2024-03-07 10:00")
    assert said(full, "thanked_soon", "2024-03") == Value("measured", 0.5, 1, 2)
    assert said(full, "thanked_late", "2024-03").status == "too young"
    assert said(full, "unthanked", "2024-03").young == 2


def test_median_counts_those_who_still_wait_for_as_long_as_they_have() -> None:
    rows = told(
        "1, 2024-03-01 10:00, donation", "1, 2024-03-02 10:00, thank_you",
        "2, 2024-03-01 10:00, donation", "2, 2024-03-05 10:00, thank_you",
        "3, 2024-03-01 10:00, donation",
    )  # fmt: skip
    assert metrics(rows).total.values["thank_days"].value == 4.0
    assert metrics(rows[:4]).total.values["thank_days"].value == 1.0
    more = told("4, 2024-03-01 10:00, donation", "5, 2024-03-01 10:00, donation")
    waiting = [row._replace(id=row.id + 9, external_id=f"m{row.id}") for row in more]
    still = metrics(rows + waiting).total.values["thank_days"]
    assert still == Value("measured", None, None, 5)


def test_kaplan_and_meiers_own_example_of_watching() -> None:
    import numpy as np  # noqa: PLC0415

    # Times 1, 2+, 3, 4, 5+: after 1 four fifths are left, after 3 8/15, after 4 4/15.
    watched, event = np.array([1, 2, 3, 4, 5]) * 86_400_000_000, np.array([1, 0, 1, 1, 0]) == 1
    groups = np.zeros(5, np.int64)
    assert half_served(watched, event, groups, 1) == [(4.0, 5)]
    # Of equal times those who were served come first: who left then had waited until then.
    tied = np.array([1, 1]) * 86_400_000_000
    assert half_served(tied, np.array([False, True]), groups[:2], 1) == [(1.0, 2)]


def test_reported_before_the_next_ask() -> None:
    report, ask = "1, 2024-04-01, impact_report", "1, 2024-05-01, appeal"
    key = "reported_before_ask"
    assert share((GIFT, report, ask), key) == (1, 1)
    assert share((GIFT, ask, "1, 2024-06-01, impact_report"), key) == (0, 1)
    assert share((GIFT, report), key) == (0, 0)
    both = "1, 2024-05-01, appeal, purposes=ask+report"
    assert share((GIFT, both), key) == (0, 1)
    # An ask at the very instant of the gift does not follow it.
    assert share((GIFT, "1, 2024-03-05 10:00, appeal"), key) == (0, 0)


def test_ask_that_answers_something_is_an_ask_all_the_same() -> None:
    rsvp = "1, 2024-04-01, rsvp, id=r"
    assert share((GIFT, rsvp, "1, 2024-04-02, appeal, answers=r"), "reported_before_ask") == (0, 1)


def test_contacts_before_the_first_ask() -> None:
    rows = told(
        "1, 2024-01-01, newsletter", "1, 2024-02-01, receipt", "1, 2024-03-01, volunteer_call",
        "1, 2024-03-02, call", "1, 2024-04-01, appeal", "1, 2024-05-01, appeal",
        "2, 2024-04-01, appeal",
        "3, 2024-04-01, appeal", "3, 2024-04-01, newsletter",
    )  # fmt: skip
    found = metrics(rows)
    assert said(found, "gives_before_ask", "2024-04") == Value("measured", 0.0, None, 3)
    assert said(found, "asked_first", "2024-04") == Value("measured", 2 / 3, 2, 3)
    assert said(found, "asked_first", "2024-05").status == "nothing"
    assert metrics(rows[:6]).total.values["gives_before_ask"].value == 2.0


def test_first_ask_before_the_period_is_not_counted() -> None:
    rows = told("1, 2023-04-01, appeal", "1, 2024-04-01, appeal")
    assert share((), "asked_first") == (0, 0)
    assert metrics(rows, since="2024-01-01").total.values["asked_first"].denominator == 0


def test_answers_are_counted_by_link_or_by_supporter() -> None:
    query = "1, 2024-03-05 10:00, question, id=q1"
    for reply, answered in (
        ("message, answers=q1", 1),
        ("message, audience=individual", 1),
        ("call", 1),
        ("message, audience=broadcast", 0),
        ("newsletter", 0),
        ("appeal, audience=individual", 0),
        ("confirmation, answers=q1", 0),
    ):
        assert share((query, f"1, 2024-03-06 09:00, {reply}"), "answered_soon") == (answered, 1)


def test_conversations_among_all_contacts() -> None:
    lines = (
        "1, 2024-03-01, comment, id=c", "1, 2024-03-02, message, answers=c", "1, 2024-03-03, call",
        "1, 2024-03-04, thank_you, audience=individual", "1, 2024-03-05, newsletter",
        "1, 2024-03-06, receipt", "1, 2024-03-07, impact_report, answers=c, audience=broadcast",
    )  # fmt: skip
    assert share(lines, "conversation") == (2, 5)


def test_asks_and_other_contacts() -> None:
    lines = ("1, 2024-03-01, appeal", "1, 2024-03-02, appeal", "1, 2024-03-03, newsletter",
             "1, 2024-03-04, volunteer_call", "1, 2024-03-05, refund",
             "1, 2024-03-06, receipt")  # fmt: skip
    assert share(lines, "nonask_per_ask") == (1, 2)
    assert metrics(told(lines[2])).total.values["nonask_per_ask"] == Value("nothing", None, 1, 0)


# -- coverage -------------------------------------------------------------------------------------


def test_undeclared_metric_is_unknown_and_not_zero() -> None:
    found = metrics(told(GIFT, "1, 2024-03-07, appeal", "1, 2024-03-08, question"), coverage=())
    assert {value.status for value in found.total.values.values()} == {"not assessable"}


def test_gifts_only_log_makes_all_metrics_not_assessable() -> None:
    gifts = told(*(f"{n}, 2024-03-0{n} 10:00, donation" for n in range(1, 8)))
    found = metrics(gifts, coverage=[logged("family('money')")])
    assert {value.status for value in found.total.values.values()} == {"not assessable"}
    assert found.judged == {"O1": 0, "O2": 0, "O7": 0}


def test_thanks_must_be_logged_until_the_time_is_over() -> None:
    rows = told("1, 2024-03-10 10:00, donation", "2, 2024-03-20 10:00, donation")
    until = [logged("outbound", until="2024-03-25"), logged("inbound")]
    found = metrics(rows, coverage=until)
    assert said(found, "thanked_soon", "2024-03") == Value("measured", 0, 0, 2)
    assert said(found, "thanked_late", "2024-03") == Value("measured", 0, 0, 1, unknown=1)
    assert said(found, "unthanked", "2024-03") == Value("not assessable", None, 0, 0, unknown=2)
    # Watched for a fortnight and for five days, and thanked in neither.
    assert said(found, "thank_days", "2024-03") == Value("measured", None, None, 2)


def test_declaration_of_thanks_alone_is_enough_for_thanks() -> None:
    rows = told(GIFT, "1, 2024-05-01, question")
    found = metrics(rows, coverage=[logged("purpose('thank')"), logged("inbound")])
    assert found.total.values["thanked_soon"].status == "measured"
    for key in ("reported_late", "answered_soon", "conversation", "nonask_per_ask"):
        assert found.total.values[key].status == "not assessable", key


def test_contacts_of_a_month_that_is_not_covered_are_not_counted() -> None:
    rows = told("1, 2024-03-01, newsletter", "1, 2024-03-20, appeal", "1, 2024-04-20, appeal")
    found = metrics(rows, coverage=[logged("any_touchpoint", "2024-03-10")])
    assert said(found, "nonask_per_ask", "2024-03") == Value("measured", 0.0, 0, 1, unknown=1)
    assert said(found, "nonask_per_ask", "2024-02").status == "not assessable"
    # The history began before the log does, so earlier contacts are unknown.
    assert said(found, "asked_first", "2024-03") == Value("not assessable", None, 0, 0, unknown=1)


# -- small numbers, months, campaigns -------------------------------------------------------------


def test_groups_below_the_minimum_have_no_figure() -> None:
    rows = told(*(f"{n}, 2024-03-05 10:00, donation" for n in range(1, 10)))
    assert metrics(rows, minimum=10).total.values["thanked_soon"] == Value("too few", None, 0, 9)
    assert metrics(rows, minimum=9).total.values["thanked_soon"] == Value("measured", 0.0, 0, 9)


def test_months_are_those_of_the_organisations_clock() -> None:
    # Half past eleven at night in UTC is the next month in Berlin.
    rows = told(
        "1, 2024-03-31 23:59, donation", "1, 2024-04-01 00:00, donation", "1, 2024-05-01, donation"
    )
    found = metrics(rows)
    counted = {row.name: row.values["thanked_soon"].denominator for row in found.rows}
    assert [counted[f"2024-0{n}"] for n in (2, 3, 4, 5, 6)] == [0, 1, 1, 1, 0]


def test_time_may_begin_and_end_within_a_month() -> None:
    rows = told(*(f"1, 2024-03-{day:02} 10:00, donation" for day in range(1, 31)))
    found = metrics(rows, since="2024-03-10", until="2024-03-21")
    assert [(row.name, row.values["unthanked"].denominator) for row in found.rows] == [
        ("2024-03", 11)
    ]


def test_campaigns_are_named_by_a_touchpoint_or_by_what_it_answers() -> None:
    rows = told(
        "1, 2024-03-01, appeal, id=a, campaign=spring", "1, 2024-03-03, donation, answers=a",
        "2, 2024-03-04, donation, campaign=fair", "3, 2024-03-05, donation",
    )  # fmt: skip
    found = metrics(rows, by="campaign")
    assert [row.name for row in found.rows] == ["spring", "fair", None]
    assert [row.values["thanked_soon"].denominator for row in found.rows] == [1, 1, 1]
    assert "atm_exposure" not in found.rows[0].values
    assert found.total.values["thanked_soon"].denominator == 3


def test_touchpoints_without_a_campaign_form_one_group() -> None:
    found = metrics(told(GIFT), by="campaign")
    assert [row.name for row in found.rows] == [None]
    assert metrics(told("1, 2024-03-01, reply"), by="campaign").rows == ()


# -- exposure -------------------------------------------------------------------------------------


def test_exposure_counts_supporters_with_a_serious_finding_at_the_end_of_each_month() -> None:
    rows = told(GIFT, "1, 2024-05-10, thank_you", "2, 2024-03-01, reply", "3, 2024-06-10, reply")
    found = metrics(rows, now="2024-07-20", since="2024-02-01")
    exposed = [
        (value.numerator, value.denominator)
        for value in (row.values["atm_exposure"] for row in found.rows)
    ]
    # A first gift is a grave finding after a fortnight; it was thanked for in May.
    assert exposed == [(0, 0), (1, 2), (1, 2), (0, 2), (0, 3), (0, 3)]
    assert found.total.values["atm_exposure"].denominator == 3


def test_exposure_is_of_those_who_can_be_judged() -> None:
    rows = told(GIFT, "2, 2019-03-01, reply", "3, 2024-03-01, objected", "3, 2024-02-01, donation")
    declared = [logged("any_touchpoint", "2023-01-01")]
    value = metrics(rows, coverage=declared, now="2024-03-30").total.values["atm_exposure"]
    assert (value.numerator, value.denominator, value.unknown) == (1, 2, 0)
    judged = metrics(rows, coverage=declared, now="2024-03-30").judged
    assert judged == {"O1": 1, "O2": 1, "O7": 2}


def test_ladder_without_serious_patterns_assesses_no_supporter() -> None:
    found = metrics(told(GIFT), ladder=load("kanter"))
    value = found.total.values["atm_exposure"]
    assert value == Value("not assessable", None, 0, 0, unknown=1)


# -- definitions of one's own ---------------------------------------------------------------------


def test_organisation_says_itself_what_thanks_are() -> None:
    ours = Pieces.read("[let]\nthanked = 'call'\nthank_late = 'days(30)'\n")
    lines = (GIFT, "1, 2024-03-05 11:00, thank_you")
    assert share(lines, pieces=ours) == (0, 1)
    assert share((*lines, "1, 2024-03-06, call"), pieces=ours) == (1, 1)
    assert metrics(told(GIFT), pieces=ours).title("thanked_late") == "Thanked within 30 days"
    assert ours.reported == Pieces.from_catalogue().reported


def test_pieces_that_others_are_made_of_change_those_too() -> None:
    ours = Pieces.read('[let]\ngift = "membership"\n')
    assert share(("1, 2024-03-05, membership",), pieces=ours) == (0, 1)


def test_ladder_with_pieces_can_be_given() -> None:
    text = "[ladder]\nkey = \"mine\"\n[let]\nreported = 'impact_report'\n"
    assert Pieces.read(text) == replace(Pieces.from_catalogue(), reported=kind("impact_report"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[let]\nthanked = 'count(thank_you, ever) >= 1'", "'thanked' must be a selector"),
        ("[let]\nthank_soon = 'ever'", "'thank_soon' must be a span"),
        ("[let]\nthanked = 'thank_yuo'", "did you mean thank_you"),
        ("[let\n", "line 1"),
    ],
)
def test_mistakes_in_custom_definitions_are_reported(text: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        Pieces.read(text)


def test_batches_do_not_change_the_metrics() -> None:
    rows = told(
        GIFT, "2, 2024-03-05, donation, campaign=spring", "3, 2024-03-06, appeal, referrer=1",
        "3, 2024-03-07, question", "2, 2024-04-01, appeal", "1, 2024-03-06, thank_you",
    )  # fmt: skip
    for by in ("month", "campaign"):
        whole, one_by_one = metrics(rows, by=by), metrics(rows, by=by, size=1)
        assert whole.rows == one_by_one.rows
        assert whole.total == one_by_one.total


def test_empty_log_gives_empty_metrics() -> None:
    found = metrics([])
    assert {value.status for value in found.total.values.values()} == {"nothing"}
    assert metrics(told(GIFT), pieces=replace(Pieces.from_catalogue(), thank_late=days(0))).total


def test_page_tells_of_every_metric_and_every_piece() -> None:
    page = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for metric in METRICS:
        assert f"`{metric.key}`" in page, metric.key
    for name in ("occasion", "thanked", "reported", "money_ask", "nonask", "query", "answered"):
        assert f"`{name}`" in page, name


def test_supporter_without_touchpoints_counts_nowhere() -> None:
    rows = told("2, 2024-03-05 10:00, donation, referrer=1")
    found = metrics(rows)
    assert found.total.values["thanked_soon"].denominator == 1
    assert found.total.values["atm_exposure"].denominator == 1
    friend = Part(pl.Series([1, 3]), frame([]), frame(rows))
    asked = replace(found.question, now=instant("2024-03-06"), until=instant("2024-03-06"))
    brought = measure_parts(asked, [friend], "month", 1)
    # The history begins with a referred act, and the gift is the friend's.
    assert brought.total.values["atm_exposure"].denominator == 1
    assert brought.total.values["thanked_soon"].status == "nothing"


def test_frame_of_everything_for_tables() -> None:
    found = metrics(told(GIFT), since="2024-03-01", until="2024-05-01")
    table = found.frame()
    assert table.height == len(METRICS) * 3
    assert table.filter(pl.col("by").is_null(), metric="thanked_soon")["denominator"].to_list() == [
        1
    ]


def test_sparklines_grow_to_their_largest() -> None:
    assert sparkline([0.0, 1.0, None, 2.0]) == "▁▅·█"
    assert sparkline([None, 0.0]) == "·▁"
    assert sparkline([]) == ""
