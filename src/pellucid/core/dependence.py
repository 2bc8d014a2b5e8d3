"""How a model's score goes with one column of a table, in the column's own values."""

from dataclasses import dataclass, field
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from .checks import Check
from .services import service

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Dependence:
    """A curve over one column: partial dependence or accumulated local effects.

    **Shapes:** `grid` `(G,)` in the column's values (codes of categories, which `labels` name),
    `values` `(G,)`, `curves` `(rows, G)` one for every row (individual conditional expectation;
    none for ALE), `column` `(N,)` the data. **Units:** `values` in the target's.
    """

    kind: Literal["partial_dependence", "accumulated_local_effects"]
    feature: str
    grid: Array
    values: Array
    target: str
    unit: str
    column: Array
    curves: Array | None = None
    std_error: Array | None = None
    labels: tuple[str, ...] | None = None
    checks: tuple[Check, ...] = field(default=())

    def plot(self, **options: Any) -> Any:
        """A matplotlib figure; `centred=True` lets all curves begin at zero."""
        return service("plot_dependence")(self, **options)

    def __repr__(self) -> str:
        name = self.kind.replace("_", " ")
        low, high = float(self.values.min()), float(self.values.max())
        return f"<Dependence: {name} of {self.target} on {self.feature}, {low:.4g} to {high:.4g}>"
