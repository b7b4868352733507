"""Placeholders are recognised by name and by an implausible number of touchpoints."""

from __future__ import annotations

import polars as pl
import pytest

from ladder.importers import Mapping, guess, preview
from ladder.importers.placeholders import Crowd, crowds, is_nobody
from ladder.model.kinds import KINDS
from tests.importers.exports import BERLIN, GIFTS, Exports


@pytest.mark.parametrize(
    "name",
    [
        "(Anonymous)", "ANONYMOUS DONOR", "Anonymous Donor (web)", "Anonymous 12", "Unknown", "N/A",
        "n. a.", "Cash", "Walk-in", "walk ins", "-", "???", "None", "Unbekannter Spender", "k. A.",
        "Anonyme Spenderin", "Spendenbox", "Sammelbüchse", "Donateur anonyme", "Inconnu", "Espèces",
        "Quête", "Donante anónimo", "Desconocida", "Sin nombre", "Anonieme", "Anonimowy", "",
        "匿名", "Аноним",
    ],
)  # fmt: skip
def test_placeholders_are_known_in_several_languages(name: str) -> None:
    assert is_nobody(name)


@pytest.mark.parametrize(
    "name",
    [
        "Cash, Johnny", "Maria Gast", "M. Divers", "John Public", "Ann Onymous", "12345", "Donor",
        "g7775a743128ff8e2", "ka6776345022a", "na12", "ada@example.org", "Nana",
        "Diverse Voices Ltd", "Mr Guest", "王伟",
    ],
)  # fmt: skip
def test_people_are_not_taken_for_placeholders(name: str) -> None:
    assert not is_nobody(name)


def counted(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["supporter", "day", "touchpoints"], orient="row")


def test_forty_a_day_may_be_one_person_and_forty_one_are_suspect() -> None:
    assert crowds(counted(("ada", "2024-05-04", 40))) == []
    (crowd,) = crowds(counted(("ada", "2024-05-04", 41), ("ada", "2024-05-05", 50)))
    assert crowd == Crowd("ada", 50, "2024-05-05")
    assert str(crowd) == "'ada' has 50 touchpoints on 2024-05-05: is that one person?"


def test_tenth_of_a_long_list_may_be_one_person_and_more_is_suspect() -> None:
    others = [(f"p{n:03}", "2024-05-04", 9) for n in range(100)]
    mine = [("box", f"2024-05-{day:02}", 4) for day in range(1, 26)]
    assert crowds(counted(*others, *mine)) == []
    assert crowds(counted(*others, *mine, ("box", "2024-06-01", 1))) == [Crowd("box", 101)]


def test_short_list_or_one_of_few_people_has_no_large_share() -> None:
    few = [(f"p{n}", "2024-05-04", 40) for n in range(30)]
    assert crowds(counted(*few, *((f"x{n}", "2024-05-04", 1) for n in range(10)))) == []
    assert (
        crowds(counted(*((f"p{n:03}", "2024-05-04", 1) for n in range(60)), ("b", "d", 30))) == []
    )


def test_suspected_placeholder_is_reported_once_by_name() -> None:
    (crowd,) = crowds(counted(("Walk-in", "2024-05-04", 500)))
    assert str(crowd) == "'Walk-in' (500 touchpoints) is no name of one person."


def test_draft_takes_names_and_asks_about_crowds(exports: Exports) -> None:
    rows = "".join(f"box 7,2024-05-04,{n}\n" for n in range(1, 60)) + "Unbekannt,2024-05-05,5\n"
    found = guess(exports.write(f"donor,date,amount\n{rows}"), BERLIN)
    assert found.mapping.placeholders.values == ("Unbekannt",)
    remarks = "\n".join(found.remarks)
    assert "Unbekannt in 'donor' is no one person" in remarks
    assert "'box 7' has 59 touchpoints on 2024-05-04: is that one person? Add it to" in remarks


def test_preview_counts_placeholders_apart_and_asks_about_suspects(exports: Exports) -> None:
    mapping = Mapping.parse(GIFTS + '[placeholders]\nvalues = "Walk-in"\n')
    rows = "Walk-in,2024-05-04,5\n" * 3 + "ada,2024-05-04,5\nCash,2024-05-04,1\n"
    seen = preview(exports.write(f"who,date,amount\n{rows}"), mapping, BERLIN, KINDS)
    assert (seen.touchpoints, seen.supporters, seen.placeholders) == (5, 2, 3)
    assert seen.by_kind == {"donation": 5}
    assert len(seen.examples) == 5
    lines = list(seen.lines())
    assert lines[1] == "3 of them are nobody's in particular"
    assert lines[-1].startswith("'Cash' (1 touchpoint) is no name of one person. Add it to values")
