"""One supporter, now: record and correct touchpoints, and ask where she stands and why.

For hosts: everything happens in their session and their transaction, and nothing is committed.
"""

from ladder.crm.answers import (
    Action,
    Cause,
    Explained,
    Finding,
    Movement,
    Resolution,
    Standing,
    Unassessed,
)
from ladder.crm.asking import MayAsk
from ladder.crm.desk import CRM
from ladder.crm.everybody import Restated
from ladder.crm.recorded import Difference, Recorded, RecordedMany
from ladder.crm.touching import NextTouch

__all__ = [
    "CRM",
    "Action",
    "Cause",
    "Difference",
    "Explained",
    "Finding",
    "MayAsk",
    "Movement",
    "NextTouch",
    "Recorded",
    "RecordedMany",
    "Resolution",
    "Restated",
    "Standing",
    "Unassessed",
]
