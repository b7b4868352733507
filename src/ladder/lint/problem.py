"""The problem: a part of a ladder that will not do what its author intended."""

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
    "requires",
    "unbounded",
    "currency",
    "words",
    "silent",
]


@dataclass(frozen=True)
class Problem:
    """A problem in one part of a ladder.

    An error leaves the ladder without a meaning; a warning means that a part will probably not do
    what it should; a note deserves a thought. `part` is "rung donating" or "pattern O1, high";
    `place` is its place in the document, or the part itself without a document.
    """

    severity: Severity
    code: Code
    part: str
    what: str
    todo: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.what}. {self.todo}."
