"""Replay: a file in, a database out; what is refused, known before, and only tried."""

from __future__ import annotations

import csv
import gzip
import tomllib
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import Ladder
from tests.cli.worlds import HEAD, MAPPING, NOW, ROWS, write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_file_becomes_a_database(ladder: Ladder, here: Path) -> None:
    said = ladder(*write(here), "--db", "new.db", "--now", NOW)
    assert said.code == 0
    assert "11 rows: 11 touchpoints taken, 0 rows refused" in said.out
    assert ladder("db", "check", "--db", "new.db").code == 0


def test_replaying_twice_changes_nothing(ladder: Ladder, here: Path) -> None:
    words = [*write(here), "--db", "new.db", "--now", NOW, "--json"]
    first, second = ladder(*words).document, ladder(*words).document
    assert (first["kept"], first["known"]) == (11, 0)
    assert (second["kept"], second["known"], second["evaluated"]) == (0, 11, 0)
    assert second["movements"] == first["movements"]


def test_rejected_rows_go_to_a_file_with_row_and_reason(ladder: Ladder, here: Path) -> None:
    bad = ROWS + "12,gina,donation,2026-02-30,5.00,,,\n2,anna,donation,2025-12-01,99.00,,,\n"
    said = ladder(*write(here, bad), "--db", "new.db", "--now", NOW, "--refused", "bad.csv")
    assert said.code == 1
    assert "2 rows refused" in said.out
    assert "row 13: column 'when': '2026-02-30' is not a valid date" in said.err
    text = (here / "bad.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["row"], row["id"], row["amount"]) for row in rows] == [
        ("13", "12", "5.00"),
        ("14", "2", "99.00"),
    ]
    assert "known with another amount: 25.00, not 99.00" in rows[1]["reason"]


def test_mended_rows_are_replayed_from_their_file(ladder: Ladder, here: Path) -> None:
    words = write(here, ROWS + "12,gina,donation,2026-02-30,5.00,,,\n")
    assert ladder(*words, "--db", "new.db", "--now", NOW).code == 1
    refused = here / "list.refused.csv"
    mended = refused.read_text(encoding="utf-8").replace("2026-02-30", "2026-02-28")
    (here / "mended.csv").write_text(mended, encoding="utf-8")
    again = ladder("replay", "mended.csv", *words[2:], "--db", "new.db", "--now", NOW, "--json")
    assert (again.code, again.document["kept"]) == (0, 1)


def test_rejected_rows_never_overwrite_their_source_file(ladder: Ladder, here: Path) -> None:
    words = write(here, "12,gina,donation,2026-02-30,5.00,,,\n13,hal,donation,2026-02-28,5,,,\n")
    assert ladder(*words, "--db", "new.db", "--now", NOW).code == 1
    refused = (here / "list.refused.csv").read_bytes()
    again = ("replay", "list.refused.csv", *words[2:], "--db", "new.db", "--now", NOW)
    assert ladder(*again).code == 1
    assert (here / "list.refused.csv").read_bytes() == refused
    assert "gina" in (here / "list.refused-2.csv").read_text()
    mended = refused.replace(b"2026-02-30", b"2026-02-27")
    (here / "list.refused.csv").write_bytes(mended)
    assert ladder(*again).code == 0
    assert (here / "list.refused.csv").read_bytes() == mended
    said = ladder(*again, "--refused", "list.refused.csv")
    assert said.code == 3
    assert "would overwrite" in said.err
    assert (here / "list.refused.csv").read_bytes() == mended


def test_files_of_one_name_have_separate_rejected_files(ladder: Ladder, here: Path) -> None:
    words = write(here)
    for folder in ("a", "b"):
        (here / folder).mkdir()
        (here / folder / "list.csv").write_text(f"{HEAD}\n20,{folder},donation,never,5.00,,,\n")
    said = ladder("replay", "a/list.csv", "b/list.csv", *words[2:], "--db", "new.db", "--now", NOW)
    assert said.code == 1
    assert ",a,donation" in (here / "list.refused.csv").read_text()
    assert ",b,donation" in (here / "list.refused-2.csv").read_text()


def test_replay_without_rejected_rows_removes_their_old_file(ladder: Ladder, here: Path) -> None:
    (here / "list.refused.csv").write_text("of an earlier run")
    assert ladder(*write(here), "--db", "new.db", "--now", NOW).code == 0
    assert not (here / "list.refused.csv").exists()


def test_files_have_rejected_files_of_their_own(ladder: Ladder, here: Path) -> None:
    words = write(here)
    (here / "more.csv").write_text(f"{HEAD}\n20,hal,donation,never,5.00,,,\n")
    (here / "most.csv").write_text(f"{HEAD}\n21,ida,nonsense,2026-01-01,5.00,,,\n")
    said = ladder("replay", "more.csv", "most.csv", "list.csv", *words[2:], "--db", "new.db",
                  "--refused", "bad.csv", "--now", NOW, "--json")  # fmt: skip
    assert said.code == 1
    assert [(each["file"], each["refused"]) for each in said.document["refused_files"]] == [
        ("more.csv", 1),
        ("most.csv", 1),
    ]
    assert "ida" in (here / "bad-most.csv").read_text()


def test_new_organisation_reports_its_zone_and_currency(ladder: Ladder, here: Path) -> None:
    mapping = MAPPING.replace('zone = "Europe/Berlin"\n', "").replace('currency = "EUR"\n', "")
    words = [*write(here, "1,anna,subscribed,2025-01-10,,,,\n", mapping=mapping), "--db", "new.db"]
    said = ladder(*words)
    assert said.code == 2
    assert "--zone Europe/Berlin and --currency EUR" in said.err
    assert not (here / "new.db").exists()
    assert ladder(*words, "--zone", "Asia/Tokyo", "--currency", "JPY").code == 0
    assert ladder(*words, "--zone", "Asia/Seoul").code == 4, "what is stored counts in another zone"


def test_fiscal_year_is_a_month_and_a_day(ladder: Ladder, here: Path) -> None:
    words = [*write(here), "--db", "new.db", "--fiscal-year"]
    assert ladder(*words, "July").code == 2
    assert ladder(*words, "02-30").code == 3
    assert ladder(*words, "07-01").code == 0


def test_ladder_is_a_name_or_a_file_and_stays(ladder: Ladder, here: Path) -> None:
    words = [*write(here), "--now", NOW, "--json"]
    assert ladder(*words, "--db", "a.db", "--ladder", "kanter").document["ladder"] == "kanter"
    assert ladder(*words, "--db", "a.db").document["ladder"] == "kanter", "the adopted one"
    (here / "own.toml").write_text(ladder("ladders", "orbit").out)
    assert ladder(*words, "--db", "b.db", "--ladder", "own.toml").document["ladder"] == "orbit"
    unknown = ladder(*words, "--db", "c.db", "--ladder", "kantor")
    assert (unknown.code, "did you mean kanter" in unknown.err) == (2, True)


def test_organisation_can_be_named_later(ladder: Ladder, db: Path) -> None:
    assert "Your supporters" in ladder("standings", "--db", db, "--now", NOW).out
    assert ladder("replay", "--db", db, "--name", "The Garden", "--now", NOW).code == 0
    assert "The Garden" in ladder("standings", "--db", db, "--now", NOW).out


def test_replay_without_files_evaluates_another_ladder(ladder: Ladder, db: Path) -> None:
    said = ladder("replay", "--db", db, "--ladder", "kanter", "--now", NOW, "--json")
    assert said.code == 0
    assert (said.document["rows"], said.document["evaluated"]) == (0, 6)
    several = ladder("standings", "--db", db, "--now", NOW)
    assert several.code == 2
    assert "several ladders" in several.err
    assert ladder("standings", "--db", db, "--ladder", "kanter", "--now", NOW).code == 0


def test_dry_run_drafts_a_mapping_that_works(ladder: Ladder, here: Path) -> None:
    write(here)
    said = ladder("replay", "list.csv", "--dry-run", "--zone", "Europe/Berlin")
    assert said.code == 0
    assert tomllib.loads(said.out)["columns"]["supporter"] == "who"
    assert "Nothing was changed" in said.err
    (here / "draft.toml").write_text(said.out)
    words = ("--mapping", "draft.toml", "--zone", "Europe/Berlin", "--currency", "EUR")
    done = ladder("replay", "list.csv", *words, "--db", "new.db", "--now", NOW, "--json")
    assert (done.code, done.document["kept"]) == (0, 11)


def test_dry_run_of_an_empty_list_reports_it(ladder: Ladder, here: Path) -> None:
    write(here, "")
    said = ladder("replay", "list.csv", "--dry-run")
    assert said.code == 3
    assert "nothing to guess a mapping from" in said.err


def test_dry_run_with_a_mapping_previews_the_replay(ladder: Ladder, here: Path) -> None:
    words = [*write(here, ROWS + "12,gina,donation,never,5.00,,,\n"), "--dry-run"]
    said = ladder(*words, "--db", "new.db")
    assert said.code == 0
    assert "11 touchpoints of 6 supporters" in said.out
    assert ladder(*words, "--json").document["files"][0]["refused"] == 1
    assert not (here / "new.db").exists()
    assert not (here / "list.refused.csv").exists()


def test_dry_run_changes_nothing_in_a_database_that_is_there(ladder: Ladder, db: Path) -> None:
    before = db.read_bytes()
    words = write(db.parent, "99,gina,donation,2026-01-01,5.00,,,\n")
    assert ladder(*words, "--dry-run", "--db", db).code == 0
    assert db.read_bytes() == before


def test_missing_mapping_is_reported_with_the_way_to_draft_one(ladder: Ladder, here: Path) -> None:
    write(here)
    said = ladder("replay", "list.csv", "--db", "new.db")
    assert said.code == 2
    assert "ladder replay list.csv --dry-run > mapping.toml" in said.err


def test_missing_database_option_is_reported(ladder: Ladder, here: Path) -> None:
    said = ladder(*write(here))
    assert said.code == 2
    assert "--db FILE" in said.err


def test_compressed_and_other_formats_are_read_alike(ladder: Ladder, here: Path) -> None:
    words = write(here)
    plain = (here / "list.csv").read_bytes()
    (here / "list.csv.gz").write_bytes(gzip.compress(plain))
    frame = pl.read_csv(here / "list.csv", infer_schema=False)
    frame.write_parquet(here / "list.parquet")
    frame.write_ndjson(here / "list.jsonl")
    for name in ("list.csv.gz", "list.parquet", "list.jsonl"):
        said = ladder("replay", name, *words[2:], "--db", f"{name}.db", "--now", NOW, "--json")
        assert (said.code, said.document["kept"]) == (0, 11), name


def test_changed_mapping_does_not_count_a_file_twice(ladder: Ladder, here: Path) -> None:
    """Without ids, what a mapping reads makes a row's id: another one would double the history."""
    words = write(here)
    mapping = here / words[words.index("--mapping") + 1]
    plain = mapping.read_text(encoding="utf-8").replace('external_id = "id"\n', "")
    mapping.write_text(plain, encoding="utf-8")
    assert ladder(*words, "--db", "new.db", "--now", NOW).code == 0
    mapping.write_text(plain.replace("[columns]", '[columns]\nexternal_id = "id"'), "utf-8")
    again = ladder(*words, "--db", "new.db", "--now", NOW)
    assert again.code == 3
    assert "all would count twice" in again.err
    meant = ladder(*words, "--db", "new.db", "--now", NOW, "--allow-reimport", "--json")
    assert meant.document["kept"] == 11


def test_recompute_evaluates_all_supporters(ladder: Ladder, here: Path) -> None:
    words = [*write(here), "--db", "new.db", "--now", NOW, "--json"]
    people = ladder(*words).document["evaluated"]
    assert ladder(*words).document["evaluated"] == 0
    recompute = ladder("replay", "--recompute", *words[-5:]).document
    assert (recompute["evaluated"], recompute["kept"]) == (people, 0)
