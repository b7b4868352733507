"""Findings that live: when they open and close and why, and what has been done about them.

A finding is worked out anew whenever anything changes, so nothing can be hung on its row. What
somebody does about it is said of the touchpoints that prove it (`ledger`); in which state that puts
the finding, at every instant, is worked out (`states`) and kept beside the findings (`keeping`).
"""

from ladder.findings.action_log import name_of
from ladder.findings.context import Hers, Judging
from ladder.findings.lifecycles import Life, lives
from ladder.findings.queries import Findings, Seen, State
from ladder.findings.state_updates import Stray, keep, keep_all, last_words, strays
from ladder.findings.states import states

__all__ = [
    "Findings",
    "Hers",
    "Judging",
    "Life",
    "Seen",
    "State",
    "Stray",
    "keep",
    "keep_all",
    "last_words",
    "lives",
    "name_of",
    "states",
    "strays",
]
