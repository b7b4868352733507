"""One supporter, now: record and correct touchpoints, and ask where she stands and why.

For hosts: everything happens in their session and their transaction, and nothing is committed.
"""

from ladder.crm.changes import Difference, RecordManyResult, RecordResult
from ladder.crm.crm import CRM
from ladder.crm.may_ask import MayAsk
from ladder.crm.next_touch import NextTouch
from ladder.crm.reevaluation import AdoptionResult
from ladder.crm.results import (
    Action,
    Cause,
    Finding,
    Movement,
    Resolution,
    Standing,
    SupporterExplanation,
    Unassessed,
)

__all__ = [
    "CRM",
    "Action",
    "AdoptionResult",
    "Cause",
    "Difference",
    "Finding",
    "MayAsk",
    "Movement",
    "NextTouch",
    "RecordManyResult",
    "RecordResult",
    "Resolution",
    "Standing",
    "SupporterExplanation",
    "Unassessed",
]
