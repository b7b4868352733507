"""Detection of the date and amount formats of a column from its texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

from ladder.importers.date_formats import compiled
from ladder.importers.date_parsing import instants
from ladder.importers.file_format import Amounts, Dates
from ladder.importers.number_parsing import figures
from ladder.model.calendars import Calendar

_CLOCKS: Final = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")
_DAYS: Final = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d %b %Y",
    "%d. %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%Y.%m.%d",
)
_MIDNIGHTS: Final = ("%Y-%m-%d 00:00:00", "%Y-%m-%d 00:00", "%Y-%m-%dT00:00:00", "%m/%d/%Y 00:00")
_OTHERS: Final = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S %Z", "%a, %d %b %Y %H:%M:%S %z", "%Y")
_BARE: Final = {
    r"^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]$": "%Y%m%d",
    r"^1[0-9]{9}$": "epoch",
    r"^1[0-9]{12}$": "epoch_ms",
    r"^(?:19|20)[0-9]{2}$": "%Y",
}
"""Formats of columns that hold only figures, used where all texts have that shape."""

CANDIDATES: Final = (
    *_MIDNIGHTS,
    "iso",
    *(day + clock for day in _DAYS for clock in _CLOCKS),
    *_OTHERS,
)

_TWINS: Final = (("%d/%m", "%m/%d"), ("%d-%m", "%m-%d"))


@dataclass(frozen=True)
class DateStyle:
    """The formats of a column, the share of texts that they read, and whether times lack a zone.

    `doubtful` says that day and month could be the other way round.
    """

    formats: tuple[str, ...]
    share: float
    naive: bool
    doubtful: bool


def date_style(texts: pl.Series, calendar: Calendar, *, month_first: bool) -> DateStyle:
    """Find the fewest formats that read most of a column."""
    left = texts.drop_nulls().unique(maintain_order=True).head(2000)
    whole = max(len(left), 1)
    formats: list[str] = []
    naive = doubtful = False
    while len(left):
        reads = {
            name: read for name in _likely(left) if (read := _read(left, name, calendar)).any()
        }
        if not reads:
            break
        most = max(int(read.sum()) for read in reads.values())
        ties = [name for name, read in reads.items() if int(read.sum()) == most]
        if most / whole < 0.02 and formats:  # noqa: PLR2004
            break
        chosen = ties[0]
        for one, other in _TWINS:
            twins = [name for name in ties if one in name or other in name]
            if any(one in name for name in twins) and any(other in name for name in twins):
                chosen = next(name for name in twins if (other if month_first else one) in name)
                doubtful = True
        formats.append(chosen)
        unzoned = _read(left, chosen, calendar) & ~_read(left, chosen, calendar, zone=None)
        naive = naive or bool(unzoned.any())
        left = left.filter(~reads[chosen])
    return DateStyle(tuple(formats), 1 - len(left) / whole, naive, doubtful)


def _likely(texts: pl.Series) -> list[str]:
    """Return the formats worth a try: those whose shape one of the first texts has."""
    if texts.str.contains(r"^[0-9.]+$").all():
        bare = [name for shape, name in _BARE.items() if texts.str.contains(shape).all()]
        return bare[:1] or ["%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d"]
    sample = texts.head(60).to_list()
    return [name for name in CANDIDATES if any(map(_shape(name).match, sample))]


@lru_cache(maxsize=256)
def _shape(name: str) -> re.Pattern[str]:
    return re.compile(compiled(name).pattern.replace(r"\p{L}", r"[^\W\d_]"))


def _read(texts: pl.Series, name: str, calendar: Calendar, zone: str | None = "UTC") -> pl.Series:
    return instants(texts, None, Dates(formats=(name,), zone=zone), calendar)["problem"].is_null()


@dataclass(frozen=True)
class AmountStyle:
    """The number format of a column, and the share of its texts that it reads."""

    amounts: Amounts
    share: float


_SIGN: Final = re.compile(r"[^0-9.,\s\-+()'\u2019\u2212\u2013]+")


def amount_style(texts: pl.Series) -> AmountStyle:
    """Find the decimal mark, thousands mark and symbols that read most of a column."""
    distinct = texts.drop_nulls().unique(maintain_order=True).head(2000)
    symbols = sorted({sign for text in distinct.head(200) for sign in _SIGN.findall(text)})
    symbols = symbols if len(symbols) <= 3 else []  # noqa: PLR2004
    best = AmountStyle(Amounts(), 0.0)
    for decimal, thousands in (
        (".", ""),
        (",", ""),
        (".", ","),
        (",", "."),
        (".", "'\u2019"),
        (",", " "),
    ):
        style = Amounts(decimal=decimal, thousands=thousands, symbols=tuple(symbols), finer="round")
        decimals = pl.repeat(2, len(distinct), dtype=pl.Int64, eager=True)
        problems = figures(distinct, decimals, style)["problem"]
        share = int(problems.is_null().sum()) / max(len(distinct), 1)
        if share > best.share:
            best = AmountStyle(style.model_copy(update={"finer": "refuse"}), share)
    return best


def is_in_thousands(texts: pl.Series) -> bool:
    """Whether all marked texts look like "1.250", so that the mark could be either one."""
    marked = texts.drop_nulls().filter(texts.drop_nulls().str.contains(r"[.,]"))
    return len(marked) > 0 and bool(marked.str.contains(r"^[^0-9]*[0-9]{1,3}[.,][0-9]{3}\b").all())
