"""Whom to contact, and how: a whole list asked "may we ask now?", and queues to work through.

Needs the extra `bulk`.
"""

from ladder.outreach.call_queues import Calls, Handed
from ladder.outreach.may_ask import UNKNOWN_SUPPORTER, Answered, may_ask

__all__ = ["UNKNOWN_SUPPORTER", "Answered", "Calls", "Handed", "may_ask"]
