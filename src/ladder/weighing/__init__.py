"""Does it matter here? What followed a pattern in an organisation's own history (extra `weigh`)."""

from __future__ import annotations

from ladder.weighing.results import Arm, Balance, Effect, Weighed, Weighing
from ladder.weighing.weighing import weigh

__all__ = ["Arm", "Balance", "Effect", "Weighed", "Weighing", "weigh"]
