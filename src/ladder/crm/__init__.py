"""One supporter, now: record and correct touchpoints, and ask where she stands and why.

For hosts: everything happens in their session and their transaction, and nothing is committed.
"""

from ladder.crm.changes import Difference, Recorded, RecordedMany
from ladder.crm.crm import CRM
from ladder.crm.may_ask import MayAsk
from ladder.crm.next_touch import NextTouch
from ladder.crm.reevaluation import Restated
from ladder.crm.results import (
    Action,
    Cause,
    Explained,
    Finding,
    Movement,
    Resolution,
    Standing,
    Unassessed,
)

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
