"""How many people there have to be before a figure is made of them: all such numbers, in one place.

Small numbers mislead and give people away. What is below these is withheld, and said to be.
"""

from __future__ import annotations

from typing import Final

SHARE: Final = 10
"""Fewer than these make no share, median or ratio: one more or less would move a share by a tenth.

Ours. `ladder metrics --minimum` and `measure(minimum=…)` take another.
"""

SIDE: Final = 30
"""Matched supporters on each side below which nothing is said of what followed a pattern.

Ours, and a low one: an interval of so few is wide. `ladder patterns weigh --least` takes another.
"""

CELL: Final = 5
"""People below whom no number is shown where it says how they behaved.

Usual in official statistics, which suppress cells of fewer than three to ten: five lies between.
`ladder patterns weigh --cell` takes another.
"""
