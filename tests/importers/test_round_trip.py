"""Any touchpoints, written in any style, are read back as they were."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.importers import Mapping
from ladder.model.calendars import to_instant
from ladder.model.kinds import KINDS
from ladder.model.money import exponent
from tests.importers.exports import BERLIN, imported

NAMES = st.text(alphabet="abcä -,;'\"0\n", min_size=1, max_size=8).filter(lambda t: t.strip() == t)
ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Style:
    """How a system writes its exports."""

    encoding: str
    delimiter: str
    quoting: int
    end: str
    date: str
    time: str
    decimal: str
    thousands: str
    packed: bool


STYLES = st.builds(
    Style,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    date=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d %b %Y"]),
    time=st.sampled_from([" %H:%M:%S.%f", "T%H%M%S.%f", " %I:%M:%S.%f %p"]),
    decimal=st.just("."),
    thousands=st.just(""),
    packed=st.booleans(),
) | st.builds(
    Style,
    encoding=st.just("utf-8"),
    delimiter=st.sampled_from([";", "\t"]),
    quoting=st.just(csv.QUOTE_MINIMAL),
    end=st.just("\r\n"),
    date=st.just("%d.%m.%y"),
    time=st.just(", %H:%M:%S,%f"),
    decimal=st.just(","),
    thousands=st.sampled_from([".", " ", "'"]),
    packed=st.booleans(),
)

TOUCHPOINTS = st.fixed_dictionaries(
    {
        "supporter": NAMES,
        "kind": st.sampled_from(sorted(KINDS)),
        "at": st.dates(date(1970, 1, 2), date(2060, 1, 1))
        | st.datetimes(datetime(1970, 1, 2), datetime(2060, 1, 1)),  # noqa: DTZ001
        "direction": st.none() | st.sampled_from(["inbound", "outbound"]),
        "purposes": st.none() | st.sets(st.sampled_from(["ask", "thank", "report"]), min_size=1),
        "asks_for": st.none() | st.sampled_from(["money", "time", "voice"]),
        "channel": st.none() | NAMES,
        "audience": st.none() | st.sampled_from(["individual", "broadcast"]),
        "automated": st.none() | st.booleans(),
        "campaign": st.none() | NAMES,
        "amount": st.integers(1, 10**9),
        "currency": st.sampled_from(["EUR", "JPY", "KWD"]),
        "quantity": st.none() | st.integers(0, 10**9),
        "answers_id": st.none() | NAMES,
        "details": st.none() | NAMES,
    }
)


def number(value: int, decimals: int, style: Style) -> str:
    whole, rest = divmod(value, 10**decimals)
    text = f"{whole:,}".replace(",", style.thousands)
    return text + (f"{style.decimal}{rest:0{decimals}d}" if decimals else "")


def row(touchpoint: dict[str, Any], external_id: str, style: Style) -> list[str]:
    at = touchpoint["at"]
    form = style.date + (style.time if isinstance(at, datetime) else "")
    told = touchpoint | {
        "at": at.strftime(form),
        "purposes": ", ".join(touchpoint["purposes"] or ()),
        "automated": {None: "", True: "yes", False: "no"}[touchpoint["automated"]],
        "amount": number(touchpoint["amount"], exponent(touchpoint["currency"]), style),
        "quantity": ""
        if touchpoint["quantity"] is None
        else number(touchpoint["quantity"], 6, style),
    }
    ordered = [told[name] for name in TOUCHPOINTS_FIELDS[1:]]
    return [external_id, *("" if each is None else str(each) for each in ordered)]


def meant(touchpoint: dict[str, Any], external_id: str) -> dict[str, Any]:
    kind, at = KINDS[touchpoint["kind"]], touchpoint["at"]
    timed = isinstance(at, datetime)
    defaults = {
        name: getattr(kind, name) if touchpoint[name] is None else touchpoint[name]
        for name in ("direction", "asks_for", "audience", "automated")
    }
    purposes = kind.purposes if touchpoint["purposes"] is None else touchpoint["purposes"]
    answers = touchpoint["answers_id"]
    detail = touchpoint["details"]
    return (
        touchpoint
        | defaults
        | {
            "at": to_instant(at.replace(tzinfo=ZONE)) if timed else BERLIN.calendar.instant(at),
            "date_only": not timed,
            "purposes": ",".join(sorted(purposes)),
            "answers_source": None if answers is None else "export",
            "referrer": None,
            "source": "export",
            "external_id": external_id,
            "details": None
            if detail is None
            else json.dumps({"note": detail}, separators=(",", ":"), ensure_ascii=False),
        }
    )


def mapping(style: Style) -> Mapping:
    fields = [name for name in TOUCHPOINTS_FIELDS if name != "details"]
    clock = style.date + style.time
    return Mapping.model_validate(
        {
            "source": "export",
            "file": {"encoding": style.encoding, "delimiter": style.delimiter},
            "columns": {name: name for name in fields},
            "details": {"note": "details"},
            "dates": {"formats": [clock, style.date], "zone": str(ZONE)},
            "amounts": {"decimal": style.decimal, "thousands": style.thousands},
        }
    )


TOUCHPOINTS_FIELDS = (
    *("external_id", "supporter", "kind", "at", "direction", "purposes", "asks_for", "channel"),
    *("audience", "automated", "campaign", "amount", "currency", "quantity", "answers_id"),
    "details",
)


@given(st.lists(TOUCHPOINTS, max_size=12), STYLES, st.integers(1, 20))
def test_random_history_written_in_a_random_style_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    touchpoints: list[dict[str, Any]],
    style: Style,
    batch_rows: int,
) -> None:
    target = io.StringIO()
    writer = csv.writer(
        target, delimiter=style.delimiter, quoting=style.quoting, lineterminator=style.end
    )
    writer.writerow(TOUCHPOINTS_FIELDS)
    for place, touchpoint in enumerate(touchpoints):
        writer.writerow(row(touchpoint, f"id {place}", style))
    data = target.getvalue().encode(style.encoding)
    path = tmp_path_factory.mktemp("t") / ("export.csv.gz" if style.packed else "export.csv")
    path.write_bytes(gzip.compress(data) if style.packed else data)
    read = imported(path, mapping(style), BERLIN, batch_rows)
    assert read.reasons == []
    assert read.rows == [meant(each, f"id {place}") for place, each in enumerate(touchpoints)]


def test_file_formats_are_read_alike(tmp_path: Path) -> None:
    import polars as pl  # noqa: PLC0415

    start = datetime(2024, 1, 1, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "who": ["ada", "bo", None],
            "when": [start, start + timedelta(hours=1, microseconds=7), None],
            "sum": [1250, 7, None],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    told = frame.with_columns(pl.col("when").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
    told.write_csv(tmp_path / "a.csv")
    told.write_ndjson(tmp_path / "a.jsonl")
    plain = Mapping.parse(
        'source = "x"\ncolumns = { supporter = "who", at = "when", amount = "sum" }\n'
        'kinds = { default = "donation" }\n'
    )
    csv_, json_, parquet = (
        imported(tmp_path / name, plain).frame for name in ("a.csv", "a.jsonl", "a.parquet")
    )
    assert len(csv_) == 2
    assert csv_.equals(json_)
    assert csv_.equals(parquet)
