"""May we ask her now? The rules, and what they say of one supporter or of many.

    rules = asking.load()
    judged = asking.judged(evaluation, rules, Question(at, channel="email"))

The rules are data in the ladder language (`rules.toml`), read with the catalogue's settings and
pieces; an organisation says some of them otherwise in a document of its own.
"""

from ladder.contact_rules.decision import Decided, Question, Reason, decide
from ladder.contact_rules.loader import load, text
from ladder.contact_rules.rules import CHANNELS, Rule, Rules

__all__ = [
    "CHANNELS",
    "Decided",
    "Question",
    "Reason",
    "Rule",
    "Rules",
    "decide",
    "load",
    "text",
]
