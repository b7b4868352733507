"""Declared coverage of the log, and whether it meets the needs of a pattern.

Half of the patterns say that something did not happen. In a log that never held such touchpoints
their absence proves nothing, so coverage must be declared: "all outbound contacts since January
2020".
"""

from __future__ import annotations

from ladder.coverage.descriptions import describe, plainest
from ladder.coverage.gaps import Coverage, Gap, gaps
from ladder.coverage.implication import covers, may_select
from ladder.coverage.missing import (
    MissingCoverage,
    conjuncts,
    declared_part,
    find_missing,
    is_about_coverage,
    merge_missing,
)
from ladder.model.calendars import BEGINNING

__all__ = [
    "BEGINNING",
    "Coverage",
    "Gap",
    "MissingCoverage",
    "conjuncts",
    "covers",
    "declared_part",
    "describe",
    "find_missing",
    "gaps",
    "is_about_coverage",
    "may_select",
    "merge_missing",
    "plainest",
]
