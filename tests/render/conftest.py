"""Explanations built by hand, one of every kind."""

import numpy as np
import pytest

from pellucid.core.explanation import Explanation


def explanation(values, axes, display=None, method="gradient", **more) -> Explanation:
    """An explanation of class `cat` with these values."""
    n = len(values)
    given = {
        "params": {},
        "target": ("cat (class 1)",) * n,
        "score": np.full(n, 2.5, np.float32),
        "record": {"space": "logit"},
        **more,
    }
    return Explanation(values=values, axes=axes, method=method, display=display, **given)


@pytest.fixture
def make():
    return explanation


@pytest.fixture
def kinds() -> dict[str, Explanation]:
    r = np.random.default_rng(0)

    def normal(*shape):
        return r.normal(size=shape).astype(np.float32)

    plane = ("sample", "height", "width")
    pixels = r.integers(0, 256, (2, 20, 24, 3), dtype=np.uint8)
    return {
        "image": explanation(normal(2, 20, 24), plane, pixels, "grad_cam"),
        "colour image": explanation(
            normal(2, 3, 20, 24), ("sample", "channel", "height", "width"), pixels
        ),
        "channels last": explanation(
            normal(2, 20, 24, 7), ("sample", "height", "width", "channel"), normal(2, 7, 20, 24)
        ),
        "grey image": explanation(normal(2, 20, 24), plane, pixels[..., 0]),
        "no display": explanation(normal(2, 20, 24), plane),
        "series": explanation(normal(2, 4, 30), ("sample", "channel", "time"), normal(2, 4, 30)),
        "series map": explanation(normal(2, 30), ("sample", "time"), normal(2, 4, 30), "grad_cam"),
        "long series": explanation(normal(1, 20, 9), ("sample", "channel", "time")),
        "volume": explanation(
            normal(2, 8, 9, 10), ("sample", "depth", "height", "width"), normal(2, 1, 8, 9, 10)
        ),
        "features": explanation(normal(2, 30), ("sample", "feature"), normal(2, 30)),
        "tokens": explanation(normal(2, 5, 3), ("sample", "token", "feature")),
        "maps": explanation(
            normal(2, 20, 7, 7), ("sample", "channel", "height", "width"), None, "activations"
        ),
        "strips": explanation(normal(2, 5, 30), ("sample", "channel", "time"), None, "activations"),
        "vector": explanation(normal(2, 100), ("sample", "feature"), None, "activations"),
    }
