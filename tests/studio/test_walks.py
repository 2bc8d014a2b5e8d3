"""A whole visit with a real model on real data of every kind, as somebody would make it."""

import io
import re
import zipfile
from pathlib import Path

import pytest

import pellucid as pl
from chromium import chromium
from pellucid.studio.plan import ModelSpec
from pellucid.studio.server import Options, Server
from studio.door import TOKEN, Door
from studio.real import KINDS, Real
from studio.walking import PATIENCE, Walk, walking

pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("transformers", reason="reads the texts")
pytest.importorskip("sklearn", reason="brings wine and texts")
pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.flaky(reruns=1),
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]

MAPPED = {
    "images": ("layers",),
    "series": ("layers", "map"),
    "table": ("map",),
    "text": ("layers", "map"),
}
"""Pages that have maps of such data."""

SAID = """[...document.querySelectorAll('.empty')]
  .some((shown) => !shown.innerText.startsWith('Loading'))"""
"""Why there is nothing to show."""

RUNNING = """[...document.querySelectorAll('.working, .waiting')]
  .some((shown) => /\\d|Starting/.test(shown.innerText))"""


@pytest.fixture(scope="module", params=KINDS)
def real(request, tmp_path_factory):
    """Every kind of data, in a studio of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    found = KINDS[request.param](folder)
    spec = ModelSpec(request.param, found.model)
    options = Options((spec,), found.data, found.drop, port=0, work=folder / "work", token=TOKEN)
    server = Server(options)
    thread = server.run_aside()
    yield found, Door(server)
    server.stop()
    thread.join(10)


def test_a_visit(real: tuple[Real, Door], browser, tmp_path) -> None:
    found, door = real
    with walking(browser, door) as walk:
        first = look_at_six_methods(walk, found)
        change_the_look(walk, found, first)
        come_back(walk, found, first)
        take_home(walk, found, tmp_path)
        stop_what_runs(walk, found)
        look_at_every_page(walk, found)
    open_without_the_studio(browser, found, tmp_path / "report.html")


def look_at_six_methods(walk: Walk, found: Real) -> list[str]:
    assert len(found.methods) >= 6
    walk.open("#/explain?" + "&".join(f"m={name}" for name in found.methods))
    walk.drawn(len(found.methods))
    assert walk.page.locator(".refused").count() == 0
    walk.shot(f"visit-{walk.door.get('/session')['models'][0]['name']}")
    return seen(walk, found)


def seen(walk: Walk, found: Real) -> list[str]:
    """What is drawn: pixels, or words and bars with their colours."""
    walk.page.wait_for_timeout(300)
    read = "e => e.tagName === 'CANVAS' ? e.toDataURL() : e.outerHTML"
    return [shown.evaluate(read) for shown in walk.page.query_selector_all(found.shown)]


def change_the_look(walk: Walk, found: Real, first: list[str]) -> None:
    asked = len(walk.requests)
    colours = walk.page.get_by_label("Colours")
    colours.select_option("coolwarm")
    if found.over_places:
        walk.page.get_by_label(re.compile("Opacity")).fill("0.9")
    assert all(new != old for new, old in zip(seen(walk, found), first, strict=True))
    assert len(walk.requests) == asked
    if found.over_places:
        walk.page.get_by_role("button", name="Reset").click()
    else:
        colours.select_option("auto")
    assert seen(walk, found) == first


def come_back(walk: Walk, found: Real, first: list[str]) -> None:
    count = len(walk.door.get("/jobs"))
    walk.page.reload()
    walk.drawn(len(found.methods))
    assert seen(walk, found) == first
    walk.page.get_by_role("button", name="Copy link").click()
    link = walk.page.evaluate("navigator.clipboard.readText()")
    walk.page.goto("about:blank")
    walk.page.goto(link)
    walk.drawn(len(found.methods))
    assert seen(walk, found) == first
    assert len(walk.door.get("/jobs")) == count


def take_home(walk: Walk, found: Real, folder: Path) -> None:
    for name, path in (("Report (HTML)", "report.html"), ("Raw values (NPZ)", "all.zip")):
        walk.page.get_by_text("Save all").click()
        with walk.page.expect_download(timeout=90_000) as download:
            walk.page.get_by_role("menuitem", name=name).click()
        download.value.save_as(folder / path)
    with zipfile.ZipFile(io.BytesIO((folder / "all.zip").read_bytes())) as archive:
        archive.extractall(folder)
        loaded = [pl.Explanation.load(folder / name) for name in archive.namelist()]
    assert [e.method for e in loaded] == list(found.methods)


def stop_what_runs(walk: Walk, found: Real) -> None:
    walk.open(f"#/explain?m={found.slow}")
    walk.wait(RUNNING)
    job = walk.door.get("/jobs")[0]
    assert job["state"] == "running"
    walk.page.reload()  # in the middle of it
    walk.wait(RUNNING)
    assert walk.door.get("/jobs")[0]["id"] == job["id"]
    walk.page.get_by_role("button", name="Cancel").click()
    walk.page.get_by_text("Cancelled").first.wait_for()
    assert walk.door.ended(job["id"])["state"] == "cancelled"


def look_at_every_page(walk: Walk, found: Real) -> None:
    """Each page has something to show of every kind of data, and nothing in it fails."""
    methods = "&".join(f"m={name}" for name in found.methods[:3])
    wanted = {
        "data": ".tile button",
        "predict": ".one table",
        "layers": ".units canvas",
        "dream": ".form, .empty",
        "map": ".scatter canvas",
        "trust": ".chart polyline",
        "jobs": "table .badge",
    }
    kind = walk.door.get("/session")["models"][0]["name"]
    for page, shown in wanted.items():
        walk.open(f"#/{page}?{methods}")
        if page in ("layers", "map") and page not in MAPPED[kind]:
            walk.wait(SAID)
        else:
            walk.page.wait_for_selector(shown, timeout=PATIENCE)
        assert walk.page.locator("[role=alert]").count() == 0
        walk.shot(f"{kind}-{page}")


def open_without_the_studio(browser, found: Real, report: Path) -> None:
    """The report needs no network, and no script to be read."""
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    titles = page.locator("h3, h2").all_inner_texts()
    pictures = page.locator("img, svg, pre, p").count()
    context.close()
    assert len(titles) >= len(found.methods)
    assert pictures >= len(found.methods)
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
