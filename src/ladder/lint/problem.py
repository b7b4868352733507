"""What a problem is: something in a ladder that will not do what its writer meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

Code = Literal[
    "true-of-nothing",
    "selects-nothing",
    "contradiction",
    "unreachable",
    "shadowed",
    "overlapping",
    "flapping",
    "needs",
    "unbounded",
    "currency",
    "words",
    "silent",
]


@dataclass(frozen=True)
class Problem:
    """Something wrong with one part of a ladder.

    An error keeps the ladder from meaning anything; a warning says that a part will most likely not
    do what it should; a note is worth a thought. `part` is "rung donating" or "pattern O1, high";
    `place` is where that stands in its document, and the part itself when there is no document.
    """

    severity: Severity
    code: Code
    part: str
    place: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.what}. {self.todo}."
