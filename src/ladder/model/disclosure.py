"""Disclosure control: all minimum group sizes, in one place.

Small groups mislead and reveal individuals. Figures of smaller groups are withheld, and the output
says so.
"""

from __future__ import annotations

from typing import Final

SHARE: Final = 10
"""The smallest group for a share, median or ratio.

In a smaller group one person more or less would move a share by over a tenth. The value is our
choice. `ladder metrics --minimum` and `measure(minimum=…)` take another.
"""

SIDE: Final = 30
"""The fewest matched supporters on either side for a statement on what followed a pattern.

The value is our choice, and a low one: the interval of so small a group is wide. `ladder patterns
weigh --min-group` takes another.
"""

CELL: Final = 5
"""The fewest people for a number that reveals how they behaved.

Official statistics usually suppress cells of fewer than three to ten; five lies between. `ladder
patterns weigh --cell` takes another.
"""
