"""A comparison with another ladder: which supporters would move, since when, and why.

    whatif(engine, "alder", Ladder(...), now=now)

Reads the stored history once and writes nothing (extra `bulk`).
"""

from ladder.whatif.compare import whatif
from ladder.whatif.results import Apart, Mover, PatternChange, Reading, Step, WhatIf

__all__ = ["Apart", "Mover", "PatternChange", "Reading", "Step", "WhatIf", "whatif"]
