"""Arrays of numbers: their names, and sums by place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Codes = NDArray[np.int16]
Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Mask = NDArray[np.bool_]


def sums(places: Ints, values: Ints | Floats | Single | None = None, size: int = 0) -> Floats:
    """How many are at each place, or the sum of their values there."""
    return np.bincount(places, values, size).astype(np.float64)
