"""Names for arrays of numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Codes = NDArray[np.int16]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
