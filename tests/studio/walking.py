"""A page in Chromium, as its user sees it, and everything that goes wrong on it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.door import TOKEN, Door

PATIENCE = 180_000
"""Milliseconds; machines are busy."""

WATCH = """
window.__broken = [];
document.addEventListener('securitypolicyviolation', (e) => window.__broken.push(
  e.violatedDirective + ' ' + e.blockedURI));
"""
"""Runs before the page's own code, which then runs under its own policy."""


class Walk:
    """A page, and everything that went wrong on it."""

    def __init__(self, page: Any, door: Door) -> None:
        self.page, self.door = page, door
        self.wrong: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda m: m.type == "error" and self.wrong.append(m.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.add_init_script(WATCH)

    def open(self, fragment: str) -> None:
        self.page.goto(f"{self.door.base}/?token={TOKEN}{fragment}")

    def wait(self, condition: str) -> None:
        """Until the condition holds; asked from outside, for the page's policy forbids strings."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(f"Boolean({condition})"):
            assert time.monotonic() < end, condition
            self.page.wait_for_timeout(50)

    def drawn(self, count: int) -> list[bytes]:
        """The cards' canvases once so many are finished."""
        verdicts = ("ok", "poor", "failed", "none")
        ended = ", ".join(f".card footer .badge.{v}" for v in verdicts)
        self.wait(f"document.querySelectorAll('{ended}').length >= {count}")
        self.page.wait_for_timeout(150)  # a frame or two to paint
        return self.pixels()

    def pixels(self) -> list[bytes]:
        return [c.screenshot() for c in self.page.query_selector_all(".stage canvas")]

    def shot(self, name: str) -> None:
        """A picture to look at, where a folder for them is named."""
        folder = os.environ.get("PELLUCID_SHOTS")
        if folder:
            self.page.screenshot(path=str(Path(folder) / f"{name}.png"))


@contextmanager
def walking(browser: Any, door: Door) -> Iterator[Walk]:
    """A walk; at its end nothing may have gone wrong."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860}, accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    found = Walk(context.new_page(), door)
    door.ready()
    yield found
    broken = found.page.evaluate("window.__broken || []")
    outside = [url for url in found.requests if not url.startswith((door.base, "blob:", "data:"))]
    context.close()
    assert not found.wrong, found.wrong
    assert not broken, broken
    assert not outside, outside
