"""Bulk replay: touchpoints in, movements and findings of all supporters out (extra `bulk`)."""

from ladder.replay.guards import Guard
from ladder.replay.replay import replay
from ladder.replay.reports import Progress, Report, Unassessable
from ladder.replay.sources import Source
from ladder.replay.verify import Verified, verify

__all__ = [
    "Guard",
    "Progress",
    "Report",
    "Source",
    "Unassessable",
    "Verified",
    "replay",
    "verify",
]
