"""The browser of the system, for the tests that walk through pages."""

import os
import shutil

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def chromium() -> str | None:
    """Its path, where there is one."""
    return os.environ.get("PELLUCID_CHROMIUM") or shutil.which("chromium")
