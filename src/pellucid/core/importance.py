"""How much each feature counts for a model over a whole table."""

from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from .checks import Check
from .services import service

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Importance:
    """One value per feature with a 95 % interval.

    **Shapes:** `values`, `low` and `high` `(F,)`; `draws` `(R, F)` is what they are the mean of:
    the repeats of a permutation, or every row's own values, signed, with the rows' `data` `(R, F)`
    beside them. **Units:** those of `measure`.
    """

    measure: str
    names: tuple[str, ...]
    values: Array
    low: Array
    high: Array
    draws: Array
    data: Any = None
    about: str = ""
    checks: tuple[Check, ...] = field(default=())

    @property
    def order(self) -> list[int]:
        """The features, the most important first."""
        return [int(i) for i in np.argsort(-self.values, kind="stable")]

    def plot(self, **options: Any) -> Any:
        """A matplotlib figure: bars, or with `kind="beeswarm"` a dot for every row."""
        return service("plot_importance")(self, **options)

    def __repr__(self) -> str:
        best = ", ".join(f"{self.names[i]} {self.values[i]:.3g}" for i in self.order[:3])
        return f"<Importance ({self.measure}) of {len(self.names)} features: {best} …>"
