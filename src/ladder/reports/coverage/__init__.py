"""Reports on coverage: holdings, declarations, pattern requirements and proposals."""

from __future__ import annotations

from ladder.reports.coverage.inventory import Holding, Holdings
from ladder.reports.coverage.proposals import Doubt, Proposal
from ladder.reports.coverage.survey import Need, Readiness, Survey, survey, survey_of_frames
from ladder.reports.coverage.toml import needed_by, toml

__all__ = [
    "Doubt",
    "Holding",
    "Holdings",
    "Need",
    "Proposal",
    "Readiness",
    "Survey",
    "needed_by",
    "survey",
    "survey_of_frames",
    "toml",
]
