"""A draft of a mapping from the file alone, and the preview of what it would do."""

from __future__ import annotations

import pytest

from ladder.importers import Mapping, guess, preview
from ladder.importers.header_synonyms import HEADS, plain, rank
from ladder.importers.mapping_draft import Guess
from ladder.model.kinds import KINDS
from ladder.model.organisations import Organisation
from tests.importers.exports import BERLIN, Exports

BOSTON = Organisation(zone="America/New_York", currency="USD")


def guessed(
    exports: Exports,
    text: str,
    name: str = "gifts.csv",
    encoding: str = "utf-8",
    organisation: Organisation = BERLIN,
) -> Guess:
    found = guess(exports.write(text, name, encoding), organisation)
    assert Mapping.parse(found.text()) == found.mapping
    return found


def path_text(exports: Exports, found: Guess) -> str:
    data = (exports.folder / "gifts.csv").read_bytes()
    return data.decode(found.mapping.file.encoding).removeprefix("\ufeff")


HEADERS = {
    "Raiser's Edge": "Constituent ID,Gift ID,Gift Date,Gift Amount",
    "NPSP": "npsp__Primary_Contact__c,Id,CloseDate,Amount",
    "CiviCRM": "Contact ID,Contribution ID,Date Received,Total Amount",
    "Stripe": "Customer ID,id,Created (UTC),Amount",
    "OSDI": "person_id,donation_id,action_date,amount",
    "German": "Spendernummer,Belegnummer,Buchungsdatum,Betrag",
    "French": "Donateur,ID don,Date du don,Montant",
    "Spanish": "Donante,ID donación,Fecha,Importe",
}


@pytest.mark.parametrize("system", HEADERS)
def test_columns_are_known_by_their_names_in_many_systems(exports: Exports, system: str) -> None:
    head = HEADERS[system]
    rows = "".join(f"p{n % 7},g{n},2024-05-{n + 1:02},{n + 10}.50\n" for n in range(28))
    columns = guessed(exports, f"{head}\n{rows}").mapping.columns
    names = [columns.supporter, columns.external_id, columns.at, columns.amount]
    assert [cell.column if cell else None for cell in names] == head.split(",")


def test_field_names_are_recognised_for_one_field_only() -> None:
    for field, lines in HEADS.items():
        words = [word for line in lines for word in line.split()]
        assert len(words) == len(set(words)), field
        assert all(word == plain(word) for word in words)
        assert rank(field, words[0]) > rank(field, words[-1]) > 0


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "mac-roman", "cp850", "utf-16"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(exports: Exports, encoding: str, delimiter: str) -> None:
    lines = ["Spender,Datum,Betrag,Ort"] + [
        f"{supporter},2024-01-{n:02},{n},Köln-Größe"
        for n, supporter in enumerate(["Jörg", "Zoë", "René"] * 5, 1)
    ]
    text = "\n".join(lines).replace(",", delimiter) + "\n"
    found = guessed(exports, text, encoding=encoding)
    assert found.mapping.file.delimiter == delimiter
    assert path_text(exports, found) == text


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["31.01.2024", "1.2.2024"], ("%d.%m.%Y",)),
        (["01/31/2024", "02/01/2024"], ("%m/%d/%Y",)),
        (["31/01/2024", "01/02/2024"], ("%d/%m/%Y",)),
        (["20240131", "20240201"], ("%Y%m%d",)),
        (["2024-01-31 00:00:00", "2024-02-01 00:00:00"], ("%Y-%m-%d 00:00:00",)),
        (["2024-01-31T10:00:00Z", "2024-02-01"], ("iso",)),
        (["1714557600", "1714557601"], ("epoch",)),
        (["Jan 31, 2024", "Feb 1, 2024"], ("%b %d, %Y",)),
        (["31. Januar 2024", "1. März 2024"], ("%d. %b %Y",)),
        (["1999", "2004"], ("%Y",)),
        (["3/14/2019", "2019/1/10", "4/20/2019"], ("%m/%d/%Y", "%Y/%m/%d")),
    ],
)
def test_date_formats_are_found(
    exports: Exports, values: list[str], formats: tuple[str, ...]
) -> None:
    rows = "".join(f'p{n},"{value}",5\n' for n, value in enumerate(values))
    assert guessed(exports, f"donor,date,amount\n{rows}").mapping.dates.formats == formats


@pytest.mark.parametrize(("organisation", "form"), [(BERLIN, "%d/%m/%Y"), (BOSTON, "%m/%d/%Y")])
def test_ambiguous_day_is_read_by_the_zone_and_reported(
    exports: Exports, organisation: Organisation, form: str
) -> None:
    found = guessed(exports, "donor,date,amount\na,3/4/2024,5\n", organisation=organisation)
    assert found.mapping.dates.formats == (form,)
    assert any("may be day first or month first" in remark for remark in found.remarks)


def test_naive_times_get_the_organisations_zone_and_a_remark(exports: Exports) -> None:
    found = guessed(exports, "donor,date,amount\na,2024-03-04 10:00,5\n")
    assert found.mapping.dates.zone == "Europe/Berlin"
    assert any("name no zone" in remark for remark in found.remarks)
    utc = guessed(exports, "donor,Created (UTC),amount\na,2024-03-04 10:00,5\n")
    assert utc.mapping.dates.zone == "UTC"


def test_dates_of_birth_and_of_the_export_are_not_when_it_happened(exports: Exports) -> None:
    head = "Spender,Geburtsdatum,Erstellt am,Getätigt am Datum,Betrag"
    text = f"{head}\na,1.1.1950,2.2.2024,3.3.2023,5\n"
    columns = guessed(exports, text).mapping.columns
    assert columns.at is not None
    assert columns.at.column == "Getätigt am Datum"


@pytest.mark.parametrize(
    ("values", "decimal", "thousands"),
    [
        (["1234.50", "7"], ".", ""),
        (["1234,50", "7,00"], ",", ""),
        (["1,234.50", "7.00"], ".", ","),
        (["1.234,50", "7,00"], ",", "."),
        (["1'234.50", "7.00"], ".", "'\u2019"),
        (["1 234,50", "7,00"], ",", " "),
    ],
)
def test_decimal_styles_are_found(
    exports: Exports, values: list[str], decimal: str, thousands: str
) -> None:
    rows = "".join(f'a,2024-01-01,"{value}"\n' for value in values)
    amounts = guessed(exports, f"donor,date,amount\n{rows}").mapping.amounts
    assert (amounts.decimal, amounts.thousands) == (decimal, thousands)


def test_guess_reports_the_rows_it_would_reject(exports: Exports) -> None:
    rows = "a,2024-01-01,$5\n,2024-01-02,$0.00\nAnonymous,2024-01-03,-$3\nb,2024-01-04,($2)\n"
    found = guessed(exports, f"donor,date,amount\n{rows}")
    assert found.mapping.amounts.negative == "refuse"
    assert found.mapping.amounts.symbols == ("$",)
    assert found.mapping.placeholders.values == ("Anonymous",)
    remarks = "\n".join(found.remarks)
    assert "2 negative amounts" in remarks
    assert "1 amounts of 0" in remarks
    assert "1 rows have no 'donor'" in remarks
    assert "amounts bear $ but are taken for EUR" in remarks


def test_ambiguous_thousands_are_reported(exports: Exports) -> None:
    found = guessed(exports, "donor;date;amount\na;2024-01-01;1.250\nb;2024-01-01;2.000\n")
    assert any("could stand for thousands" in remark for remark in found.remarks)


def test_kinds_are_found_in_a_column_of_words(exports: Exports) -> None:
    text = (
        "person,date,what,amount\na,2024-01-01,Gift,5\na,2024-01-02,Thank-you letter,\n"
        "a,2024-01-03,newsletter,\na,2024-01-04,Cake stall,\na,2024-01-05,Bank gift,5\n"
    )
    found = guessed(exports, text)
    kind = found.mapping.columns.kind
    assert kind is not None
    assert kind.values == {"Gift": "donation", "Thank-you letter": "thank_you"}
    assert found.unknown == {"Cake stall": "", "Bank gift": "donation"}
    assert '# "Bank gift" = "donation"' in found.text()
    told = preview(exports.folder / "gifts.csv", found.mapping, BERLIN, KINDS)
    assert told.by_kind == {"donation": 1, "thank_you": 1, "newsletter": 1}


def test_file_of_gifts_alone_is_one_of_donations(exports: Exports) -> None:
    text = "donor,date,amount,type\na,2024-01-01,5,Visa\nb,2024-01-01,6,AMEX\n"
    assert guessed(exports, text).mapping.kinds.default == "donation"


def test_hours_make_shifts(exports: Exports) -> None:
    text = "volunteer,date,hours\na,2024-01-01,2.5\nb,2024-01-01,3\n"
    found = guessed(exports, text, name="hours.csv").mapping
    assert found.kinds.default == "volunteer_shift"
    assert found.columns.quantity is not None


def test_ids_that_repeat_are_no_ids(exports: Exports) -> None:
    text = "donor,gift id,date,amount\na,7,2024-01-01,5\na,7,2024-01-01,5\n"
    found = guessed(exports, text)
    assert found.mapping.columns.external_id is None
    assert any("'gift id' repeats" in remark for remark in found.remarks)


def test_titles_and_footers_are_seen(exports: Exports) -> None:
    text = "Gifts of 2024\n\ndonor,date,amount\na,2024-01-01,5\nb,2024-01-01,6\nTotal,,11\n"
    found = guessed(exports, text)
    assert found.mapping.file.skip_rows == 2
    assert found.mapping.file.stop_at == ("Total*",)
    told = preview(exports.folder / "gifts.csv", found.mapping, BERLIN, KINDS)
    assert (told.touchpoints, told.refusals, told.ignored) == (2, 0, 1)


def test_file_without_a_header_gets_names(exports: Exports) -> None:
    found = guessed(exports, "a,2024-01-01,5.50\nb,2024-01-02,6.00\n")
    assert not found.mapping.file.header
    assert found.mapping.file.names == ("column 1", "column 2", "column 3")
    assert found.mapping.columns.at is not None
    assert found.mapping.columns.at.column == "column 2"


def test_further_date_columns_are_mentioned(exports: Exports) -> None:
    found = guessed(exports, "donor,date,amount,thanked on\na,2024-01-01,5,2024-01-09\n")
    assert any("'thanked on' hold dates too" in remark for remark in found.remarks)


def test_source_is_the_files_name_without_what_changes(exports: Exports) -> None:
    found = guessed(exports, "donor,date,amount\na,2024-01-01,5\n", name="Gifts_2024-05.export.csv")
    assert found.mapping.source == "gifts"


@pytest.mark.parametrize("name", ["a.jsonl", "a.dat"])
def test_json_lines_are_recognised(exports: Exports, name: str) -> None:
    text = '{"donor": "a", "date": "2024-01-01", "amount": 5}\n'
    found = guessed(exports, text, name=name)
    assert found.mapping.columns.amount is not None
    assert preview(exports.folder / name, found.mapping, BERLIN, KINDS).touchpoints == 1


def test_preview_shows_touchpoints_counts_and_reasons(exports: Exports) -> None:
    rows = "".join(f"p{n},2024-01-{n:02},{n}.50\n" for n in range(1, 9))
    path = exports.write(f"donor,date,amount\n{rows}x,2024-02-30,1\ny,2024-02-31,1\n")
    told = preview(path, guess(path, BERLIN).mapping, BERLIN, KINDS, rows=2)
    assert (told.rows_read, told.touchpoints, told.supporters, told.refusals) == (10, 8, 8, 2)
    assert (told.first, told.last, told.whole) == ("2024-01-01", "2024-01-08", True)
    assert [number for number, _ in told.examples] == [2, 3]
    assert told.examples[0][1]["amount"] == "1.50"
    assert told.examples[0][1]["at"] == "2024-01-01"
    assert told.by_reason == {"column 'date': is not a valid date (tried iso)": 2}
    assert [each.row for each in told.refused] == [10, 11]
    lines = list(told.lines())
    assert lines[0] == "10 rows: 8 touchpoints of 8 supporters, 2024-01-01 to 2024-01-08"
    assert lines[-1] == "refused 2 times: column 'date': is not a valid date (tried iso)"


def test_preview_of_a_long_file_stops_and_says_so(exports: Exports) -> None:
    rows = "".join(f"p{n},2024-01-01,5\n" for n in range(100))
    path = exports.write(f"donor,date,amount\n{rows}")
    told = preview(path, guess(path, BERLIN).mapping, BERLIN, KINDS, limit=10)
    assert (told.rows_read, told.whole) == (10, False)
    assert next(told.lines()).startswith("the first 10 rows: ")
