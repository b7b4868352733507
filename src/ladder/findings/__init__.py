"""The lifecycle of findings: when they open and close and why, and what was done about them.

A finding is evaluated again whenever anything changes, so an action cannot be attached to its row.
An action is about the touchpoints that are the finding's evidence (`action_log`). The state of the
finding at every instant follows from the actions (`states`) and is stored (`state_updates`).
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
