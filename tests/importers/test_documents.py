"""The reference page and the shipped mappings do what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ladder.documents.expression_parser import parse_selector
from ladder.importers import Mapping
from ladder.model.kinds import KINDS
from ladder.model.money import to_major
from tests.importers.exports import BERLIN, Exports, Result, imported

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "importing.md"
EXAMPLE = re.compile(r"```csv\n(.*?)```\n\n```toml\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
MAPPINGS = sorted((ROOT / "examples" / "mappings").glob("*.toml"))


def shown(result: Result, rows: list[int]) -> Iterator[str]:
    """Return the page's table: touchpoints with their fields, then the rejections."""
    for number, row in zip(rows, result.rows, strict=True):
        kind = KINDS[row["kind"]]
        at = BERLIN.calendar.text(row["at"])[: 10 if row["date_only"] else None]
        parts = [f"row {number}: {row['kind']} of {row['supporter']}", at]
        if row["amount"] is not None:
            parts.append(f"{to_major(row['amount'], row['currency'])} {row['currency']}")
        parts += [f"channel {row['channel']}"] if row["channel"] else []
        parts += [f"audience {row['audience']}"] if row["audience"] != kind.audience else []
        parts += [f"answers {row['answers_id']}"] if row["answers_id"] else []
        parts += [f"details {row['details']}"] if row["details"] else []
        yield ", ".join(parts)
    yield from result.reasons
    if result.ignored:
        yield f"{result.ignored} ignored"


def test_page_has_examples_of_every_part() -> None:
    text = "".join(mapping for _, mapping, _ in EXAMPLES)
    for part in ("file", "columns", "dates", "amounts", "kinds", "placeholders", "details", "rows"):
        assert re.search(rf"^\[*{part}\b", text, re.MULTILINE), part


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each[1].split('"')[1])
def test_example_of_the_page_gives_what_the_page_shows(
    exports: Exports, example: tuple[str, str, str]
) -> None:
    table, mapping, meant = example
    result = exports.read(table, mapping)
    rows = [row for batch in read_all(exports.folder / "gifts.csv", mapping) for row in batch]
    assert list(shown(result, rows)) == meant.splitlines()


def read_all(path: Path, mapping: str) -> Iterator[list[int]]:
    from ladder.importers import read  # noqa: PLC0415

    for batch in read(path, Mapping.parse(mapping), BERLIN, KINDS):
        yield batch.rows.to_list()


@pytest.mark.parametrize("field", sorted(Mapping.model_fields["columns"].annotation.model_fields))  # type: ignore[union-attr]
def test_page_explains_every_field(field: str) -> None:
    assert f"`{field}`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["file", "amounts"])
def test_page_explains_every_key(part: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = Mapping.model_fields[part].annotation.model_fields  # type: ignore[union-attr]
    assert [key for key in keys if f"`{key}`" not in page] == []


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_shipped_mapping_loads_and_its_coverage_is_in_the_language(path: Path) -> None:
    mapping = Mapping.load(path)
    assert Mapping.parse(mapping.text()) == mapping
    for each in mapping.coverage:
        assert str(parse_selector(each.selector)) == each.selector


def test_mapping_of_gifts_reads_an_export_of_gifts(exports: Exports) -> None:
    head = "Donor ID,Gift ID,Gift Date,Amount,Appeal,Gift Type,Fund"
    rows = (
        '17,G1,12/31/2024,"$1,250.00",Year end,Cash,River\n'
        "17,G2,01/05/2025,-$20.00,,Cash,\n"
        "18,G3,01/06/2025,$15.00,,Recurring gift,\n"
        "18,G4,01/07/2025,$1.00,,Test,\n"
        "Anonymous,G5,01/08/2025,$5.00,,Cash,\n"
    )
    mapping = (ROOT / "examples" / "mappings" / "gifts.toml").read_text(encoding="utf-8")
    result = exports.read(f"{head}\n{rows}", mapping)
    assert result.reasons == []
    assert result.ignored == 1
    assert result.column("kind") == [
        *("donation", "refund", "instalment", "donation"),
        "placeholder",
    ]
    assert result.rows[0]["details"] == '{"fund":"River"}'
    assert result.rows[3]["supporter"] == "anonymous:crm:G5"


def words_of_the_river() -> set[str]:
    folder = str(ROOT / "examples" / "river")
    code = f"import sys; sys.path.insert(0, {folder!r}); import words; print(*words.WORDS, sep='|')"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(run.stdout.strip().split("|"))


def test_rivers_mapping_knows_every_word_of_its_list() -> None:
    kind = Mapping.load(ROOT / "examples" / "mappings" / "river.toml").columns.kind
    assert kind is not None
    assert set(kind.values) == words_of_the_river()
    assert set(kind.values.values()) <= set(KINDS)


def test_rivers_list_is_read_whole_except_its_dirty_rows(tmp_path: Path) -> None:
    generate = ROOT / "examples" / "river" / "generate.py"
    options = ["--out", str(tmp_path), "--supporters", "120"]
    subprocess.run([sys.executable, str(generate), *options], check=True)
    mapping = Mapping.load(ROOT / "examples" / "mappings" / "river.toml")
    result = imported(tmp_path / "contacts.csv", mapping)
    assert result.ignored == 0
    # the eighth dirty row, an id used twice, is a good row by itself: the database refuses it
    assert len(result.refused) == 7
    assert result.frame["external_id"].n_unique() == len(result.frame) - 1
    thask = result.frame.filter(result.frame["purposes"] == "ask,thank")
    assert set(thask["kind"]) <= {"thank_you"}
    letters = result.frame.filter(result.frame["kind"] == "appeal")
    assert set(letters["audience"]) == {"broadcast"}
