"""How long people wait for the studio, and how smoothly it moves, in a headless Chromium.

    python bench/studio.py                      # all parts
    python bench/studio.py --parts map --points 1000000

Prints one line a measurement. Chromium draws without a graphics card here: with one, a map of many
points is drawn far faster.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Error, sync_playwright

from pellucid.studio.plan import ModelSpec
from pellucid.studio.requests import Project
from pellucid.studio.server import Options, Server
from pellucid.studio.store import Job

MODEL = """
import torch
import pellucid as pl

def build():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 10))
    classes = [f"class {k}" for k in range(10)]
    return pl.Model(net, preprocess=pl.ImagePreprocess(size=8), classes=classes)
"""

FRAMES = """async ([steps, move]) => {
  const act = new Function("k", move), gaps = [];
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  let last = performance.now();
  for (let k = 0; k < steps; k++) {
    act(k);
    await frame();
    await frame();
    const now = performance.now();
    gaps.push((now - last) / 2);
    last = now;
  }
  return gaps;
}"""
"""Milliseconds a frame while something moves; two frames a step, so that all of it is drawn."""

TWO_FRAMES = "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
CANVAS = "const c = document.querySelector('.scatter canvas'), b = c.getBoundingClientRect();"
WHEEL = """c.dispatchEvent(new WheelEvent('wheel', {
  deltaY: k % 20 < 10 ? -60 : 60, clientX: b.x + 300, clientY: b.y + 300, cancelable: true}));"""
POINT = """c.dispatchEvent(new PointerEvent('pointermove', {
  bubbles: true, clientX: b.x + 200 + 7 * k, clientY: b.y + 300}));"""

SCROLL = "document.querySelector('.scroller').scrollTop = 600 * (k + 1);"
DONE = ".card footer .badge.ok, .card footer .badge.poor, .card footer .badge.failed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", nargs="+", default=["first", "list", "map"])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="a file for every number")
    parser.add_argument("--shots", type=Path, help="a folder for pictures of what was measured")
    words = parser.parse_args()
    found: dict[str, float] = {}

    def tell(what: str, value: float, unit: str) -> None:
        found[f"{what} ({unit})"] = value
        sys.stdout.write(f"{what:<52}{value:>10.2f} {unit}\n")
        sys.stdout.flush()

    if hasattr(os, "getloadavg"):
        tell("load of the machine at the start", os.getloadavg()[0], "")
    parts = {"first": first, "list": listed, "map": mapped}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = os.environ.get("PELLUCID_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name in words.parts:
            parts[name](browser, Path(folder), words, tell)
    if words.json:
        words.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


Tell = Callable[[str, float, str], None]


def first(browser: Any, folder: Path, words: argparse.Namespace, tell: Tell) -> None:
    """From the command to the first explanation of a bundled photograph, with nothing kept."""
    page = browser.new_page(viewport={"width": 1280, "height": 860}, bypass_csp=True)
    command = [sys.executable, "-m", "pellucid", "studio", "--no-browser"]
    command += ["--work", str(folder / "first")]
    start = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = server.stdout.readline().strip()  # type: ignore[union-attr]
        tell("first: address printed", time.perf_counter() - start, "s")
        _until(lambda: _answers(page, address))
        page.wait_for_selector(".rail")
        tell("first: page shown", time.perf_counter() - start, "s")
        page.wait_for_selector(".card .stage canvas", timeout=120_000)
        tell("first: first map drawn", time.perf_counter() - start, "s")
        page.wait_for_function(f"document.querySelectorAll({DONE!r}).length >= 1", timeout=120_000)
        tell("first: first map checked", time.perf_counter() - start, "s")
        _shot(page, words, "first")
    finally:
        server.terminate()
        server.wait()
        page.close()


def listed(browser: Any, folder: Path, words: argparse.Namespace, tell: Tell) -> None:
    """A folder of many small pictures: opened, listed, scrolled."""
    photos = folder / "photos"
    rng = np.random.default_rng(0)
    for k in range(words.items):
        path = photos / f"class {k % 10}" / f"{k:07}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(path, compress_level=1)
    start = time.perf_counter()
    with studio(folder / "list", photos) as server:
        tell(f"list: {words.items:,} items opened", time.perf_counter() - start, "s")
        page = _page(browser, server, "#/data")
        start = time.perf_counter()
        page.wait_for_selector(".tile img")
        tell("list: first items shown", time.perf_counter() - start, "s")
        _wait_for_the_session(server)
        _frames(tell, "list: frame while scrolling", page.evaluate(FRAMES, [120, SCROLL]))
        start = time.perf_counter()
        page.evaluate("document.querySelector('.scroller').scrollTop = 1e9")
        page.wait_for_selector(f".tile [title$='{words.items - 1:07}.png']", timeout=60_000)
        tell("list: jump to the last item", time.perf_counter() - start, "s")
        start = time.perf_counter()
        page.get_by_label("Order").select_option("random")
        page.wait_for_selector(".tile img")
        tell("list: shuffled", time.perf_counter() - start, "s")
        start = time.perf_counter()
        page.get_by_label("Search").fill(f"{words.items // 2:07}")
        page.wait_for_function("document.querySelectorAll('.tile').length === 1")
        tell("list: one found by its name", time.perf_counter() - start, "s")
        _shot(page, words, "list")
        page.close()


def mapped(browser: Any, folder: Path, words: argparse.Namespace, tell: Tell) -> None:
    """A map that was computed: drawn, moved, pointed at, filtered."""
    rng = np.random.default_rng(0)
    group = rng.integers(0, 10, words.points)
    angle = 2 * np.pi * group / 10
    centre = 30 * np.stack([np.cos(angle), np.sin(angle)], 1)
    points = (centre + rng.normal(0, 6, (words.points, 2))).astype(np.float32)
    np.save(folder / "many.npy", points)
    with studio(folder / "map", folder / "many.npy") as server:
        _wait_for_the_session(server)
        _put_map(server, points, group.astype(np.int32))
        page = _page(browser, server, "#/jobs")
        page.wait_for_selector(".rail")
        start = time.perf_counter()
        page.evaluate("location.hash = '#/map'")
        page.wait_for_selector(".legend-list input", timeout=120_000)
        page.evaluate(TWO_FRAMES)
        tell(f"map: {words.points:,} points first drawn", time.perf_counter() - start, "s")
        _shot(page, words, "map")
        _frames(tell, "map: frame while zooming", page.evaluate(FRAMES, [24, CANVAS + WHEEL]))
        _frames(tell, "map: frame while pointing", page.evaluate(FRAMES, [24, CANVAS + POINT]))
        start = time.perf_counter()
        page.locator(".legend-list input").first.uncheck()
        page.evaluate(TWO_FRAMES)
        tell("map: a class hidden", time.perf_counter() - start, "s")
        _shot(page, words, "map-hidden")
        page.close()


def _put_map(server: Server, points: np.ndarray, labels: np.ndarray) -> None:
    """A finished job, as the worker writes it: t-SNE of so many points takes hours."""
    from pellucid.studio.work.artefacts import write_array, write_view

    studio = server.studio
    dataset = studio.catalogue.datasets[0]
    asked = {"kind": "project", "model": 0, "dataset": dataset.id, "layer": "input"}
    folder = studio.store.job_folder("prepared") / "0"
    folder.mkdir(parents=True)
    arrays = {
        "points": write_array(folder, "points-0", points),
        "labels": write_array(folder, "labels-0", labels),
        "predicted": write_array(folder, "predicted-0", labels),
    }
    names = [f"class {k}" for k in range(10)]
    view = {
        "kind": "project",
        "items": [item.id for item in dataset.items],
        "labels": names,
        "classes": dict(enumerate(names)),
        "method": "a drawing",
        "recall": 1.0,
        "arrays": arrays,
        "partial": False,
        "revision": 0,
    }
    write_view(folder, view)
    stamp = studio.stamp(Project.model_validate(asked))
    done = Job("prepared", "project", "A map", asked, "done", time.time(), stamp)
    studio.store.put(Job(**{**vars(done), "results": ("0",)}))


@contextmanager
def studio(folder: Path, *data: Path) -> Iterator[Server]:
    """A studio that runs."""
    folder.mkdir(parents=True)
    (folder / "tiny.py").write_text(MODEL, encoding="utf-8")
    spec = ModelSpec("tiny", f"{folder / 'tiny.py'}:build")
    server = Server(Options((spec,), data, port=0, work=folder / "work"))
    thread = server.run_aside()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)


def _page(browser: Any, server: Server, fragment: str) -> Any:
    page = browser.new_page(viewport={"width": 1280, "height": 860}, bypass_csp=True)
    page.goto(f"{server.address}{fragment}")
    return page


def _wait_for_the_session(server: Server) -> None:
    _until(lambda: server.studio.scheduler.description is not None)


def _answers(page: Any, address: str) -> bool:
    try:
        page.goto(address)
    except Error:  # it does not listen yet
        return False
    return True


def _until(good: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not good():
        if time.monotonic() > end:
            raise TimeoutError(f"the studio was not ready in {seconds:.0f} s")
        time.sleep(0.02)


def _frames(tell: Tell, what: str, gaps: list[float]) -> None:
    tell(f"{what}, median", statistics.median(gaps), "ms")
    tell(f"{what}, slowest of 20", sorted(gaps)[int(0.95 * (len(gaps) - 1))], "ms")


def _shot(page: Any, words: argparse.Namespace, name: str) -> None:
    if words.shots:
        words.shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(words.shots / f"{name}.png"))


if __name__ == "__main__":
    main()
