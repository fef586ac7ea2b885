"""Vectors as every index keeps them: 32-bit floats of length one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def unit(vector: Sequence[float]) -> Vectors:
    """Return a vector at length one; one of zeros stays."""
    array = np.array(vector, dtype=np.float32)
    length = float(np.linalg.norm(array))
    return array / length if length else array
