"""Decide which supporters to contact: "may we ask?" for a whole list, and queues of contacts.

Needs the extra `bulk`.
"""

from ladder.outreach.call_queues import Calls, SupporterCall
from ladder.outreach.may_ask import UNKNOWN_SUPPORTER, Answers, may_ask

__all__ = ["UNKNOWN_SUPPORTER", "Answers", "Calls", "SupporterCall", "may_ask"]
