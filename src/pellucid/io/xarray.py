"""Explanations as labelled arrays of xarray."""

from typing import Any

from ..core.explanation import Explanation
from ..core.extras import require


def to_xarray(e: Explanation) -> Any:
    """An `xarray.DataArray` with the explanation's axes; target and score lie along `sample`.

    Raises `MissingExtra` where xarray is not installed.
    """
    xarray = require("xarray", "Explanation.to_xarray", "'pellucid[xarray]'")
    along = {"target": e.target, "score": e.score}
    coords = {name: ("sample", list(v)) for name, v in along.items() if len(v) == len(e)}
    attrs = {"method": e.method, "seed": e.seed, "verdict": e.verdict, **_plain(e)}
    return xarray.DataArray(
        e.values.copy(), dims=e.axes, coords=coords, attrs=attrs, name="attribution"
    )


def _plain(e: Explanation) -> dict[str, Any]:
    simple = (str, int, float, bool)
    return {f"param_{name}": v for name, v in e.params.items() if isinstance(v, simple)}
