"""A preview of a mapping on a file, without storing anything: for `--dry-run`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from ladder.engines.columnar.calendar_arrays import days_of
from ladder.importers.importer import Batch, read
from ladder.importers.instalments import Regular, regular
from ladder.importers.mapping import Mapping
from ladder.importers.placeholders import ADVICE, Crowd, crowds
from ladder.importers.rejections import Refused
from ladder.model.kinds import Kinds
from ladder.model.money import to_major
from ladder.model.organisations import Organisation

_LIMIT: Final = 200_000
_SAYS_SO: Final = pl.col("kind") == "placeholder"


@dataclass(frozen=True)
class Preview:
    """The touchpoints that the rows would become.

    `whole` is false if only the first rows were read. `by_kind` and `by_reason` count, the most
    frequent first (reasons without row and text). `examples` are touchpoints with their row,
    `refused` the first rows that would be rejected. `placeholders` counts touchpoints of
    placeholders, which `supporters` does not count. `crowds` are supporters who are hardly one
    person. `regular` counts donations that look like instalments of a commitment.
    """

    rows_read: int
    whole: bool
    touchpoints: int
    supporters: int
    placeholders: int
    ignored: int
    refusals: int
    by_kind: dict[str, int]
    by_reason: dict[str, int]
    first: str
    last: str
    examples: tuple[tuple[int, dict[str, Any]], ...]
    refused: tuple[Refused, ...]
    crowds: tuple[Crowd, ...]
    regular: Regular

    def lines(self) -> Iterator[str]:
        """Yield the preview in plain lines."""
        beginning = "" if self.whole else "the first "
        summary = f"{self.touchpoints:,} touchpoints of {self.supporters:,} supporters"
        yield f"{beginning}{self.rows_read:,} rows: {summary}, {self.first} to {self.last}"
        if self.placeholders:
            yield f"{self.placeholders:,} of them are nobody's in particular"
        yield f"{self.refusals:,} rows refused, {self.ignored:,} ignored"
        yield from (f"  {kind}: {count:,}" for kind, count in self.by_kind.items())
        for row, touchpoint in self.examples:
            values = ", ".join(f"{name} {value}" for name, value in touchpoint.items())
            yield f"row {row}: {values}"
        yield from (f"refused {count:,} times: {why}" for why, count in self.by_reason.items())
        for crowd in self.crowds:
            yield f"{crowd} {ADVICE}"
        if self.regular.gifts:
            yield str(self.regular)


def preview(
    path: str | Path,
    mapping: Mapping,
    organisation: Organisation,
    kinds: Kinds,
    rows: int = 5,
    limit: int = _LIMIT,
) -> Preview:
    """Read up to about `limit` rows (whole batches) and preview them, with `rows` examples."""
    rows_read = 0
    batches: list[Batch] = []
    refused: list[Refused] = []
    counts: Counter[str] = Counter()
    whole = True
    for batch in read(path, mapping, organisation, kinds, batch_rows=min(limit, 50_000)):
        if rows_read >= limit:
            whole = False
            break
        rows_read += batch.rows_read
        batches.append(batch)
        counts.update(_bare(reason) for rejection in batch.refused for reason in rejection.reasons)
        refused += batch.refused[: max(0, rows - len(refused))]
    frame = pl.concat([batch.frame for batch in batches])
    numbers = pl.concat([batch.rows for batch in batches])
    nobody = pl.col("supporter").is_in(frame.filter(_SAYS_SO)["supporter"].unique().implode())
    numbers = numbers.filter(frame.select(~_SAYS_SO).to_series())
    frame = frame.with_columns(nobody.alias("nobody")).filter(~_SAYS_SO)
    earliest, latest = frame["at"].min(), frame["at"].max()
    by_kind = frame["kind"].value_counts(sort=True)
    return Preview(
        rows_read=rows_read,
        whole=whole,
        touchpoints=len(frame),
        supporters=frame.filter(~pl.col("nobody"))["supporter"].n_unique(),
        placeholders=int(frame["nobody"].sum()),
        ignored=sum(batch.ignored for batch in batches),
        refusals=sum(len(batch.refused) for batch in batches),
        by_kind=dict(by_kind.iter_rows()),
        by_reason=dict(counts.most_common(20)),
        first=_day(earliest, organisation),
        last=_day(latest, organisation),
        examples=tuple(
            _examples(frame.head(rows).drop("nobody"), numbers.head(rows), organisation)
        ),
        refused=tuple(refused),
        crowds=tuple(_crowds(frame, organisation)),
        regular=regular(frame.filter(~pl.col("nobody")), organisation.calendar),
    )


def _crowds(frame: pl.DataFrame, organisation: Organisation) -> list[Crowd]:
    days = days_of(organisation.calendar, frame["at"].to_numpy())
    named = frame.select("supporter", "nobody", pl.Series("day", days)).filter(~pl.col("nobody"))
    counted = named.group_by("supporter", "day").len("touchpoints")
    date = pl.col("day").cast(pl.Int32).cast(pl.Date).cast(pl.String)
    return crowds(counted.with_columns(date.alias("day")))


def _bare(reason: str) -> str:
    """Return a reason without the parts that differ from row to row."""
    return re.sub(r"^row \d+(?:, )?", "", re.sub(r"'[^']*' ", "", reason, count=2)).lstrip(": ")


def _day(instant: object, organisation: Organisation) -> str:
    return organisation.calendar.text(instant)[:10] if isinstance(instant, int) else "-"


def _examples(
    frame: pl.DataFrame, numbers: pl.Series, organisation: Organisation
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield touchpoints in readable form, without empty fields."""
    for number, row in zip(numbers.to_list(), frame.iter_rows(named=True), strict=True):
        values = {name: value for name, value in row.items() if value not in (None, "")}
        calendar = organisation.calendar
        values["at"] = calendar.text(row["at"])[: 10 if row["date_only"] else None]
        del values["date_only"]
        if row["amount"] is not None:
            values["amount"] = str(to_major(row["amount"], row["currency"]))
        if row["quantity"] is not None:
            values["quantity"] = f"{row['quantity'] / 1_000_000:g}"
        yield number, values
