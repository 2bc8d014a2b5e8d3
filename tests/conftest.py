"""What tests in several folders share."""

import random

import pytest


@pytest.fixture
def own_random_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's generator for the code under test alone: the checker of types draws from the
    global one, which would look like a side effect."""
    own = random.Random(0)
    for name in ("getstate", "setstate", "seed", "random", "getrandbits", "gauss", "uniform"):
        monkeypatch.setattr(random, name, getattr(own, name))
