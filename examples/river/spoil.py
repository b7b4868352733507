"""The few dirty rows that every export holds, so that an importer can show what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from words import GIFTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from charity import Charity

Row = list[str]

ID, PERSON, DATE, WHAT, AMOUNT, CURRENCY = 0, 1, 2, 3, 6, 7  # places in a row

DIRT: tuple[tuple[str, dict[int, str]], ...] = (
    ("an impossible date", {DATE: "2024-02-30"}),
    ("a blank amount", {AMOUNT: "", CURRENCY: ""}),
    ("an unknown word", {WHAT: "Cake stall (?)"}),
    ("an id that is taken, with another amount", {AMOUNT: "1234.00"}),
    ("an impossible time", {DATE: "2025-03-05 25:10"}),
    ("an amount in words", {AMOUNT: "ten euros"}),
    ("nobody's gift", {PERSON: ""}),
    ("an unknown currency", {CURRENCY: "EURO"}),
)
"""What is wrong, and the fields that make it so; each is a spoiled copy of a true gift's row."""


class Spoiler:
    """Adds each piece of `DIRT` once, evenly over the file, drawing nothing at random.

    Thus the file without dirt is the dirty one less these rows.
    """

    def __init__(self, charity: Charity) -> None:
        self.step = max(1, charity.supporters // (len(DIRT) + 1))
        self.people = 0
        self.spilt = 0

    def after(self, rows: list[Row]) -> Iterator[Row]:
        """The dirty row that follows this supporter's rows, when it is time for one."""
        self.people += 1
        if self.spilt == len(DIRT) or self.people < self.step * (self.spilt + 1):
            return
        gift = next((row for row in rows if row[WHAT] in GIFTS), None)
        if gift is None:
            return
        fault, fields = DIRT[self.spilt]
        self.spilt += 1
        row = list(gift)
        if "taken" not in fault:
            row[ID] = f"X{self.spilt}"
        for place, value in fields.items():
            row[place] = value
        yield row
