"""Does it matter here? Giving after a pattern in an organisation's own history (extra `weigh`)."""

from __future__ import annotations

from ladder.effects.analysis import weigh
from ladder.effects.results import Arm, Balance, Effect, WeighedPattern, Weighing

__all__ = ["Arm", "Balance", "Effect", "WeighedPattern", "Weighing", "weigh"]
