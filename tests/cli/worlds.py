"""A handful of people, as a contact list and as a database, for trying commands on."""

from __future__ import annotations

from pathlib import Path

NOW = "2026-11-15"

MAPPING = """\
source = "list"

[columns]
supporter = "who"
kind = "what"
at = "when"
external_id = "id"
amount = "amount"
quantity = "hours"
answers_id = "answers"
referrer = "by"

[dates]
formats = ["iso"]
zone = "Europe/Berlin"

[amounts]
currency = "EUR"

[[coverage]]
selector = "any_touchpoint"
"""

HEAD = "id,who,what,when,amount,hours,answers,by"

ROWS = """\
1,anna,subscribed,2025-01-10,,,,
2,anna,donation,2025-12-01,25.00,,,
3,anna,thank_you,2025-12-03,,,2,
4,ben,comment,2025-06-01T18:30,,,,
5,ben,volunteer_shift,2026-02-01,,3,,
6,cara,donation,2026-09-01,50.00,,,
7,cara,appeal,2026-10-20,,,,
8,dora,petition_signed,2026-03-05,,,,ben
9,erik,subscribed,2024-01-10,,,,
10,fay,donation,2026-06-01,10.00,,,
11,fay,objected,2026-07-01,,,,
"""
"""Standings on 15 November 2026: ben evangelises (he referred dora), anna donates until 2 December,
cara donates and was asked before thanked, dora engages, erik has lapsed, and fay has objected and
is suppressed."""


def write(folder: Path, rows: str = ROWS, *, head: str = HEAD, mapping: str = MAPPING) -> list[str]:
    """The list and its mapping in that folder; the beginning of a command line that reads them."""
    (folder / "list.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    (folder / "list.toml").write_text(mapping, encoding="utf-8")
    return ["replay", str(folder / "list.csv"), "--mapping", str(folder / "list.toml")]
