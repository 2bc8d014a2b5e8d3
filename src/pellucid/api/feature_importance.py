"""The verb feature_importance: from many rows' explanations to one value per feature."""

from typing import Any

import numpy as np

from ..core.axes import FEATURE, SAMPLE
from ..core.checks import Check, grade
from ..core.explanation import Explanation
from ..core.importance import Importance
from ..errors import InputError
from ..ops.intervals import mean_interval

_ENOUGH = 30


def feature_importance(explanation: Explanation) -> Importance:
    """mean |φ| of every feature over the explained rows, with its 95 % interval over rows.

    Explain a sample of your table (`data.sample(200)`), for one target, and give the result. The
    rows' signed values stay in `draws`, and their raw data in `data`, for the beeswarm.

    **Source:** Lundberg et al. 2020, arXiv:1905.04610.
    """
    e = explanation
    if e.axes != (SAMPLE, FEATURE):
        raise InputError(
            f"An explanation with the axes {e.axes} is none of a table.",
            "Explain rows of a table with lime, shapley, kernel_shap or a gradient method.",
        )
    if len(set(e.target)) > 1:
        raise InputError(
            f"The rows were explained for {len(set(e.target))} targets.",
            "Explain all of them for one: target=.",
        )
    draws = e.values.astype(np.float64)
    low, high = mean_interval(np.abs(draws))
    names = e.record.get("feature_names") or [f"feature {i}" for i in range(draws.shape[1])]
    rows = len(draws)
    data: Any = None if e.display is None or np.shape(e.display) != draws.shape else e.display
    text = f"Mean over {rows} rows; explain at least {_ENOUGH} for a view of the whole table."
    return Importance(
        measure=f"mean |{e.method}|",
        names=tuple(str(name) for name in names),
        values=np.abs(draws).mean(0),
        low=low.clip(0),
        high=high,
        draws=draws,
        data=data,
        about=f"{e.target[0] if e.target else ''} · {rows} rows".strip(" ·"),
        checks=(Check("rows", float(rows), grade(_ENOUGH / rows, ok=1, poor=np.inf), text),),
    )
