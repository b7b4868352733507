"""Contact rules: whether a supporter may be asked now.

    rules = contact_rules.load()
    question = Question(at, channel="email")
    answer = evaluate_rules(evaluation, rules.of(ladder), question, rules.channels, findings)

The rules are data in the ladder language (`rules.toml`), read with the catalogue's settings and
pieces. An organisation overrides some of them in a document of its own.
"""

from ladder.contact_rules.decision import Decision, Question, Reason, decide
from ladder.contact_rules.loader import load, text
from ladder.contact_rules.rules import CHANNELS, Rule, Rules

__all__ = [
    "CHANNELS",
    "Decision",
    "Question",
    "Reason",
    "Rule",
    "Rules",
    "decide",
    "load",
    "text",
]
