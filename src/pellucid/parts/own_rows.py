"""Rows of a table that stand in for what is taken away from one of them."""

from dataclasses import fields
from typing import Any

import numpy as np

from ..core import registry
from ..core.method import Method

MOST = 50
"""Each costs an evaluation of every coalition."""

_MOST_OF = {"lime": 5000}
"""Of methods that only learn from them how columns are spread, which costs nothing."""


def takes_rows(method: Method) -> bool:
    """Whether a method has a parameter for them."""
    return any(f.name == "background" for f in fields(method))  # type: ignore[arg-type]


def with_rows(method: Method, others: Any) -> Method:
    """The method with rows of the frame `others`, evenly spread, as its background.

    A method of gradients gets numbers; where a column holds none, it is returned as it is.
    """
    name, count = method.card.name, len(others)
    kept = min(_MOST_OF.get(name, MOST), count)
    rows = others.iloc[[i * count // kept for i in range(kept)]]
    if method.card.access != "black_box":
        try:
            rows = rows.to_numpy(np.float32)
        except (TypeError, ValueError):
            return method
    return registry.create(name, {**method.params(), "background": rows})
