"""What tests in several folders share."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from jaxtyping import install_import_hook

from chromium import FLAGS, chromium

# Shapes are checked where they are written down; checking every function would double the time.
install_import_hook(
    ["pellucid.core.graph", "pellucid.methods", "pellucid.ops"],
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)


@pytest.fixture
def own_random_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's generator for the code under test alone: the checker of types draws from the
    global one, which would look like a side effect."""
    own = random.Random(0)
    for name in ("getstate", "setstate", "seed", "random", "getrandbits", "gauss", "uniform"):
        monkeypatch.setattr(random, name, getattr(own, name))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; one at a time, and a loop of asyncio that others cannot run beside."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()
