"""A definition's fingerprint says what it means, in every process the same."""

from __future__ import annotations

import subprocess
import sys

from ladder.language.aggregates import count
from ladder.language.ladders import Ladder, Rung
from ladder.language.selectors import kind
from ladder.language.spans import days
from ladder.model.kinds import Kind

CODE = """
from ladder.model.kinds import Kind
from ladder.language.ladders import Ladder
purposes = frozenset({"ask", "thank", "report", "inform", "invite", "listen"})
print(Ladder(key="x", own_kinds=(Kind("letter", "outreach", "outbound", purposes),)).fingerprint)
"""


def test_order_of_sets_does_not_matter() -> None:
    prints = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(prints) == 1


def test_titles_mean_nothing_and_thresholds_do() -> None:
    def ladder(title: str, number: int) -> Ladder:
        enter = count(kind("donation"), days(30)) >= number
        return Ladder(key="x", rungs=(Rung(key="a", title=title, enter=enter),))

    assert ladder("A", 1).fingerprint == ladder("B", 1).fingerprint
    assert ladder("A", 1).fingerprint != ladder("A", 2).fingerprint


def test_kinds_family_is_part_of_the_meaning() -> None:
    time, word = (
        Ladder(key="x", own_kinds=(Kind("visit", family),)) for family in ("time", "word")
    )
    assert time.fingerprint != word.fingerprint
