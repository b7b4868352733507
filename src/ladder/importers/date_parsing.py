"""Texts of a date column to instants, with the results of `ladder.model.calendars`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt
import polars as pl

from ladder.engines.columnar.calendar_arrays import day_starts
from ladder.errors import nearest
from ladder.importers.date_formats import MONTHS, DateFormat, compiled
from ladder.importers.file_format import Dates
from ladder.model.calendars import DAY, FIRST_DAY, HOUR, LAST_DAY, SECOND, Calendar

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MINUTE: Final = 60 * SECOND
_PIVOT: Final = 69
"""The first two-digit year of 19xx: 69 to 99 are 19xx, 00 to 68 are 20xx (as in POSIX)."""

_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?:?(\d{2})?")
_BEYOND: Final = "lies outside the years that calendars reckon with"


def instants(
    texts: pl.Series, zones: pl.Series | None, dates: Dates, calendar: Calendar
) -> pl.DataFrame:
    """Parse texts to `at` (microseconds), `date_only` and, where that fails, a `problem`.

    `zones` holds the zone or offset per row, if the file has one. Every distinct pair of text and
    zone is parsed once. A time that a clock shows twice is the first of the two. A time that a
    clock skips is read with the offset before the gap. Both are `fold=0` of `datetime`.
    """
    zones = _repeat(None, len(texts)) if zones is None else zones
    distinct = pl.DataFrame([texts.alias("text"), zones.alias("zone")])
    different = distinct.unique(maintain_order=True)
    parsed = different.hstack(_Reading(different, dates, calendar).told())
    joined = distinct.join(
        parsed, on=["text", "zone"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.select("at", "date_only", "problem")


class _Reading:
    """One pass over the distinct texts; a format takes what the formats before it left."""

    def __init__(self, distinct: pl.DataFrame, dates: Dates, calendar: Calendar) -> None:
        self._texts = distinct["text"]
        self._dates = dates
        self._calendar = calendar
        self._at = np.zeros(len(distinct), dtype=np.int64)
        self._date_only = np.zeros(len(distinct), dtype=np.bool_)
        self._read = self._texts.is_null().to_numpy().copy()
        self._problems: list[str | None] = [None] * len(distinct)
        self._zones = distinct["zone"]
        for place in np.flatnonzero(self._read):
            self._problems[place] = "is blank: every touchpoint needs its date"

    def told(self) -> list[pl.Series]:
        """Try all formats and return the columns at, date_only and problem."""
        for text in self._dates.formats:
            if not self._read.all():
                self._try(compiled(text))
        tried = ", ".join(self._dates.formats)
        for place in np.flatnonzero(~self._read):
            self._problems[place] = (
                f"{self._texts[int(place)]!r} is not a valid date (tried {tried})"
            )
        return [
            pl.Series("at", self._at),
            pl.Series("date_only", self._date_only),
            pl.Series("problem", self._problems, dtype=pl.String),
        ]

    def _try(self, form: DateFormat) -> None:
        places = np.flatnonzero(~self._read)
        parts = self._texts.gather(places).str.extract_groups(form.pattern).struct.unnest()
        fits = parts["whole"].is_not_null().to_numpy()
        places, parts = places[fits], parts.filter(pl.Series(fits))
        if not len(places):
            return
        if form.groups & {"epoch", "epoch_ms"}:
            self._at[places] = _since_epoch(parts)
            self._read[places] = True
            return
        days, valid = _days(parts)
        clock, timed, in_day = _clock(parts)
        good = valid & in_day
        places, days, clock, timed = places[good], days[good], clock[good], timed[good]
        parts = parts.filter(pl.Series(good))
        self._read[places] = True
        self._keep_dates(places[~timed], days[~timed])
        self._keep_times(
            places[timed], days[timed] * DAY + clock[timed], parts.filter(pl.Series(timed))
        )

    def _keep_dates(self, places: Ints, days: Ints) -> None:
        self._date_only[places] = True
        fits = (days >= FIRST_DAY) & (days <= LAST_DAY)
        self._refuse(places[~fits], _BEYOND)
        self._at[places[fits]] = day_starts(self._calendar, days[fits])

    def _keep_times(self, places: Ints, local: Ints, parts: pl.DataFrame) -> None:
        """Convert the rows zone by zone, or offset by offset."""
        own = [parts[name] for name in ("offset", "zone") if name in parts.columns]
        theirs = [*own, self._zones.gather(places), _repeat(self._dates.zone, len(places))]
        coded = pl.select(pl.coalesce(theirs)).to_series()
        for name in coded.unique().to_list():
            mine = coded.eq_missing(name).to_numpy()
            self._keep_zone(name, places[mine], local[mine])

    def _keep_zone(self, name: str | None, places: Ints, local: Ints) -> None:
        if name is None:
            advice = 'say zone = "Europe/Berlin" (whichever clock wrote it) under [dates], or name'
            self._refuse(places, f"has no time zone: {advice} its column as zone under [columns]")
            return
        fits = (local >= FIRST_DAY * DAY) & (local <= LAST_DAY * DAY)
        self._refuse(places[~fits], _BEYOND)
        places, local = places[fits], local[fits]
        offset = _offset(name)
        if offset is not None:
            self._at[places] = local - offset
            return
        if not _is_zone(name):
            self._refuse(places, f"has the unknown time zone {name!r}{_advice(name)}")
            return
        self._at[places] = from_wall_clock(name, local)

    def _refuse(self, places: Ints, why: str) -> None:
        for place in places.tolist():
            self._problems[place] = f"{self._texts[place]!r} {why}"


def from_wall_clock(zone: str, local: Ints) -> Ints:
    """Convert wall-clock microseconds to instants; `zone` is a known name.

    A day at whose two ends the clock has one offset (nearly all) needs one subtraction. The values
    of other days are looked up in `zoneinfo` one by one.
    """
    days, which = np.unique(local // DAY, return_inverse=True)
    begins = np.array([_wall_offset(zone, int(day) * DAY) for day in days], dtype=np.int64)
    ends = np.array([_wall_offset(zone, int(day + 1) * DAY) for day in days], dtype=np.int64)
    offsets = begins[which]
    for place in np.flatnonzero((begins != ends)[which]):
        offsets[place] = _wall_offset(zone, int(local[place]))
    return local - offsets


@lru_cache(maxsize=100_000)
def _wall_offset(zone: str, local: int) -> int:
    moment = datetime(1970, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(microseconds=local)
    offset = moment.utcoffset()
    assert offset is not None  # a ZoneInfo always knows its offset  # noqa: S101
    return offset // timedelta(microseconds=1)


def _repeat(text: str | None, length: int) -> pl.Series:
    return pl.repeat(text, length, dtype=pl.String, eager=True)


def _part(parts: pl.DataFrame, name: str, otherwise: int = 0) -> Ints:
    if name not in parts.columns:
        return np.full(len(parts), otherwise, dtype=np.int64)
    return parts[name].cast(pl.Int64).fill_null(otherwise).to_numpy().astype(np.int64)


def _fraction(parts: pl.DataFrame) -> Ints:
    """Return microseconds; the nanoseconds that some systems write are cut off."""
    if "fraction" not in parts.columns:
        return np.zeros(len(parts), dtype=np.int64)
    nine = parts["fraction"].fill_null("0").str.pad_end(9, "0")
    return nine.cast(pl.Int64).to_numpy() // np.int64(1000)


def _since_epoch(parts: pl.DataFrame) -> Ints:
    if "epoch_ms" in parts.columns:
        return _part(parts, "epoch_ms") * 1000
    fraction = _fraction(parts)
    before = parts["epoch"].str.starts_with("-").to_numpy()
    return _part(parts, "epoch") * SECOND + np.where(before, -fraction, fraction)


def _days(parts: pl.DataFrame) -> tuple[Ints, Flags]:
    """Return days since 1970, and a mask of the days that exist."""
    year, month, day = _part(parts, "year"), _part(parts, "month", 1), _part(parts, "day", 1)
    if "short" in parts.columns:
        short = _part(parts, "short")
        year = short + np.where(short >= _PIVOT, np.int64(1900), np.int64(2000))
    if "name" in parts.columns:
        names = parts["name"].str.to_lowercase()
        month = names.replace_strict(MONTHS, default=0, return_dtype=pl.Int64).to_numpy()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
    exists = (year >= 1) & (month >= 1) & (month <= 12)  # noqa: PLR2004
    longest = lengths[np.where(exists, month, 0)] + (leap & (month == 2))  # noqa: PLR2004
    return _civil(year, month, day), exists & (day >= 1) & (day <= longest)


def _civil(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01; years begin in March, so that a leap day ends a year."""
    shifted = year - (month <= 2)  # noqa: PLR2004
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    result: Ints = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return result


def _clock(parts: pl.DataFrame) -> tuple[Ints, Flags, Flags]:
    """Return microseconds since midnight, a mask of rows with a time, and a mask of valid times."""
    named = "twelve" if "twelve" in parts.columns else "hour"
    hour, minute, second = _part(parts, named), _part(parts, "minute"), _part(parts, "second")
    exists = (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004
    if named == "twelve":
        exists &= (hour >= 1) & (hour <= 12)  # noqa: PLR2004
        evening = parts["half"].str.to_lowercase().eq("p").to_numpy()
        hour = hour % 12 + 12 * evening
    timed = np.zeros(len(parts), dtype=np.bool_)
    if named in parts.columns:
        timed = parts[named].is_not_null().to_numpy().copy()
    clock = hour * HOUR + minute * _MINUTE + second * SECOND + _fraction(parts)
    return clock, timed, exists


@lru_cache(maxsize=1000)
def _offset(name: str) -> int | None:
    """Parse "+02:00", "-0530", "UTC+1" or "Z" to microseconds; None for the name of a zone."""
    if name.upper() in ("Z", "UTC", "GMT"):
        return 0
    match = _OFFSET.fullmatch(name.upper().replace(" ", ""))
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    return sign * (hours * HOUR + minutes * _MINUTE + seconds * SECOND)


@lru_cache(maxsize=1000)
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=100)
def _advice(name: str) -> str:
    return nearest(name, available_timezones()) or ": give an IANA name or an offset"
