"""Reading the spec cases: chapters of TOML files, each case a rule that both evaluators keep."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ladder.coverage import Coverage
from ladder.documents import parse_condition, parse_selector
from ladder.engines.reference.facts import Row, row_of
from ladder.language.ladders import Ladder, Rung
from ladder.language.nodes import Condition
from ladder.model.calendars import FOREVER, Calendar
from ladder.model.kinds import KINDS
from ladder.model.money import Rates
from ladder.model.organisations import Organisation
from ladder.model.touchpoints import Key, Touchpoint

FOLDER = Path(__file__).parent / "cases"
SUPPORTER = "Ada"
WHEN = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(\*?))?\s+(\w+)\s*(.*)"
)


@dataclass(frozen=True)
class Case:
    """One rule: what happened, what is asked, when it is true."""

    title: str
    touchpoints: str
    episodes: tuple[str, ...]
    condition: str
    because: str = ""
    organisation: dict[str, Any] = field(default_factory=dict)
    coverage: tuple[dict[str, str], ...] = ()
    rungs: dict[str, str] = field(default_factory=dict)
    rates: tuple[tuple[str, str, str], ...] = ()

    @cached_property
    def where(self) -> Organisation:
        """Berlin, euros and calendar years unless the case says otherwise."""
        return Organisation(**{"zone": "Europe/Berlin", "currency": "EUR", **self.organisation})

    @property
    def calendar(self) -> Calendar:
        return self.where.calendar

    @cached_property
    def asked(self) -> Condition:
        return parse_condition(self.condition)

    @cached_property
    def ladder(self) -> Ladder:
        """The rungs that `holds` may name."""
        rungs = tuple(
            Rung(key=key, enter=parse_condition(text)) for key, text in self.rungs.items()
        )
        rows = [(code, date.fromisoformat(day), Decimal(rate)) for code, day, rate in self.rates]
        rates = Rates.of(self.where.currency, rows) if rows else None
        return Ladder(key="case", rungs=rungs, rates=rates)

    @cached_property
    def declared(self) -> list[Coverage]:
        return [
            Coverage(
                selector=parse_selector(each["of"]),
                source=each.get("source"),
                **{
                    edge: self.calendar.instant(_moment(each[edge], self.where.zone))
                    for edge in ("since", "until")
                    if edge in each
                },
            )
            for each in self.coverage
        ]

    @cached_property
    def rows(self) -> list[Row]:
        """The table's lines as rows, numbered; `by=` makes it somebody else's act."""
        lines = [line.strip() for line in self.touchpoints.strip().splitlines()]
        return [
            row_of(self._touchpoint(line), number, self.where, KINDS)
            for number, line in enumerate(lines)
        ]

    def _touchpoint(self, line: str) -> Touchpoint:
        match = WHEN.fullmatch(line)
        assert match, f"{self.title}: cannot read {line!r}"
        day, clock, later, kind, rest = match.groups()
        words = dict(part.split("=", 1) for part in rest.split())
        at: date = date.fromisoformat(day)
        if clock:
            local = datetime.fromisoformat(f"{day} {clock}")
            at = local.replace(tzinfo=ZoneInfo(self.where.zone), fold=1 if later else 0)
        known = {"id": "external_id", "by": "supporter"}
        fields: dict[str, Any] = {"supporter": SUPPORTER, "source": "crm", "kind": kind, "at": at}
        details = {}
        for word, value in words.items():
            name = known.get(word, word)
            if name in Touchpoint.model_fields:
                fields[name] = value
            else:
                plain = value.isalpha() and value not in ("true", "false")
                details[name] = value if plain else json.loads(value)
        if "answers" in fields:
            fields["answers"] = Key("crm", fields["answers"])
        return Touchpoint(**fields, details=details or None).with_defaults(KINDS.find(kind))

    @property
    def expected(self) -> list[tuple[int, int]]:
        """The episodes as instants."""
        return [self._episode(text) for text in self.episodes]

    def _episode(self, text: str) -> tuple[int, int]:
        start, end = (part.strip() for part in text.split(".."))
        return self._instant(start), FOREVER if end == "" else self._instant(end)

    def _instant(self, text: str) -> int:
        return self.calendar.instant(_moment(text.rstrip("*"), self.where.zone, text.endswith("*")))


def _moment(text: str, zone: str, later: bool = False) -> date:
    if " " not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=ZoneInfo(zone), fold=1 if later else 0)


@dataclass(frozen=True)
class Chapter:
    """A file of cases with the words around them."""

    name: str
    title: str
    text: str
    cases: tuple[Case, ...]


def chapters() -> list[Chapter]:
    """All chapters, in the order of their file names."""
    return [_chapter(path) for path in sorted(FOLDER.glob("*.toml"))]


def _chapter(path: Path) -> Chapter:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    cases = tuple(_case(each) for each in content["case"])
    return Chapter(path.stem, content["title"], content["text"], cases)


def _case(entry: dict[str, Any]) -> Case:
    entry = dict(entry)
    for name in ("episodes", "coverage"):
        entry[name] = tuple(entry.get(name, ()))
    entry["rates"] = tuple(tuple(row) for row in entry.get("rates", ()))
    return Case(**entry)
