"""Files as they come: encodings, line ends, quotes, gaps, footers, three formats, gzip."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder.errors import ImportFileError
from ladder.importers.file_format import File
from ladder.importers.readers import RawBatch, raw_batches


def batches(path: Path, rows: int = 50_000, **file: object) -> list[RawBatch]:
    return list(raw_batches(path, File.model_validate(file), rows))


def cells(path: Path, rows: int = 50_000, **file: object) -> list[tuple[str | None, ...]]:
    return [row for batch in batches(path, rows, **file) for row in batch.cells.iter_rows()]


def numbers(path: Path, rows: int = 50_000, **file: object) -> list[int]:
    return [row for batch in batches(path, rows, **file) for row in batch.numbers.to_list()]


def csv_file(folder: Path, text: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


CELLS = st.text(alphabet='ab ,;"\n\té', max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=30)
)


@given(TABLES, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.integers(1, 7))
def test_rows_written_by_csv_are_read_as_by_csv(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], quoting: int, rows: int
) -> None:
    width = len(table[0]) if table else 1
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", quoting=quoting)
    writer.writerow([f"c{n}" for n in range(width)])
    writer.writerows(table)
    path = csv_file(tmp_path_factory.mktemp("t"), target.getvalue())
    meant = [tuple(cell.strip() or None for cell in row) for row in table]
    meant = [row for row in meant if any(row)]
    assert cells(path, rows, delimiter=";") == meant


@given(st.text(alphabet='ab,"\n', max_size=60), st.integers(1, 5))
def test_malformed_text_is_read_as_by_csv(
    tmp_path_factory: pytest.TempPathFactory, text: str, rows: int
) -> None:
    """Good rows are those of csv, with its numbers; the rest is refused or blank, never lost."""
    path = csv_file(tmp_path_factory.mktemp("t"), "x,y\n" + text)
    end = "\x00end"
    meant, refused = [], []
    for number, row in enumerate(
        csv.reader(io.StringIO(f"{text.removesuffix(chr(10))}\n{end}")), 2
    ):
        if row == [end] or not any(cell.strip() for cell in row):
            continue
        unclosed = end in row[-1]
        if len(row) == 2 and not unclosed:
            meant.append((number, *(cell.strip() or None for cell in row)))
        else:
            refused.append(number)
    read = batches(path, rows)
    good = [
        (number, *row)
        for batch in read
        for number, row in zip(batch.numbers, batch.cells.iter_rows(), strict=True)
    ]
    assert good == meant
    assert [each.row for batch in read for each in batch.refused] == refused


def test_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "who,date\na,1\n", encoding="utf-8-sig")
    assert batches(path)[0].cells.columns == ["who", "date"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    path = csv_file(tmp_path, f'a,b{end}1,2{end}"3{end}4",5{end}6,7')
    assert cells(path) == [("1", "2"), ("3\n4", "5"), ("6", "7")]
    assert numbers(path) == [2, 3, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "utf-16", "mac-roman", "cp850"])
def test_named_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path, "Bär,Größe\ncafé,ñ\n", encoding=encoding)
    assert batches(path, encoding=encoding)[0].cells.columns == ["Bär", "Größe"]
    assert cells(path, encoding=encoding) == [("café", "ñ")]


def test_wrong_encoding_names_the_byte_the_line_and_a_likely_one(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\n1,2\ncafé,3\n", encoding="cp1252")
    with pytest.raises(ImportFileError) as caught:
        cells(path)
    assert str(caught.value) == (
        f"{path}: not utf-8: byte 11 (0xe9), line 3, cannot be read; it is likely cp1252 or "
        'mac-roman: say encoding = "cp1252" under [file]'
    )


def test_wrong_encoding_far_into_a_file_is_placed_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 600_000 + b"\xe4,3\n"))
    with pytest.raises(ImportFileError, match=r"byte 2,400,004 \(0xe4\), line 600002"):
        cells(path)


def test_truncated_character_at_the_end_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a\né".encode()[:-1])
    with pytest.raises(ImportFileError, match="ends within a character"):
        cells(path)


def test_utf_16_read_as_utf_8_is_recognised(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\n1,2\n", encoding="utf-16")
    with pytest.raises(ImportFileError, match='say encoding = "utf-16"'):
        cells(path)


def test_row_with_more_or_fewer_cells_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b\n1\n1,2\n"1",2,3\n')
    (batch,) = batches(path)
    assert [(each.row, each.reasons, dict(each.raw)) for each in batch.refused] == [
        (2, ("row 2: 1 cells where the header has 2",), {"a": "1"}),
        (
            4,
            ("row 4: 3 cells where the header has 2",),
            {"a": "1", "b": "2", "beyond 1": "3"},
        ),
    ]
    assert cells(path) == [("1", "2")]
    assert batch.rows_read == 3


def test_quotation_mark_that_is_never_closed_does_not_swallow_rows_in_silence(
    tmp_path: Path,
) -> None:
    path = csv_file(tmp_path, 'a,note\n1,fine\n2,"never closed\n3,x\n4,y\n')
    (batch,) = batches(path)
    assert cells(path) == [("1", "fine")]
    assert batch.refused[0].reason == (
        "row 3: a quotation mark is never closed, down to the end of the file"
    )
    assert "4,y" in batch.refused[0].raw["note"]


def test_quotation_mark_that_opens_an_endless_cell_is_an_error_with_its_row(
    tmp_path: Path,
) -> None:
    path = csv_file(tmp_path, 'a,b\n1,2\n3,"x\n' + "4,5\n" * 50_000)
    with pytest.raises(ImportFileError, match=r'row 3: .*say quote = ""'):
        cells(path)


def test_files_without_quotes_may_hold_any_mark(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a\tb\n5" pipe\t"x\n')
    assert cells(path, delimiter="\t", quote="") == [('5" pipe', '"x')]


def test_escape_protects_marks_as_databases_write_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b\n"say \\"hi\\"",x\\,y\n')
    assert cells(path, escape="\\") == [('say "hi"', "x,y")]


def test_header_may_span_lines_and_blank_ones_may_stand_before_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path, '\n\n"gift\ndate",b\n1,2\n')
    assert batches(path)[0].cells.columns == ["gift\ndate", "b"]
    assert numbers(path) == [4]


def test_names_that_repeat_or_lack_are_made_different(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Date,Date,,Who\n1,2,3,4\n")
    assert batches(path)[0].cells.columns == ["Date (1)", "Date (2)", "column 3", "Who"]


def test_file_without_a_header_is_named_by_the_mapping(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "1,2\n3,4\n")
    (batch,) = batches(path, header=False, names=["a", "b"])
    assert batch.cells.columns == ["a", "b"]
    assert batch.numbers.to_list() == [1, 2]


def test_header_may_be_replaced_but_not_by_fewer_names(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "x,y\n3,4\n")
    assert batches(path, names=["a", "b"])[0].cells.columns == ["a", "b"]
    with pytest.raises(ImportFileError, match="2 columns but 1 names"):
        batches(path, names=["a"])


def test_columns_may_be_parted_by_runs_of_blanks(tmp_path: Path) -> None:
    path = csv_file(tmp_path, " id  day   sum\n 00004 19970101  2\n 00005\t19970102  3 \n", "a.txt")
    assert cells(path, delimiter="whitespace") == [
        ("00004", "19970101", "2"),
        ("00005", "19970102", "3"),
    ]


def test_columns_may_be_fixed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Ada  L20240101\nBo    20240102\nTooLong20240103xx\n", "a.txt")
    file = {"widths": [5, 1, 8], "header": False, "names": ["name", "letter", "day"]}
    assert cells(path, **file) == [("Ada", "L", "20240101"), ("Bo", None, "20240102")]
    assert [each.row for batch in batches(path, **file) for each in batch.refused] == [3]


def test_title_lines_are_skipped_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Report 2024\nprinted today\na,b\n1,2\n")
    assert cells(path, skip_rows=2) == [("1", "2")]
    assert numbers(path, skip_rows=2) == [4]


def test_footers_and_subtotals_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "a,b\n1,2\nSubtotal May,2\n3,4\nSubtotal June\n,Total 6\nprinted,by,nobody\n9,9\n",
    )
    file = {"ignore": "Subtotal*", "stop_at": "Total*"}
    for rows in (1, 3, 100):
        read = batches(path, rows, **file)
        assert [row for batch in read for row in batch.cells.iter_rows()] == [
            ("1", "2"),
            ("3", "4"),
        ]
        assert sum(batch.ignored for batch in read) == 5
        assert not any(batch.refused for batch in read)


def test_rows_without_any_text_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'a,b\n,\n\n  \n"",\n1,2\n,,,\n')
    (batch,) = batches(path)
    assert (len(batch.cells), batch.ignored, batch.rows_read) == (1, 5, 6)
    assert batch.numbers.to_list() == [6]


def test_texts_that_mean_nothing_are_blank(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\nNULL,1\nn/a,\xa02 \n")
    assert cells(path, nulls=["NULL", "n/a"]) == [(None, "1"), (None, "2")]


def test_file_of_only_a_header_has_one_empty_batch(tmp_path: Path) -> None:
    (batch,) = batches(csv_file(tmp_path, "a,b\n"))
    assert (batch.cells.columns, batch.rows_read) == (["a", "b"], 0)


def test_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="a header was expected"):
        batches(csv_file(tmp_path, ""))


def test_progress_runs_to_the_files_size(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    noise = random.Random(1)
    rows = "".join(f"{noise.random()},{noise.random()}\n" for _ in range(40_000))
    path.write_bytes(gzip.compress(b"a,b\n" + rows.encode()))
    read = batches(path, 2_000)
    done = [batch.bytes_done for batch in read]
    assert done == sorted(done)
    assert done[0] < done[-1] == read[-1].bytes_total == path.stat().st_size


def test_truncated_gzip_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 1000)[:-20])
    with pytest.raises(ImportFileError, match="damaged or cut short"):
        cells(path)


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"none\.csv: cannot be read: No such file"):
        cells(tmp_path / "none.csv")


def test_unknown_ending_asks_for_the_format(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\n1,2\n", "export.dat")
    with pytest.raises(ImportFileError, match='say format = "csv"'):
        cells(path)
    assert cells(path, format="csv") == [("1", "2")]


def test_json_lines_are_flattened_and_never_floats(tmp_path: Path) -> None:
    lines = [
        {"who": "ada", "amount": 0.1, "payment": {"method": "card", "ok": True}, "tags": ["a"]},
        {"who": "bo", "amount": 12345678901234567890, "note": None},
    ]
    text = "\n".join(json.dumps(line) for line in lines).replace("0.1", "1.10e2")
    path = csv_file(tmp_path, text, "a.jsonl")
    (batch,) = batches(path)
    assert batch.cells.rows(named=True) == [
        {
            "who": "ada",
            "amount": "110",
            "payment.method": "card",
            "payment.ok": "true",
            "tags": '["a"]',
            "note": None,
        },
        {
            "who": "bo",
            "amount": "12345678901234567890",
            "payment.method": None,
            "payment.ok": None,
            "tags": None,
            "note": None,
        },
    ]


def test_line_that_is_no_json_object_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = csv_file(tmp_path, '{"a": 1}\n{"a": \n[1]\n\n{"a": 2}\n', "a.ndjson")
    (batch,) = batches(path)
    assert [each.reason for each in batch.refused] == [
        "row 2: no JSON: Expecting value at character 7",
        "row 3: a JSON object is expected in each line",
    ]
    assert batch.numbers.to_list() == [1, 5]


def test_parquet_tells_what_its_types_meant(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": [1.0, None],
            "ratio": [0.1, 2.5],
            "amount": pl.Series([Decimal("12.50"), None], dtype=pl.Decimal(12, 2)),
            "day": [date(2024, 2, 29), None],
            "naive": [datetime(2024, 1, 1, 12), None],  # noqa: DTZ001
            "aware": pl.Series([datetime(2024, 1, 1, 12, tzinfo=UTC), None]).dt.convert_time_zone(
                "Europe/Berlin"
            ),
            "yes": [True, None],
            "who": pl.Series(["ada", "bo"], dtype=pl.Categorical),
        }
    )
    for name in ("a.parquet", "a.parquet.gz"):
        path = tmp_path / name
        target = io.BytesIO()
        frame.write_parquet(target)
        path.write_bytes(
            gzip.compress(target.getvalue()) if name.endswith("gz") else target.getvalue()
        )
        assert cells(path)[0] == (
            "1",
            "0.1",
            "12.50",
            "2024-02-29",
            "2024-01-01T12:00:00.000000",
            "2024-01-01T12:00:00.000000Z",
            "true",
            "ada",
        )
        assert cells(path)[1] == (None, "2.5", None, None, None, None, None, "bo")
        assert [len(batch.cells) for batch in batches(path, 1)] == [1, 1]


def test_file_falsely_named_parquet_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="no Parquet file"):
        cells(csv_file(tmp_path, "a,b\n", "a.parquet"))
