"""`ladder may-ask` answers a list, `ladder next` hands people out."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from ladder.storage.databases import reading
from tests.cli.conftest import Ladder, Ran
from tests.cli.worlds import NOW


def table(said: Ran) -> dict[str, dict[str, str]]:
    """The rows of a CSV on stdout, by the first column."""
    return {next(iter(row.values())): row for row in csv.DictReader(io.StringIO(said.out))}


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("Donor,Note\nanna,a\nben,\ncara,\nerik,\nfay,z\n", encoding="utf-8")
    return path


def test_list_comes_back_with_the_answers_and_the_reasons(ask: Ladder, people: Path) -> None:
    said = ask("may-ask", people)
    assert said.code == 0
    rows = table(said)
    assert {supporter: row["may_ask"] for supporter, row in rows.items()} == {
        "anna": "yes", "ben": "yes", "cara": "not yet", "erik": "not yet", "fay": "no",
    }  # fmt: skip
    assert rows["anna"]["Note"] == "a"
    cara = rows["cara"]
    assert cara["until"] == "2029-09-02T00:00:00+02:00"  # a composite opens as the others end
    assert cara["until_what"] == "thank them; report what the gift did"
    assert "a gift is unthanked" in cara["reasons"]
    assert "5 rows: 2 yes, 2 not yet, 1 no" in said.err
    assert "because: a gift is unthanked" in said.err


def test_objecting_supporter_is_reported_only_as_left_out(ask: Ladder, people: Path) -> None:
    fay = table(ask("may-ask", people))["fay"]
    assert (fay["may_ask"], fay["at_most"], fay["channels"], fay["not_known"]) == ("no", "", "", "")
    assert "donat" not in str(fay)


def test_channel_and_amount_come_from_columns_or_for_all(ask: Ladder, tmp_path: Path) -> None:
    path = tmp_path / "wishes.csv"
    path.write_text(
        'supporter;Channel;Amount\nanna;E-Mail;20,00\nanna;;"1.000,00"\nben;sms;\n',
        encoding="utf-8",
    )
    said = ask("may-ask", path, "--json")
    rows = said.document["rows"]
    assert [row["may_ask"] for row in rows] == ["yes", "not yet", "no"]
    assert rows[1]["at_most"] == "50.00"
    everybody = ask("may-ask", path, "--channel", "sms", "--json").document["rows"]
    assert [row["may_ask"] for row in everybody] == ["yes", "no", "no"]


def test_unanswerable_rows_are_kept_and_reported_by_row(ask: Ladder, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        "supporter,channel,amount\nanna,,20\nnobody,,\n,,5\nben,pigeon,\ncara,,lots\nx,y\n",
        encoding="utf-8",
    )
    said = ask("may-ask", path)
    assert said.code == 1
    assert [row["may_ask"] for row in csv.DictReader(io.StringIO(said.out))] == [
        "yes", "unknown supporter", "unreadable", "unreadable", "unreadable",
    ]  # fmt: skip
    for told in (
        "row 3: unknown supporter: nobody",
        "row 4: unreadable: no supporter in column 'supporter'",
        "row 5: unreadable: column 'channel': unknown channel 'pigeon'",
        "row 6: unreadable: column 'amount': 'lots' is no number",
        "row 7 is left out",
    ):
        assert told in said.err, told


def test_answered_list_can_be_answered_again(ask: Ladder, people: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    assert ask("may-ask", people, "--out", out).out == ""
    again = ask("may-ask", out)
    assert again.out == out.read_text(encoding="utf-8")
    assert ask("may-ask", out, "--out", out).code == 3


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--column", "Dono"), 3, "no column is called 'Dono'; did you mean Donor"),
        (("--channel", "pots"), 2, "unknown channel 'pots'; did you mean post"),
        (("--amount", "5 USD"), 3, "say the amount in EUR"),
        (("--amount", "much"), 3, "much"),
    ],
)
def test_wrong_questions_are_rejected(
    ask: Ladder, people: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    said = ask("may-ask", people, *words)
    assert said.code == code
    assert message in said.err


def test_list_without_a_recognisable_column_names_its_columns(ask: Ladder, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("foo,bar\nanna,1\n", encoding="utf-8")
    said = ask("may-ask", path)
    assert said.code == 3
    assert "Say --column, one of foo, bar" in said.err
    assert table(ask("may-ask", path, "--column", "foo"))["anna"]["may_ask"] == "yes"


def test_empty_list_has_no_answers(ask: Ladder, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("supporter\n", encoding="utf-8")
    said = ask("may-ask", path)
    assert said.code == 0
    assert said.rows[0].startswith("supporter,may_ask")


def test_custom_rules_are_applied(ask: Ladder, people: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('without = ["unthanked", "unreported", "rest_after_first_gift"]')
    rows = table(ask("may-ask", people, "--rules", rules))
    assert "not thanked for;" not in rows["cara"]["reasons"]
    rules.write_text('without = ["unthankd"]')
    said = ask("may-ask", people, "--rules", rules)
    assert said.code == 3
    assert "did you mean unthanked" in said.err


def test_queues_list_each_supporter_once_with_the_reason(ask: Ladder) -> None:
    said = ask("next", "--json")
    queues = said.document["queues"]
    handed = [row["supporter"] for rows in queues.values() for row in rows]
    assert len(handed) == len(set(handed))
    (cara,) = queues["thank"]
    assert (cara["supporter"], cara["touch"], cara["pattern"]) == ("cara", "thank", "O1")
    assert cara["evidence"] == ["donation of 50.00 EUR on 2026-09-01 (list 6)"]
    assert "fay" not in handed


def test_people_read_a_heading_a_reason_and_what_to_do(ask: Ladder) -> None:
    said = ask("next", "--queue", "thank")
    assert "Thank them (thank)" in said.out
    assert "What to do:" in said.out
    assert all(len(line) <= 80 for line in said.rows)
    assert "nobody" in ask("next", "--queue", "answer").out


def test_assigned_supporter_is_not_queued_again(ask: Ladder, db: Path) -> None:
    first = ask("next", "--queue", "thank", "--csv", "--assign")
    assert list(table(first)) == ["cara"]
    assert "1 supporter written down as handed out" in first.err
    assert ask("next", "--queue", "thank", "--json").document["queues"]["thank"] == []
    with reading(str(db)) as store:
        kinds = store.connection.exec_driver_sql(
            "SELECT kind FROM ladder_touchpoint ORDER BY id DESC LIMIT 1"
        )
        assert kinds.scalar() == "handed_out"


@pytest.mark.parametrize("words", [("may-ask", "people.csv"), ("next", "--csv")])
def test_reader_who_leaves_early_is_no_error(
    db: Path, people: Path, words: tuple[str, ...]
) -> None:
    people.write_text("Donor\n" + "anna\n" * 200_000, encoding="utf-8")
    command = [sys.executable, "-m", "ladder", *words, "--db", str(db), "--now", NOW]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=people.parent
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
