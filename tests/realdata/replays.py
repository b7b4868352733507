"""An export read by its mapping and evaluated once, and what may be asked of it.

The exports lie outside the repository (`LADDER_SHARED_DATA`, or `shared/data` next to it): nothing
of them may be copied here, so a test that needs one says that it skipped where it is absent.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ladder import catalogue
from ladder.coverage import Coverage
from ladder.documents import load
from ladder.engines import columnar
from ladder.engines.reference.evaluator import Evaluation
from ladder.engines.reference.history import History
from ladder.engines.reference.movements import Movement, findings, movements
from ladder.importers import Batch, Mapping, Refused, read
from ladder.language.ladders import Ladder
from ladder.language.nodes import Condition
from ladder.language.selectors import any_touchpoint
from ladder.model.calendars import to_date
from ladder.model.kinds import KINDS
from ladder.model.money import Rates, to_major
from ladder.model.organisations import Organisation
from tests.six_patterns import six

HERE = Path(__file__).parent
BESIDE = HERE.parents[2] / "shared" / "data"


def shared(*parts: str) -> Path:
    """A file of the shared data; skips the test when it is not there."""
    folder = Path(os.environ.get("LADDER_SHARED_DATA") or BESIDE)
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(
            f"no real data: {'/'.join(parts)} is not in {folder}; "
            "set LADDER_SHARED_DATA to the folder that holds it"
        )
    return path


def ladder_of(name: str) -> Ladder:
    """A ladder of this folder, such as `leeds/ladder.toml`; without an ending, one that ships."""
    return load(HERE / name) if name.endswith(".toml") else catalogue.load(name)


def mapping_of(name: str) -> Mapping:
    """A mapping of this folder, such as `leeds/mapping.toml`."""
    return Mapping.load(HERE / name)


@dataclass(frozen=True)
class Replay:
    """Touchpoints of an export, numbered, and everybody's movements on a ladder."""

    batches: Sequence[Batch]
    organisation: Organisation
    ladder: Ladder
    coverage: tuple[Coverage, ...] = ()

    @classmethod
    def of(
        cls, path: Path, mapping: Mapping | str, organisation: Organisation, ladder: Ladder | str
    ) -> Replay:
        """Read a file with a mapping; names mean files of this folder."""
        mapping = mapping_of(mapping) if isinstance(mapping, str) else mapping
        ladder = ladder_of(ladder) if isinstance(ladder, str) else ladder
        kinds = KINDS.plus(ladder.own_kinds)
        return cls(tuple(read(path, mapping, organisation, kinds)), organisation, ladder)

    def on(self, ladder: Ladder | str) -> Replay:
        """Return the touchpoints on another ladder."""
        ladder = ladder_of(ladder) if isinstance(ladder, str) else ladder
        return replace(self, ladder=ladder)

    def on_default(self, *, logged: bool) -> Replay:
        """Return the touchpoints on the default ladder with six patterns, fully covered or not."""
        update = {"own_kinds": self.ladder.own_kinds, "rates": self.ladder.rates}
        ladder = six().model_copy(update=update)
        coverage = (Coverage(selector=any_touchpoint),) if logged else ()
        return replace(self, ladder=ladder, coverage=coverage)

    def among(self, supporters: list[str]) -> Replay:
        """Only these supporters' touchpoints, with the ids that they have in the whole."""
        return self._only(self.frame.filter(pl.col("supporter").is_in(supporters)))

    def some(self, number: int, seed: int) -> Replay:
        """Only that many touchpoints, drawn at random."""
        return self._only(self.frame.sample(number, seed=seed).sort("id"))

    def _only(self, frame: pl.DataFrame) -> Replay:
        batch = replace(self.batches[0], frame=frame, rows=frame["id"].alias("row"))
        return replace(self, batches=(batch,))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The touchpoints in the order of the file, with their number as `id`."""
        whole = pl.concat([batch.frame for batch in self.batches])
        if "id" in whole.columns:
            return whole
        return whole.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))

    @property
    def refused(self) -> list[Refused]:
        """Rows not taken."""
        return [refused for batch in self.batches for refused in batch.refused]

    @property
    def rows_read(self) -> int:
        """Rows that the file has."""
        return sum(batch.rows_read for batch in self.batches)

    @property
    def ignored(self) -> int:
        """Rows that the mapping passes over."""
        return sum(batch.ignored for batch in self.batches)

    @cached_property
    def result(self) -> columnar.Result:
        """Everybody's movements and findings, by the columnar evaluator."""
        return columnar.evaluate(self.frame, self.ladder, self.organisation, self.coverage)

    def standing(self, at: int) -> pl.DataFrame:
        """Return standings at an instant: supporter, after, height_after; none below the ladder."""
        there = (pl.col("at") <= at) & (at < pl.col("until")) & (pl.col("height_after") > 0)
        return self.result.movements.filter(there).select("supporter", "after", "height_after")

    def count_by_rung(self, at: int) -> dict[str, int]:
        """How many stand on each rung at an instant."""
        return dict(self.standing(at).group_by("after").len().iter_rows())

    def true_for(self, condition: Condition, at: int) -> set[str]:
        """Return the supporters for which a condition is true at an instant, by its episodes."""
        episodes = self.episodes(condition)
        return set(episodes.filter((pl.col("start") <= at) & (at < pl.col("end")))["supporter"])

    def episodes(self, condition: Condition) -> pl.DataFrame:
        """The episodes of a condition: supporter, start, end."""
        return columnar.episodes(
            condition, self.frame, self.ladder, self.organisation, self.coverage
        )

    def end_of(self, day: date) -> int:
        """The last instant of a day."""
        return self.organisation.calendar.as_of(day)

    def sample(self, number: int, busiest: int = 2, seed: int = 20) -> list[str]:
        """Some supporters at random, half of them with several touchpoints, and the busiest."""
        counts = self.frame.group_by("supporter").len().sort("len", "supporter", descending=True)
        everybody = counts["supporter"].to_list()
        several = counts.filter(pl.col("len") > 1)["supporter"].to_list()[busiest:]
        draw = random.Random(seed)
        chosen = set(draw.sample(several, min(number // 2, len(several))))
        rest = [supporter for supporter in everybody[busiest:] if supporter not in chosen]
        chosen.update(draw.sample(rest, min(number - len(chosen), len(rest))))
        return everybody[:busiest] + sorted(chosen)

    def rows_of(self, supporters: list[str]) -> dict[str, list[tuple[Any, ...]]]:
        """Each supporter's touchpoints as the database holds them."""
        mine = self.frame.filter(pl.col("supporter").is_in(supporters))
        found: dict[str, list[tuple[Any, ...]]] = {supporter: [] for supporter in supporters}
        for row in mine.iter_rows():
            found[row[1]].append(row)
        return found

    def told(self, supporters: list[str]) -> Told:
        """These supporters' movements and findings as the replay has them."""
        mine = pl.col("supporter").is_in(supporters)
        return Told(
            sorted(self.result.movements.filter(mine).iter_rows()),
            sorted(self.result.findings.filter(mine).iter_rows()),
        )

    def told_live(self, supporters: list[str], shuffled: random.Random | None = None) -> Told:
        """Evaluate by the reference engine, from rows in any order."""
        moved: list[tuple[Any, ...]] = []
        found: list[tuple[Any, ...]] = []
        for supporter, rows in self.rows_of(supporters).items():
            if shuffled is not None:
                shuffled.shuffle(rows)
            reading = self.reading_of(rows)
            moved += [_moved(supporter, each) for each in movements(reading, self.ladder)]
            found += [
                (supporter, each.pattern, each.severity, each.at, each.until)
                for each in findings(reading, self.ladder)
            ]
        return Told(sorted(moved), sorted(found))

    def reading_of(self, rows: list[tuple[Any, ...]]) -> Evaluation:
        """One supporter's history by the reference evaluator."""
        kinds, rates = self.ladder.kinds, self.ladder.rates
        history = History.from_rows(rows, self.organisation, kinds, rates=rates)
        return Evaluation(history, self.organisation, self.ladder, self.coverage)


@dataclass(frozen=True)
class Told:
    """Movements and findings as plain rows, whichever evaluator told them."""

    movements: list[tuple[Any, ...]]
    findings: list[tuple[Any, ...]]


def _moved(supporter: str, each: Movement) -> tuple[Any, ...]:
    """A movement of the reference evaluator in the columns of the columnar one."""
    return (
        supporter, each.at, each.until, each.kind, str(each.before), each.before.height,
        str(each.after), each.after.height, "+".join(each.skipped), each.new_peak, each.cause,
        sorted(fact.id for fact in each.causes),
    )  # fmt: skip


def dollars_of(details: str) -> Decimal:
    """Return the value that a donor noted at a gift: "$10,000"."""
    return Decimal(json.loads(details)["dollars"].replace("$", "").replace(",", ""))


def in_dollars(gifts: Replay) -> Rates:
    """Make a converter from the noted dollar values: the worth of one unit on each day."""
    day_of = gifts.organisation.calendar.day_of
    rates = {
        (currency, to_date(day_of(at))): dollars_of(details) / to_major(amount, currency)
        for currency, at, amount, details in gifts.frame.select(
            "currency", "at", "amount", "details"
        ).iter_rows()
        if currency != "USD"
    }
    return Rates.of("USD", [(currency, day, rate) for (currency, day), rate in rates.items()])
