"""Findings that live: when they open and close and why, and what has been done about them.

A finding is worked out anew whenever anything changes, so nothing can be hung on its row. What
somebody does about it is said of the touchpoints that prove it (`log`); in which state that puts
the finding, at every instant, is worked out (`states`) and kept beside the findings (`keeping`).
"""

from ladder.findings.action_log import name_of
from ladder.findings.context import FindingContext, SupporterHistory
from ladder.findings.lifecycles import FindingLifecycle, lifecycles
from ladder.findings.queries import Findings, FindingView, State
from ladder.findings.state_updates import (
    StateMismatch,
    latest_marks,
    refresh,
    refresh_all,
    state_mismatches,
)
from ladder.findings.states import states

__all__ = [
    "FindingContext",
    "FindingLifecycle",
    "FindingView",
    "Findings",
    "State",
    "StateMismatch",
    "SupporterHistory",
    "latest_marks",
    "lifecycles",
    "name_of",
    "refresh",
    "refresh_all",
    "state_mismatches",
    "states",
]
