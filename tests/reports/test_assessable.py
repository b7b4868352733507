"""How many can be judged: counted over all at once, and the same as asking about each of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ladder.cli.asking import Asking, asking
from ladder.cli.commands.findings import Found
from ladder.cli.moments import MOMENT
from ladder.live.verdicts import verdicts

ROOT = Path(__file__).parents[2]
UNTIL = "2026-11-15"


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The river charity with 150 supporters."""
    folder = tmp_path_factory.mktemp("river")
    demo = ROOT / "examples" / "river" / "demo.py"
    words = ["--out", str(folder), "--supporters", "150", "--until", UNTIL]
    subprocess.run([sys.executable, str(demo), *words], check=True, capture_output=True)
    return folder / "river.db"


def one_by_one(ask: Asking, found: Found) -> dict[str, Counter[str]]:
    """The verdicts of the reference evaluator on everybody who is shown."""
    said: dict[str, Counter[str]] = {}
    for step in ask.questions.counts(ask.clock.now):
        for rung in step.rungs.split("+")[:1]:
            for one in ask.questions.people(rung, ask.clock.now):
                if one.rungs == step.rungs:
                    evaluation = found.readings.of(one.supporter_id)
                    for each in verdicts(evaluation, ask.ladder, ask.clock.now):
                        said.setdefault(each.pattern.key, Counter())[each.word] += 1
    return said


@pytest.mark.parametrize("day", [UNTIL, "2024-03-01"])
def test_the_counts_are_those_of_asking_about_each(river: Path, tmp_path: Path, day: str) -> None:
    db = Path(shutil.copy(river, tmp_path / "river.db"))
    now = MOMENT.convert(day, None, None)
    with asking(str(db), None, None, now) as ask:
        found = Found(ask, ask.clock.now)
        said = one_by_one(ask, found)
        assert sum(sum(each.values()) for each in said.values()) > 300
        for each in found.judged:
            counted = {
                "found": sum(each.found.values()),
                "clear": each.clear,
                "not assessable": each.not_assessable,
            }
            assert counted == {word: said[each.pattern.key][word] for word in counted}


def test_a_reason_is_given_where_somebody_cannot_be_judged(river: Path) -> None:
    with asking(str(river), None, None, MOMENT.convert(UNTIL, None, None)) as ask:
        for each in Found(ask, ask.clock.now).judged:
            assert bool(each.reason) == (each.not_assessable > 0)
