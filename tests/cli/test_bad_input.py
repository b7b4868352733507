"""Bad input: a clear error, the right exit code, no traceback, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ladder, Ran
from tests.cli.worlds import HEAD, MAPPING, NOW, ROWS, write

Try = Callable[..., Ran]


@pytest.fixture
def attempt(ladder: Ladder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Replay these rows into a new database."""
    monkeypatch.chdir(tmp_path)

    def call(rows: str = ROWS, *, head: str = HEAD, mapping: str = MAPPING, more: str = "") -> Ran:
        words = write(tmp_path, rows, head=head, mapping=mapping)
        return ladder(*words, "--db", "new.db", "--now", NOW, *more.split())

    return call


def refused_outright(said: Ran, words: str) -> None:
    """The whole input is refused: exit code 3, one message, no database left behind."""
    assert said.code == 3, said
    assert words in said.err, said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert not Path("new.db").exists()


def refused_row(said: Ran, words: str) -> None:
    """One row is refused and told of, the other eleven are taken."""
    assert said.code == 1, said
    assert "11 touchpoints taken, 1 row refused" in said.out
    assert words in " ".join(said.err.split()), said.err


def test_missing_column_is_reported(attempt: Try) -> None:
    said = attempt(ROWS, head=HEAD.replace("what", "kind"))
    refused_outright(said, "what")


def test_unknown_column_in_the_mapping_names_the_nearest(attempt: Try) -> None:
    said = attempt(mapping=MAPPING.replace('at = "when"', 'at = "wen"'))
    refused_outright(said, "when")


def test_unknown_key_in_the_mapping_has_its_line(attempt: Try) -> None:
    said = attempt(mapping=MAPPING.replace("supporter =", "suporter ="))
    refused_outright(said, "line 4")


def test_mapping_that_is_not_toml_is_reported(attempt: Try) -> None:
    refused_outright(attempt(mapping="source = \n"), "list.toml")


def test_missing_mapping_or_file_is_reported(ladder: Ladder, tmp_path: Path) -> None:
    words = write(tmp_path)
    db = tmp_path / "new.db"
    assert ladder(*words[:3], tmp_path / "no.toml", "--db", db).code == 3
    said = ladder("replay", tmp_path / "no.csv", *words[2:], "--db", db)
    assert said.code == 3
    assert "no.csv" in said.err
    assert not db.exists()


def test_wrong_encoding_is_reported(
    ladder: Ladder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = write(tmp_path)
    text = f"{HEAD}\n1,zoé,subscribed,2025-01-10,,,,\n"
    (tmp_path / "list.csv").write_bytes(text.encode("cp1252"))
    said = ladder(*words, "--db", "new.db", "--now", NOW)
    refused_outright(said, "encoding")


def test_time_without_a_zone_is_reported(attempt: Try) -> None:
    mapping = MAPPING.replace('zone = "Europe/Berlin"\n', "")
    rows = ROWS.replace("2025-06-01T18:30", "2025-06-01") + "12,gina,comment,2026-01-01T12:00,,,,\n"
    refused_row(attempt(rows, mapping=mapping, more="--zone UTC"), "zone")


def test_unknown_zone_is_reported(attempt: Try) -> None:
    refused_outright(attempt(mapping=MAPPING.replace("Berlin", "Berlyn")), "Europe/Berlyn")


def test_impossible_date_is_reported(attempt: Try) -> None:
    refused_row(
        attempt(ROWS + "12,gina,donation,2025-02-29,5.00,,,\n"), "'2025-02-29' is not a valid date"
    )


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "is blank"),
        ("-5.00", "negative"),
        ("five", "is no number"),
        ("0", "0"),
        ("5.001", "5.001"),
    ],
)
def test_invalid_amount_is_reported(attempt: Try, amount: str, words: str) -> None:
    refused_row(attempt(ROWS + f"12,gina,donation,2026-01-01,{amount},,,\n"), words)


def test_currency_without_a_rate_is_reported(attempt: Try) -> None:
    mapping = MAPPING.replace('amount = "amount"', 'amount = "amount"\ncurrency = "money"')
    rows = "".join(f"{row},{'EUR' if 'donation' in row else ''}\n" for row in ROWS.splitlines())
    rows += "12,gina,donation,2026-01-01,5.00,,,,USD\n"
    said = attempt(rows, head=HEAD + ",money", mapping=mapping, more="--ladder giving_levels")
    refused_row(said, "an amount in USD")


def test_unknown_kind_names_the_nearest(attempt: Try) -> None:
    refused_row(attempt(ROWS + "12,gina,donatoin,2026-01-01,5.00,,,\n"), "'donatoin'")


def test_known_id_with_other_content_is_reported(attempt: Try) -> None:
    refused_row(attempt(ROWS + "2,anna,donation,2025-12-02,25.00,,,\n"), "known with another time")


def test_supporter_who_refers_themself_is_reported(attempt: Try) -> None:
    refused_row(
        attempt(ROWS + "12,gina,comment,2026-01-01,,,,gina\n"), "'gina' cannot refer themselves"
    )


def test_meaningless_coverage_is_reported_with_its_place(attempt: Try) -> None:
    mapping = MAPPING.replace('selector = "any_touchpoint"', 'selector = "everythin"')
    refused_outright(attempt(mapping=mapping), "[[coverage]] 1")


def test_ladder_true_of_an_empty_history_is_reported(
    attempt: Try, tmp_path: Path, ladder: Ladder
) -> None:
    (tmp_path / "own.toml").write_text(
        '[ladder]\nkey = "own"\n[[rung]]\nkey = "quiet"\nenter = "count(donation, ever) < 1"\n'
    )
    refused_outright(attempt(more="--ladder own.toml"), "own.toml, line 5")
    assert ladder("check", "own.toml").code == 3


def test_unknown_kind_or_rung_of_a_ladder_is_reported(attempt: Try, tmp_path: Path) -> None:
    for enter, word in (("count(donatoin, ever) >= 1", "donation"), ("on_rung('x')", "x")):
        (tmp_path / "own.toml").write_text(
            f'[ladder]\nkey = "own"\n[[rung]]\nkey = "quiet"\nenter = "{enter}"\n'
        )
        said = attempt(more="--ladder own.toml")
        refused_outright(said, word)
        assert "line 5, column" in said.err


def test_mistakes_of_a_ladder_are_reported_together(ladder: Ladder, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[ladder]\nkey = "own"\ntitel = "x"\n[[rung]]\nkey = "a"\nenter = "count(doation) >= 1"\n'
    )
    said = ladder("check", tmp_path / "own.toml", "--json")
    assert said.code == 3
    assert [each["line"] for each in said.document["problems"]] == [3, 6]
    assert "line 6, column" in ladder("check", tmp_path / "own.toml").out


def test_unknown_currency_of_an_organisation_is_reported(attempt: Try) -> None:
    mapping = MAPPING.replace('\n[amounts]\ncurrency = "EUR"\n', "")
    refused_outright(attempt(mapping=mapping, more="--currency EURO"), "EURO")
