"""Texts to instants: exact, and as `ladder.model.calendars` and `zoneinfo` say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.importers.date_formats import compiled
from ladder.importers.date_parsing import from_wall_clock, instants
from ladder.importers.file_format import Dates
from ladder.model.calendars import Calendar, to_day, to_instant
from tests.importers.exports import Exports, at

ZONES = st.sampled_from(
    (
        *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"),
        *("Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo", "Asia/Beirut", "UTC"),
    )
)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2060, 1, 1))  # noqa: DTZ001
FORMATS = st.sampled_from(
    (
        *("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d %B %Y", "%b %d, %Y"),
        *("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y%m%dT%H%M%S"),
        *("%Y-%m-%dT%H:%M:%S.%f", "%a %d %b %Y %H:%M", "%H:%M %d/%m/%Y"),
    )
)


def told(texts: list[str | None], zone: str | None = None, *formats: str) -> pl.DataFrame:
    dates = Dates(formats=formats or ("iso",), zone=zone)
    return instants(pl.Series(texts, dtype=pl.String), None, dates, Calendar("Europe/Berlin"))


@given(MOMENTS, ZONES, FORMATS)
def test_dates_of_strftime_are_read_as_by_strptime(moment: datetime, zone: str, form: str) -> None:
    text = moment.strftime(form)
    meant = datetime.strptime(text, form)  # noqa: DTZ007
    read = told([text], zone, form)
    assert read["problem"].to_list() == [None]
    timed = any(letter in form for letter in ("%H", "%I"))
    assert read["date_only"].to_list() == [not timed]
    if timed:
        assert read["at"][0] == to_instant(meant.replace(tzinfo=ZoneInfo(zone)))
    else:
        assert read["at"][0] == Calendar("Europe/Berlin").day_start(to_day(meant.date()))


@given(st.text(alphabet="0123456789-./: ", max_size=12))
def test_text_rejected_by_python_is_not_a_date(text: str) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"):
        try:
            meant = datetime.strptime(text.strip(), form)  # noqa: DTZ007
        except ValueError:
            meant = None
        read = told([text.strip()], None, form)
        if read["problem"][0] is None:
            assert meant is not None


@given(st.lists(MOMENTS, min_size=1, max_size=30), ZONES)
def test_wall_clocks_are_those_of_zoneinfo_with_fold_0(moments: list[datetime], zone: str) -> None:
    near = [moment + timedelta(minutes=15 * step) for moment in moments for step in range(4)]
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001
    local = [(moment - epoch) // timedelta(microseconds=1) for moment in near]
    meant = [to_instant(moment.replace(tzinfo=ZoneInfo(zone), fold=0)) for moment in near]
    assert from_wall_clock(zone, np.array(local, dtype=np.int64)).tolist() == meant


@given(ZONES, st.integers(1950, 2059), st.data())
def test_quarter_hours_around_a_clock_change_are_read_exactly(
    zone: str, year: int, data: st.DataObject
) -> None:
    """Every day whose clock changes, and its neighbours, from end to end."""
    info = ZoneInfo(zone)
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    changing = [
        day
        for day in days
        if datetime(day.year, day.month, day.day, tzinfo=info).utcoffset()
        != (datetime(day.year, day.month, day.day, tzinfo=info) + timedelta(days=1)).utcoffset()
    ]
    day = data.draw(st.sampled_from(changing or days))
    start = datetime(day.year, day.month, day.day) - timedelta(hours=4)  # noqa: DTZ001
    walls = [start + timedelta(minutes=15 * step) for step in range(4 * 32)]
    read = told([wall.strftime("%Y-%m-%d %H:%M") for wall in walls], zone)
    assert read["at"].to_list() == [to_instant(wall.replace(tzinfo=info)) for wall in walls]


def test_time_that_the_clock_skips_is_read_with_the_offset_before_the_gap() -> None:
    assert at(told(["2024-03-31 02:30"], "Europe/Berlin")["at"][0]) == "2024-03-31 01:30:00"


def test_time_that_the_clock_shows_twice_is_the_first() -> None:
    assert at(told(["2024-10-27 02:30"], "Europe/Berlin")["at"][0]) == "2024-10-27 00:30:00"


def test_bare_date_begins_in_the_organisations_zone_whatever_the_clocks_zone() -> None:
    read = told(["2024-07-01", "2024-07-01 00:00"], "America/New_York")
    assert [at(each) for each in read["at"]] == ["2024-06-30 22:00:00", "2024-07-01 04:00:00"]
    assert read["date_only"].to_list() == [True, False]


def test_offsets_of_the_text_win_over_every_zone() -> None:
    texts = ["2024-07-01T10:00+05:30", "2024-07-01T10:00Z", "2024-07-01 10:00:00.25-0300"]
    read = told([*texts], "Europe/Berlin")
    assert read["at"].to_list() == [to_instant(datetime.fromisoformat(text)) for text in texts]


def test_zone_in_the_text_is_understood() -> None:
    texts = ["2024-07-01 10:00:00 UTC", "2024-07-01 10:00:00 Europe/Paris"]
    read = told([*texts], None, "%Y-%m-%d %H:%M:%S %Z")
    assert [at(each) for each in read["at"]] == ["2024-07-01 10:00:00", "2024-07-01 08:00:00"]


def test_formats_are_tried_in_order_and_a_date_that_does_not_exist_is_left_to_the_next() -> None:
    texts = ["3/4/2019", "13/4/2019", "2019/1/10"]
    read = told([*texts], None, "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d")
    berlin = Calendar("Europe/Berlin")
    days = [date(2019, 3, 4), date(2019, 4, 13), date(2019, 1, 10)]
    assert read["at"].to_list() == [berlin.instant(day) for day in days]


def test_year_alone_is_its_first_day_where_the_mapping_allows_it() -> None:
    assert told(["1999"])["problem"].to_list() == ["'1999' is not a valid date (tried iso)"]
    read = told(["1999", "3/2001"], None, "%Y", "%m/%Y")
    berlin = Calendar("Europe/Berlin")
    assert read["at"].to_list() == [
        berlin.instant(date(1999, 1, 1)),
        berlin.instant(date(2001, 3, 1)),
    ]
    assert read["date_only"].all()


def test_two_digit_year_needs_its_own_format() -> None:
    assert told(["1/2/24"], None, "%d/%m/%Y")["problem"][0] is not None
    read = told(["1/2/24", "1/2/68", "1/2/69"], None, "%d/%m/%y")
    assert [at(each)[:4] for each in read["at"]] == ["2024", "2068", "1969"]


def test_months_are_known_in_four_languages() -> None:
    texts = ["3. März 2024", "3. mars 2024", "3. Marzo 2024", "3. Mrz. 2024", "3. MAR 2024"]
    read = told([*texts], None, "%d. %b %Y")
    assert read["problem"].to_list() == [None] * 5
    assert read["at"].n_unique() == 1


def test_epochs_are_seconds_or_milliseconds() -> None:
    assert told(["1714557600", "-1.5"], None, "epoch")["at"].to_list() == [
        1_714_557_600_000_000,
        -1_500_000,
    ]
    assert told(["1714557600123"], None, "epoch_ms")["at"].to_list() == [1_714_557_600_123_000]


def test_midnights_of_a_system_without_dates_are_dates_when_the_format_says_so() -> None:
    assert told(["2014-03-08 00:00:00"], None, "%Y-%m-%d 00:00:00")["date_only"].to_list() == [True]


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "2024-04-31"]
)
def test_impossible_date_is_rejected_with_what_was_tried(exports: Exports, text: str) -> None:
    result = exports.gift(text, dates='formats = ["iso", "%d.%m.%Y"]')
    assert result.reasons == [
        f"row 2, column 'date': {text!r} is not a valid date (tried iso, %d.%m.%Y)"
    ]


@pytest.mark.parametrize("text", ["2024-01-01 24:00", "2024-01-01 12:60", "2024-01-01 12:00:60"])
def test_impossible_time_is_rejected(exports: Exports, text: str) -> None:
    assert "is not a valid date" in exports.gift(text, dates='zone = "UTC"').reasons[0]


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01"])
def test_date_at_the_end_of_all_calendars_is_rejected(exports: Exports, text: str) -> None:
    assert "lies outside the years" in exports.gift(text).reasons[0]


def test_naive_time_without_a_zone_is_rejected_with_advice(exports: Exports) -> None:
    (reason,) = exports.gift("2024-05-01 10:00").reasons
    assert "has no time zone: say zone = " in reason
    assert "[dates]" in reason


def test_blank_date_is_rejected(exports: Exports) -> None:
    assert exports.gift("").reasons == [
        "row 2, column 'date': is blank: every touchpoint needs its date"
    ]


def test_rows_may_have_their_own_zone_or_offset(exports: Exports) -> None:
    result = exports.read(
        "who,date,amount,tz\n"
        "ada,2024-07-01 10:00,1,America/New_York\n"
        "ada,2024-07-01 10:00,1,+02:00\n"
        "ada,2024-07-01 10:00,1,utc+5\n"
        "ada,2024-07-01 10:00,1,\n"
        "ada,2024-07-01 10:00,1,Europe/Berln\n",
        """source = "crm"
        columns = { supporter = "who", at = "date", amount = "amount", zone = "tz" }
        dates = { zone = "Europe/Berlin" }
        kinds = { default = "donation" }
        """,
    )
    assert [at(each)[11:16] for each in result.column("at")] == ["14:00", "08:00", "05:00", "08:00"]
    assert result.reasons == [
        (
            "row 6, column 'date': '2024-07-01 10:00' has the unknown time zone 'Europe/Berln'; "
            "did you mean Europe/Berlin or Europe/Belfast or Europe/Helsinki?"
        )
    ]


def test_day_and_an_hour_in_two_columns_are_joined(exports: Exports) -> None:
    mapping = """source = "crm"
    [columns]
    supporter = "who"
    at = { columns = ["day", "hour"] }
    [dates]
    formats = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]
    zone = "Europe/Berlin"
    [kinds]
    default = "event_attended"
    """
    result = exports.read("who,day,hour\nada,01.07.2024,9:30\nada,02.07.2024,\n", mapping)
    assert result.column("date_only") == [False, True]
    assert at(result.column("at")[0]) == "2024-07-01 07:30:00"


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("%d.%m.%Q", "is not understood"),
        ("%d.%m", "has no year"),
        ("%d %Y", "has a day but no month"),
        ("%Y-%m-%d %M", "has no hour"),
        ("%Y-%m-%d %I:%M", "needs both %I and %p"),
        ("%Y-%Y", "the same thing twice"),
    ],
)
def test_format_that_cannot_work_is_rejected(form: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        compiled(form)
