"""The file of refused rows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ladder.errors import ImportFileError
from ladder.importers import Refused, RefusedFile
from tests.importers.exports import Exports

ROW = Refused(7, ("row 7: this", "row 7: that"), {"who": "a", "note": 'x, "y"\nz', "beyond 1": "!"})


def test_rejected_rows_are_written_with_number_reasons_and_cells(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with RefusedFile(path, ["who", "note"]) as file:
        file.write([ROW])
    with path.open(encoding="utf-8", newline="") as written:
        assert list(csv.reader(written)) == [
            ["row", "reason", "who", "note", "beyond"],
            ["7", "row 7: this; row 7: that", "a", 'x, "y"\nz', "!"],
        ]
    assert file.written == 1
    assert [each.name for each in tmp_path.iterdir()] == ["refused.csv"]


def test_import_without_rejected_rows_removes_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    path.write_text("of the last time")
    with RefusedFile(path, ["who"]) as file:
        file.write([])
    assert list(tmp_path.iterdir()) == []


def test_error_half_way_leaves_no_half_file_and_the_old_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    path.write_text("of the last time")

    def stopped() -> None:
        with RefusedFile(path, ["who"]) as file:
            file.write([ROW])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped()
    assert [each.name for each in tmp_path.iterdir()] == ["refused.csv"]
    assert path.read_text() == "of the last time"


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(ImportFileError, match="refused rows cannot be written: No such file"),
        RefusedFile(tmp_path / "no" / "refused.csv") as file,
    ):
        file.write([ROW])


def test_full_disk_is_reported(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    file = RefusedFile(tmp_path / "refused.csv", ["who"])
    file._partial.symlink_to("/dev/full")
    with pytest.raises(ImportFileError, match="No space left"), file:
        file.write([ROW] * 10_000)
    assert list(tmp_path.iterdir()) == []


def test_rejected_rows_of_an_export_can_be_read_again_once_mended(
    exports: Exports, tmp_path: Path
) -> None:
    result = exports.read("who,date,amount\na,2024-02-30,5\nb,2024-01-01,5\n")
    path = tmp_path / "refused.csv"
    with RefusedFile(path, ["who", "date", "amount"]) as file:
        file.write(result.refused)
    mended = path.read_text(encoding="utf-8").replace("a,2024-02-30", "a,2024-02-29")
    assert exports.read(mended).only["supporter"] == "a"
