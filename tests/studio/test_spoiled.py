"""Names that want to be code, and browsers that lack something: the page bears them."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from chromium import chromium
from studio.door import Door
from studio.walking import PATIENCE, Walk, walking

pytest.importorskip("playwright", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]

LABELS = (
    "<img src=x onerror=window.__ran=1>",
    "{{7*7}} ${7*7} \u202egnp\x1b[2J",
    "'\"><svg onload=window.__ran=2>",
)
SAFE = "window.__ran === undefined"


def nothing_ran(walk: Walk) -> None:
    walk.page.wait_for_timeout(150)  # what is called when a picture fails comes a moment later
    assert walk.page.evaluate(SAFE)


@pytest.fixture(scope="module")
def hostile(opened, tmp_path_factory) -> Door:
    """Classes, folders and files whose names are code."""
    if os.name != "posix":
        pytest.skip("such names cannot be given here")
    folder = tmp_path_factory.mktemp("hostile")
    rng = np.random.default_rng(0)
    for k in range(6):
        place = folder / LABELS[k % 3]
        place.mkdir(exist_ok=True)
        pixels = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"<script>window.__ran={k}<!--=cmd().png")
    return opened("hostile", None, folder)


def test_names_are_shown_and_never_run(hostile, browser, tmp_path) -> None:
    with walking(browser, hostile) as walk:
        walk.open("#/data")
        walk.page.wait_for_selector(".tile img")
        names = walk.page.locator(".tile [title]").evaluate_all("all => all.map((e) => e.title)")
        assert len([name for name in names if "<script>" in name]) == 6
        first_card(walk)
        keep_report(walk, tmp_path / "report.html")
        walk.page.locator(".card button.title").first.click()
        walk.page.get_by_text("How far to trust it").wait_for()
        for page, there in (
            ("layers", ".units canvas"),
            ("map", ".scatter canvas"),
            ("jobs", "h1"),
        ):
            walk.page.evaluate(f"location.hash = '#/{page}'")
            walk.page.wait_for_selector(there, timeout=PATIENCE)
            nothing_ran(walk)
        walk.page.evaluate("location.hash = '#/predict'")
        walk.page.get_by_role("button", name=re.compile("Predict all|Predict again")).click()
        walk.page.wait_for_selector(".confusion td button", timeout=PATIENCE)
        walk.shot("hostile")
        nothing_ran(walk)
    in_the_report(browser, tmp_path / "report.html")


def first_card(walk: Walk) -> None:
    walk.open("#/explain?m=gradient")
    walk.drawn(1)
    assert "onerror" in walk.page.locator(".classes").inner_text()
    nothing_ran(walk)


def keep_report(walk: Walk, path: Path) -> None:
    walk.page.get_by_text("Save all").click()
    with walk.page.expect_download(timeout=PATIENCE) as download:
        walk.page.get_by_role("menuitem", name="Report (HTML)").click()
    download.value.save_as(path)


def in_the_report(browser: Any, path: Path) -> None:
    page = browser.new_page()
    page.goto(path.as_uri())
    assert "onerror" in page.locator("body").inner_text()
    assert page.evaluate(SAFE)
    page.close()


def test_a_browser_without_webgl_is_told(walk) -> None:
    walk.page.add_init_script(
        "const own = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind === 'webgl2' ? null : own.call(this, kind, ...more); };"
    )
    walk.open("#/map")
    walk.page.get_by_role("alert").get_by_text("WebGL 2").wait_for(timeout=PATIENCE)
