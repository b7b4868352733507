"""Names of array types, and sums by place."""

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
    """Count the entries at each place, or sum their values."""
    return np.bincount(places, values, size).astype(np.float64)
