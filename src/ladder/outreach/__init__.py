"""Decide which supporters to contact: "may we ask?" for a whole list, and queues of contacts.

Needs the extra `bulk`.
"""

from ladder.outreach.call_queues import Calls, Handed
from ladder.outreach.may_ask import UNKNOWN_SUPPORTER, Answered, may_ask

__all__ = ["UNKNOWN_SUPPORTER", "Answered", "Calls", "Handed", "may_ask"]
