"""Definitions of the metrics, and the value of a metric for a period or campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ladder.model.disclosure import SHARE

Unit = Literal["share", "days", "number"]
Status = Literal["measured", "too few", "too young", "not assessable", "nothing"]


@dataclass(frozen=True)
class Metric:
    """One metric. `of` is the name of what the denominator counts.

    `title` is the full title; `short` is the title next to other metrics of its `theme`. Both can
    contain a span as `{piece}`.

    `requires` names the coverage that must be declared; `by_campaign` is true if the metric can be
    split by campaign. `better` is the direction an organisation hopes for: "up", "down" or ""
    (neither).
    """

    key: str
    theme: str
    title: str
    short: str
    unit: Unit
    of: str
    requires: str
    better: Literal["up", "down", ""] = "up"
    by_campaign: bool = True


@dataclass(frozen=True)
class Value:
    """Value of a metric; `value` is None unless the status is `measured`.

    `numerator` is None for medians. `young` rows are left out because their time has not passed
    yet, `unknown` rows because the log is not declared to cover what is needed. `dismissed`
    supporters have only dismissed findings.
    """

    status: Status
    value: float | None
    numerator: int | None
    denominator: int
    young: int = 0
    unknown: int = 0
    dismissed: int = 0


def make_value(
    number: float | None,
    numerator: int | None,
    denominator: int,
    *,
    young: int = 0,
    unknown: int = 0,
    covered: bool = True,
    minimum: int = SHARE,
) -> Value:
    """Return a figure if enough rows are known, and otherwise the main reason why not.

    At least `minimum` rows (one at the least) make a figure.
    """
    enough = max(1, minimum)
    status: Status = "too few"
    if denominator >= enough:
        status = "measured"
    elif unknown and denominator + unknown >= enough and unknown >= young:
        status = "not assessable"
    elif young and denominator + young >= enough:
        status = "too young"
    elif not denominator:
        status = "nothing"
        if unknown or not covered:
            status = "not assessable"
        elif young:
            status = "too young"
    figure = number if status == "measured" else None
    return Value(status, figure, numerator, denominator, young, unknown)


_THANKS = "every personal thank-you, from the gift to the end of the time allowed"
_REPORTS = "every report on what gifts did, from the gift to the end of the time allowed"
_TOUCHES = "everything that is sent, said or called to supporters"
_ANSWERS = "every reply, from the question to the end of the time allowed"
_GIFTS = "gifts"
_QUERIES = "questions"

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "atm_exposure", "Like a cash machine", "Supporters with a serious finding", "serious",
        "share", "supporters",
        "serious patterns in the ladder, and what those need (see `ladder findings`)",
        "down", by_campaign=False,
    ),
    Metric(
        "thanked_soon", "Thanks", "Thanked within {thank_soon}", "{thank_soon}",
        "share", _GIFTS, _THANKS,
    ),
    Metric(
        "thanked_late", "Thanks", "Thanked within {thank_late}", "{thank_late}",
        "share", _GIFTS, _THANKS,
    ),
    Metric(
        "thank_days", "Thanks", "Time until half are thanked", "half by",
        "days", _GIFTS, _THANKS, "down",
    ),
    Metric(
        "unthanked", "Thanks", "Not thanked to this day", "unthanked",
        "share", _GIFTS, "every personal thank-you, from the gift until now", "down",
    ),
    Metric(
        "reported_before_ask", "Reports", "Reported on before the next ask", "before next ask",
        "share", _GIFTS,
        "every report and request for money, from the gift to the next request",
    ),
    Metric(
        "reported_late", "Reports", "Reported on within {report_late}", "{report_late}",
        "share", _GIFTS, _REPORTS,
    ),
    Metric(
        "gives_before_ask", "Asking", "Contacts before the first ask", "before first ask",
        "number", "first asks", f"{_TOUCHES}, from the first contact on",
    ),
    Metric(
        "asked_first", "Asking", "Asked before anything else", "asked first",
        "share", "first asks", f"{_TOUCHES}, from the first contact on", "down",
    ),
    Metric(
        "nonask_per_ask", "Asking", "Other contacts per ask", "others per ask",
        "number", "asks", _TOUCHES,
    ),
    Metric(
        "answered_soon", "Answers", "Answered within {answer_soon}", "{answer_soon}",
        "share", _QUERIES, _ANSWERS,
    ),
    Metric(
        "answered_late", "Answers", "Answered within {answer_missing}", "{answer_missing}",
        "share", _QUERIES, _ANSWERS,
    ),
    Metric(
        "answered", "Answers", "Answered to this day", "to this day",
        "share", _QUERIES, "every reply, from the question until now",
    ),
    Metric(
        "answer_days", "Answers", "Time until half are answered", "half by",
        "days", _QUERIES, _ANSWERS, "down",
    ),
    Metric(
        "conversation", "Conversation", "Replies and conversations", "share",
        "share", "contacts", _TOUCHES,
    ),
)  # fmt: skip
"""All metrics, in display order."""

BY_KEY: Final = {metric.key: metric for metric in METRICS}
