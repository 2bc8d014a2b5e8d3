"""95 % intervals of means of few values."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_Z = 1.959963984540054
_FEW = dict(enumerate((12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912), 1))


def student_t(freedom: int) -> float:
    """The 97.5 % quantile of Student's t: exact for few degrees of freedom, else the expansion
    around the normal quantile (Fisher & Cornish 1960)."""
    if freedom in _FEW:
        return _FEW[freedom]
    z, v = _Z, float(freedom)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / v + second / v**2 + third / v**3


def mean_interval(draws: Array) -> tuple[Array, Array]:
    """The ends of the interval of the mean over the first axis, `(R, F)` to `(F,)` each."""
    n = len(draws)
    if n < 2:
        return draws.mean(0), draws.mean(0)
    half = student_t(n - 1) * draws.std(0, ddof=1) / np.sqrt(n)
    return draws.mean(0) - half, draws.mean(0) + half
