"""A small organisation in Berlin, told in lines, and what its metrics say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ladder.coverage import Coverage
from ladder.documents import parse_selector
from ladder.engines.reference.facts import Row
from ladder.language.ladders import Ladder
from ladder.model.calendars import to_instant
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from ladder.reports.metrics import Metrics, MetricsQuestion, Pieces, Value, measure_parts
from ladder.storage.read.history_batches import Part
from tests.histories import frame
from tests.six_patterns import six

BERLIN = Organisation(key="alder", zone="Europe/Berlin", currency="EUR")
ALL = (Coverage(selector=parse_selector("any_touchpoint")),)


def instant(text: str) -> int:
    """2024-03-05, or 2024-03-05 10:00 as Berlin's clocks show it; * is the second of two such."""
    if len(text) == 10:
        return BERLIN.calendar.instant(date.fromisoformat(text))
    fold = text.endswith("*")
    local = datetime.fromisoformat(text.rstrip("*")).replace(
        tzinfo=ZoneInfo("Europe/Berlin"), fold=int(fold)
    )
    return to_instant(local)


def told(*lines: str) -> list[Row]:
    """Touchpoints: `who, when, kind` and then `field=value`; ids are g1, g2 … where given."""
    rows = []
    for n, line in enumerate(lines):
        supporter, when, name, *more = (part.strip() for part in line.split(","))
        kind = KINDS[name]
        fields: dict[str, Any] = dict(part.split("=", 1) for part in more)
        if "purposes" in fields:
            fields["purposes"] = fields["purposes"].replace("+", ",")
        for key in ("amount", "referrer"):
            if key in fields:
                fields[key] = int(fields[key])
        if "automated" in fields:
            fields["automated"] = fields["automated"] == "yes"
        usual = {
            "direction": kind.direction, "purposes": ",".join(sorted(kind.purposes)),
            "asks_for": kind.asks_for, "audience": kind.audience, "automated": kind.automated,
        }  # fmt: skip
        key = fields.pop("id", f"n{n}")
        answers = fields.pop("answers", None)
        rows.append(
            Row(
                id=n, supporter=int(supporter), kind=name, at=instant(when),
                date_only=len(when) == 10,
                source="crm", external_id=key, answers_id=answers, **usual | fields,
            )
        )  # fmt: skip
    return rows


def parts(rows: list[Row], size: int | None = None) -> Iterable[Part]:
    """As storage hands them on, so many supporters in a part."""
    people = sorted({row.supporter for row in rows if isinstance(row.supporter, int)})
    size = size or len(people) or 1
    for first in range(0, len(people), size):
        whose = people[first : first + size]
        mine = [row for row in rows if row.supporter in whose]
        others = [row for row in rows if row.referrer in whose and row.supporter not in whose]
        yield Part(pl.Series(whose, dtype=pl.Int64), frame(mine), frame(others))


def metrics(
    rows: list[Row],
    *,
    now: str = "2025-06-30 12:00",
    since: str = "2020-01-01",
    until: str | None = None,
    coverage: Iterable[Coverage] = ALL,
    ladder: Ladder | None = None,
    pieces: Pieces | None = None,
    by: Any = "month",
    minimum: int = 1,
    size: int | None = None,
) -> Metrics:
    """Return the metrics of these touchpoints."""
    present = instant(now)
    end = present + 1 if until is None else instant(until)
    asked = MetricsQuestion(
        BERLIN, ladder or six(), tuple(coverage), pieces or Pieces.from_catalogue(),
        instant(since), end, present,
    )  # fmt: skip
    return measure_parts(asked, parts(rows, size), by, minimum)


def logged(selector: str, since: str | None = None, until: str | None = None) -> Coverage:
    """A declaration."""
    edges = {}
    if since:
        edges["since"] = instant(since)
    if until:
        edges["until"] = instant(until)
    return Coverage(selector=parse_selector(selector), **edges)


def said(found: Metrics, key: str, name: str | None = None) -> Value:
    """One metric of one month or campaign."""
    return next(row.values[key] for row in found.rows if row.name == name)
