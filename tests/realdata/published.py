"""The donor states as counted independently, with pandas, from the same exports."""

from __future__ import annotations

import csv
from pathlib import Path

GIVING = {"new", "recaptured", "upgraded", "same", "downgraded"}
COUNTED = (*sorted(GIVING), "lapsed_new", "lapsed_repeat")
FILES = {
    "swiss": ("swiss_ngo", "reference_fep_states_OURS.csv"),
    "gdq": ("gdq", "reference_fep_states_OURS.csv"),
}


def reference(path: Path, year: int) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["year"] == str(year))
