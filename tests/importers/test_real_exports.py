"""Exports that nobody here wrote, read as they are. They lie outside the repository."""

from __future__ import annotations

import polars as pl
import pytest

from ladder.importers import Mapping, guess, preview
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests.importers.exports import imported, shared

pytestmark = pytest.mark.shared_data

DOLLARS = Organisation(zone="America/New_York", currency="USD")
FRANCS = Organisation(zone="Europe/Zurich", currency="CHF")

SWISS = """
source = "swiss"
file = { encoding = "cp1252", delimiter = ";" }
columns = { supporter = "Kontakt-ID", at = "Getätigt am Datum", amount = "Betrag" }
dates = { formats = "%d.%m.%Y" }
amounts = { decimal = "," }
kinds = { default = "donation" }
details = { projekt = "Projekt", quelle = "Quelle" }
"""


def test_swiss_charitys_export_keeps_every_gift_the_equal_ones_too() -> None:
    path = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    result = imported(path, SWISS, FRANCS)
    assert (len(result.frame), result.reasons, result.ignored) == (13_489, [], 0)
    assert result.frame["supporter"].n_unique() == 1_492
    assert result.frame["external_id"].n_unique() == 13_489
    assert result.frame["external_id"].str.ends_with("-1").sum() <= 13_489 - 1_351
    assert set(result.column("currency")) == {"CHF"}
    assert result.frame["date_only"].all()
    first, last = result.frame["at"].min(), result.frame["at"].max()
    assert FRANCS.calendar.text(first) == "2017-11-16 00:00"  # type: ignore[arg-type]
    assert FRANCS.calendar.text(last) == "2025-10-31 00:00"  # type: ignore[arg-type]
    assert "ü" in "".join(result.frame["details"].drop_nulls().unique())


def test_swiss_exports_equal_rows_are_1351() -> None:
    path = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    every = ", ".join(
        f'"{name}"' for name in ("Getätigt am Datum", "Betrag", "Quelle", "Kontakt-ID")
    )
    others = ', "Zahlungsweise", "Projekt", "Kontakt-Tags", "Person erstellt am", "Land"'
    mapping = SWISS.replace('";" }', f'";", identity = [{every}{others}] }}')
    result = imported(path, mapping, FRANCS)
    again = result.frame.filter(~pl.col("external_id").str.ends_with("-1"))
    assert len(again) == 1_351


def test_swiss_export_is_guessed_without_a_word() -> None:
    path = shared("swiss_ngo", "transactions_slim_no_pii.csv.gz")
    found = guess(path, FRANCS).mapping
    assert (found.file.encoding, found.file.delimiter) == ("cp1252", ";")
    assert found.dates.formats == ("%d.%m.%Y",)
    assert found.amounts.decimal == ","
    told = preview(path, found, FRANCS, KINDS)
    assert (told.touchpoints, told.supporters, told.refusals) == (13_489, 1_492, 0)
    assert (told.placeholders, told.crowds) == (0, ())


def test_marathons_anonymous_donor_is_65_658_people_and_the_totals_are_right() -> None:
    path = shared("gdq", "gdq_donations_pseudonymised.csv.gz")
    mapping = """
    source = "gdq"
    columns = { supporter = "donor", at = "date", amount = "amount", campaign = "event" }
    dates = { zone = "America/New_York" }
    kinds = { default = "donation" }
    placeholders = { values = "(Anonymous)" }
    """
    result = imported(path, mapping, DOLLARS)
    says_so = pl.col("kind") == "placeholder"
    assert len(result.frame.filter(says_so)) == 65_658
    frame = result.frame.filter(~says_so)
    assert (len(frame), result.reasons) == (291_885, [])
    assert frame["external_id"].n_unique() == 291_885
    one_off = frame.filter(pl.col("supporter").str.starts_with("anonymous:gdq:"))
    assert len(one_off) == one_off["supporter"].n_unique() == 65_658
    totals = dict(frame.group_by("campaign").agg(pl.col("amount").sum()).iter_rows())
    assert totals["agdq2014"] == 103_166_550
    assert totals["sgdq2015"] == 121_560_149
    assert totals["agdq2017"] == 222_279_052


CDS = """
source = "cdnow"
columns = { supporter = "customer_id", at = "date", amount = "dollar_value" }
dates = { formats = "%Y%m%d" }
amounts = { zero = "keep" }
kinds = { default = "purchase" }
details = { cds = { column = "number_of_cds", type = "integer" } }
"""


def test_record_shops_columns_are_parted_by_blanks() -> None:
    path = shared("lifetimes", "CDNOW_master.txt")
    result = imported(path, CDS + 'file = { delimiter = "whitespace" }', DOLLARS)
    assert (len(result.frame), result.reasons) == (69_659, [])
    assert result.frame["supporter"].n_unique() == 23_570
    assert result.frame["amount"].min() == 0


def test_record_shops_sample_has_no_header() -> None:
    path = shared("lifetimes", "CDNOW_sample.txt")
    names = 'names = ["customer_id", "sample", "date", "number_of_cds", "dollar_value"]'
    file = f'file = {{ delimiter = "whitespace", header = false, {names} }}'
    result = imported(path, CDS + file, DOLLARS)
    assert (len(result.frame), result.reasons) == (6_919, [])
    assert result.frame["supporter"].n_unique() == 2_357
    fixed = "file = { widths = [6, 5, 9, 3, 8], header = false, " + names + " }"
    assert imported(path, CDS + fixed, DOLLARS).frame.equals(result.frame)


GIVER = """
source = "giver"
columns = { supporter = { value = "one" }, at = "disbursed", amount = "amount", currency = "cur" }
amounts = { thousands = ",", symbols = "$" }
kinds = { default = "donation" }
"""


def test_currencies_of_a_donor_are_kept_and_non_currencies_rejected() -> None:
    path = shared("one_donor_many_currencies", "donations.csv")
    result = imported(path, GIVER, DOLLARS)
    assert (len(result.frame), len(result.refused)) == (801, 7)
    assert set(result.column("currency")) == {"CHF", "EEK", "EUR", "GBP", "USD"}
    assert {reason.split(": ")[1] for reason in result.reasons} == {
        "'BTC' is no ISO 4217 currency code",
        "'ETH' is no ISO 4217 currency code",
    }


def test_gifts_in_coins_are_all_kept_at_their_value_in_dollars() -> None:
    path = shared("one_donor_many_currencies", "donations.csv")
    blocks = """
    [[rows]]
    name = "coins"
    where = { cur = ["BTC", "ETH"] }
    columns = { amount = "value", currency = { value = "USD" } }
    [[rows]]
    name = "money"
    where = { cur = ["USD", "EUR", "GBP", "CHF", "EEK"] }
    """
    result = imported(path, GIVER + blocks, DOLLARS)
    assert (len(result.frame), result.reasons) == (808, [])
    assert result.frame["external_id"].n_unique() == 808


VIRTUOUS = """
source = "virtuous"
[columns]
supporter = "donor_number"
at = "date"
amount = "amount received"
external_id = "gift_id"
[dates]
formats = ["%m/%d/%Y", "%Y/%m/%d"]
[amounts]
symbols = "$"
negative = "refund"
[kinds]
default = "donation"
"""


def test_date_formats_of_one_column_blank_ids_and_refunds_are_read() -> None:
    result = imported(shared("virtuous", "gifts.csv"), VIRTUOUS, DOLLARS)
    assert result.reasons == [
        (
            "row 3, column 'amount received': '2.3648' is finer than 2 decimals: say finer = "
            '"round" to round it'
        )
    ]
    assert len(result.frame) == 30
    assert result.frame["external_id"].str.starts_with("row-").sum() == 4
    refunds = result.frame.filter(pl.col("kind") == "refund")
    assert refunds["amount"].to_list() == [301, 676]
    rounded = VIRTUOUS.replace("[kinds]", 'finer = "round"\n[kinds]')
    assert len(imported(shared("virtuous", "gifts.csv"), rounded, DOLLARS).frame) == 31


def test_change_log_with_offsets_is_read_to_the_second() -> None:
    path = shared("leeds2023", "status_log_from_222_snapshots.csv")
    mapping = """
    source = "leeds"
    columns = { supporter = "hash", at = "observed_at" }
    kinds = { default = "volunteer_signup" }
    details = { status = "to_status", current = { column = "to_current", type = "boolean" } }
    """
    result = imported(path, mapping)
    assert (len(result.frame), result.reasons) == (7_908, [])
    assert result.frame["at"].n_unique() <= 222
    assert not result.frame["date_only"].any()
    assert result.frame["supporter"].n_unique() == 2_823


def test_volunteer_row_becomes_a_touchpoint_for_each_stage() -> None:
    path = shared("leeds2023", "volunteers.csv")
    stages = ("created", "applied", "offered", "confirmed", "rejected")
    blocks = "\n".join(
        f'[[rows]]\nname = "{stage}"\nwhere = {{ {stage} = "*" }}\n'
        f'columns = {{ at = "{stage}" }}\nkinds = {{ default = "volunteer_signup" }}'
        for stage in stages
    )
    mapping = (
        f'source = "leeds"\notherwise = "ignore"\ncolumns = {{ supporter = "hash" }}\n{blocks}'
    )
    result = imported(path, mapping)
    assert result.reasons == []
    dates = pl.read_csv(path, infer_schema=False).select(stages)
    assert len(result.frame) == sum(dates[stage].count() for stage in stages)
    assert result.frame["external_id"].n_unique() == len(result.frame)


def test_crms_flat_list_is_sorted_into_kinds_by_two_columns() -> None:
    mapping = """
    source = "npsp"
    columns = { supporter = "contact_id", at = "at", amount = "amount", campaign = "label" }
    [kinds]
    rules = [
        { when = { kind = "gift", status = "Posted" }, kind = "donation" },
        { when = { kind = "pledge_or_ask:*" }, kind = "pledge" },
        { when = { kind = "campaign:Attended" }, kind = "event_attended" },
        { when = { kind = "campaign:RSVP Yes" }, kind = "rsvp" },
        { when = { kind = "campaign:Sent" }, kind = "invitation" },
        { when = { kind = ["campaign:Responded", "role:*"] }, ignore = true },
        { when = { kind = "meeting" }, kind = "meeting" },
    ]
    """
    result = imported(shared("npsp_trailhead", "trailhead_events_flat.csv"), mapping, DOLLARS)
    table = pl.read_csv(shared("npsp_trailhead", "trailhead_events_flat.csv"), infer_schema=False)
    assert result.rows_read == len(table) == 456
    passed = table["kind"].str.contains("^role:|Responded").sum()
    assert result.ignored == passed
    assert len(result.frame) + len(result.refused) == 456 - passed
    gifts = table.filter(pl.col("kind") == "gift")
    blank = gifts["amount"].null_count()
    assert [reason.split(": ", 1)[1][:8] for reason in result.reasons] == ["is blank"] * blank
    told = result.frame.filter(pl.col("kind") == "donation")["amount"].sum()
    assert told == gifts["amount"].cast(pl.Decimal(12, 2)).sum() * 100


@pytest.mark.parametrize(
    "parts",
    [
        ("gdq", "gdq_donations_pseudonymised.csv.gz"),
        ("lifetimes", "CDNOW_master.txt"),
        ("virtuous", "gifts.csv"),
        ("npsp_trailhead", "trailhead_events_flat.csv"),
    ],
)
def test_guess_reads_at_once_and_is_a_file(parts: tuple[str, str]) -> None:
    path = shared(*parts)
    found = guess(path, DOLLARS)
    assert Mapping.parse(found.text()) == found.mapping
    assert preview(path, found.mapping, DOLLARS, KINDS).touchpoints > 0
