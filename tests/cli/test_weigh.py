"""`ladder patterns weigh`: plain sentences, a drawn interval, and the same in JSON."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ladder.cli.commands import patterns
from ladder.cli.render.effects import WIDE, _Scale
from ladder.effects import Effect
from tests.cli.conftest import Ladder
from tests.effects.worlds import PLAIN, Charity, pattern, stored

AT = ("--now", "2026-01-01", "--since", "2022-12-31", "--until", "2022-12-31")
DUTY = pattern("O15", safeguard=True, title="Asked after an objection")


@pytest.fixture(scope="module")
def charity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A charity in which asking lowers giving by twelve points."""
    folder = tmp_path_factory.mktemp("charity")
    ladder = PLAIN.model_copy(update={"patterns": (*PLAIN.patterns, DUTY)})
    rows = Charity(people=1500, effect=-0.15, chances=(0.7, 0.45, 0.3)).rows()
    with stored(folder, rows, ladder):
        yield folder / "weighed.db"


def test_people_read_numbers_an_interval_and_the_plain_sentence(
    ladder: Ladder, charity: Path
) -> None:
    said = ladder("patterns", "weigh", "--db", charity, *AT)
    assert said.code == 0
    text = " ".join(said.out.split())
    assert "of those with it gave in the next 12 months" in text
    assert "points less (95 %: -" in text
    assert "Associated, not caused." in text
    assert "Of twenty patterns that mean nothing, chance makes one look striking" in text
    assert "O15 Asked after an objection: it protects people" in text
    assert any("├" in row and "●" in row and "│" in row for row in said.rows)
    assert max(map(len, said.out.splitlines())) <= 80


def test_json_holds_the_printed_numbers(ladder: Ladder, charity: Path) -> None:
    document = ladder("patterns", "weigh", "--db", charity, *AT, "--json").document
    assert document["dates"] == ["2022-12-31"]
    assert document["giving"] == ["donation", "instalment", "payment"]
    assert document["caveats"][0].startswith("Associated, not caused.")
    first, second = document["patterns"]
    assert first["silent"] is None
    difference = first["difference"]
    assert difference["low"] < difference["value"] < difference["high"] < 0
    shares = first["with"]["gave"] - first["without"]["gave"]
    assert difference["value"] == pytest.approx(shares, abs=2e-4)
    assert first["stands_out"] is True
    assert set(first["amount"]) == {"value", "low", "high"}
    assert first["amount"]["value"].count(".") == 1
    assert second["silent"].startswith("it protects people")
    assert "difference" not in second


def test_weights_of_one_pattern_follow_the_settings(ladder: Ladder, charity: Path) -> None:
    asked = ("--pattern", "asked", "--months", "6", "--min-group", "5000", "--json")
    document = ladder("patterns", "weigh", "--db", charity, *AT, *asked).document
    assert document["months"] == 6
    [only] = document["patterns"]
    assert "and 5000 are needed" in only["silent"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pattern", "P9"), "unknown pattern 'P9'"),
        (("--giving", "donatoin"), "did you mean donation"),
        (("--since", "2022-12-31T10:00"), "give a date"),
        (("--every", "week"), "'week' is not one of"),
        (("--min-group", "1"), "1 is not in the range"),
    ],
)
def test_wrong_usage_is_reported(
    ladder: Ladder, charity: Path, words: tuple[str, ...], said: str
) -> None:
    answer = ladder("patterns", "weigh", "--db", charity, *words)
    assert answer.code != 0
    assert said in answer.err
    assert answer.out == ""


def test_missing_extra_is_named(
    ladder: Ladder, charity: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "NEEDS", ("nowhere_to_be_found",))
    answer = ladder("patterns", "weigh", "--db", charity)
    assert answer.code == 2
    assert "pip install 'ladder-crm[cli,weigh]'" in answer.err


def test_statistics_are_loaded_only_for_weights() -> None:
    script = (
        "import sys\n"
        "from importlib import import_module\n"
        "from ladder.cli.group import COMMANDS, run\n"
        'for name in COMMANDS: import_module(f\'ladder.cli.commands.{name.replace("-", "_")}\')\n'
        "run(['patterns', 'weigh', '--help'])\n"
        "heavy = {'scipy', 'statsmodels', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize("blocks", [True, False])
def test_interval_is_drawn_on_its_scale(*, blocks: bool) -> None:
    scale = _Scale(0.2)
    [line] = scale.draw(Effect(-0.1, -0.15, -0.05), blocks=blocks)
    drawn = line.removeprefix("-20 ").removesuffix(" +20 points")
    left, right, middle, zero = "├┤●│" if blocks else "[]o|"
    assert len(drawn) == WIDE
    assert drawn.index(zero) == WIDE // 2
    assert [drawn.index(each) for each in (left, middle, right)] == [6, 11, 16]
    [narrow] = scale.draw(Effect(0.0, -0.001, 0.001), blocks=blocks)
    assert middle in narrow
