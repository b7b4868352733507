"""Whom to contact, and how: a whole list asked "may we ask now?", and queues to work through.

Needs the extra `bulk`.
"""

from ladder.outreach.lists import UNKNOWN_SUPPORTER, Answered, may_ask
from ladder.outreach.queues import Calls, Handed

__all__ = ["UNKNOWN_SUPPORTER", "Answered", "Calls", "Handed", "may_ask"]
