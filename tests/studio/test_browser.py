"""Walks through the real page on the real server, as a user would."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import pellucid as pl
from chromium import chromium
from studio.door import TOKEN
from studio.walking import PATIENCE, walking

pytest.importorskip("playwright", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.flaky(reruns=1),
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]


def test_the_first_picture_comes_by_itself(walk) -> None:
    walk.open("")
    walk.drawn(4)
    assert "token" not in walk.page.url
    assert walk.page.title() == "Explain · Pellucid studio"
    walk.wait("document.querySelectorAll('.classes button').length === 3")
    walk.shot("explain")


def test_the_look_changes_without_a_request(walk) -> None:
    walk.open("#/explain?m=grad_cam&m=gradient")
    before = walk.drawn(2)
    asked = len(walk.requests)
    walk.page.get_by_role("button", name="Map", exact=True).click()
    walk.page.get_by_label(re.compile("Opacity")).fill("0.2")
    walk.page.get_by_label("Colours").select_option("viridis")
    walk.page.get_by_role("button", name="Native").click()
    walk.page.get_by_role("button", name="More").click()
    walk.page.get_by_label("Sign").select_option("signed")
    walk.page.get_by_role("button", name="Shared").click()
    walk.page.wait_for_timeout(300)
    assert walk.pixels() != before
    assert len(walk.requests) == asked
    assert "cmap=viridis" in walk.page.url
    walk.page.get_by_role("button", name="Reset").click()
    walk.page.wait_for_timeout(200)
    assert walk.pixels() == before


def test_the_pointer_reads_the_same_place_in_every_map(walk) -> None:
    walk.open("#/explain?m=gradient&m=occlusion")
    walk.drawn(2)
    walk.page.locator(".stage canvas").first.hover(position={"x": 60, "y": 70})
    shown = [text for text in walk.page.locator(".card .facts").all_inner_texts() if "here" in text]
    assert len(shown) == 2
    cells = walk.page.evaluate("[...document.querySelectorAll('.card')].map(c => c.dataset.result)")
    view = walk.door.get(f"/results/{cells[1]}")
    info = view["arrays"]["values"]
    raw = walk.door.client.get(f"/api/v1/results/{cells[1]}/arrays/{info['file']}").content
    values = np.frombuffer(raw, "<f4").reshape(info["shape"])
    box = walk.page.locator(".stage canvas").first.bounding_box()
    row, column = int(70 / box["height"] * 16), int(60 / box["width"] * 16)
    told = float(shown[1].replace("−", "-").split()[-1])
    assert told == pytest.approx(float(values[row, column]), rel=0.01)


def test_a_class_is_clicked_and_explained_too(walk) -> None:
    walk.open("#/explain?m=grad_cam")
    walk.drawn(1)
    walk.page.locator(".classes button").nth(1).click()
    walk.drawn(2)
    assert "t=&t=" in walk.page.url
    walk.page.go_back()
    walk.wait("document.querySelectorAll('.card').length === 1")


def test_two_models_answer_side_by_side(browser, opened) -> None:
    door = opened("build+slow")
    with walking(browser, door) as walk:
        walk.open("#/explain?m=grad_cam&m=gradient")
        walk.drawn(2)
        walk.page.get_by_role("combobox", name="Compare with the model").select_option("slow")
        walk.drawn(4)
        assert "beside=1" in walk.page.url
        second = walk.page.get_by_role("region", name="The predicted class, slow")
        assert second.locator(".card").count() == 2
        asked = [job["asked"] for job in door.get("/jobs") if job["kind"] == "explain"]
        assert {one["model"] for one in asked} == {0, 1}
        walk.shot("two-models")


def test_the_models_are_described_and_how_to_add_one(walk) -> None:
    walk.open("#/explain?m=gradient")
    walk.page.get_by_role("button", name="About the models").click()
    words = walk.page.get_by_role("dialog", name="Models").inner_text()
    parameters = walk.door.get("/session")["models"][0]["parameters"]
    assert f"a network · {parameters} parameters · 3 classes · takes pictures of 16 × 16" in words
    assert "--model mymodel.py:build" in words
    walk.shot("models")


def test_details_parameters_and_python(walk) -> None:
    walk.open("#/explain?m=occlusion")
    walk.drawn(1)
    walk.page.get_by_role("button", name="Occlusion sensitivity").click()
    drawer = walk.page.get_by_role("complementary", name=re.compile("About"))
    drawer.get_by_text("How far to trust it").wait_for()
    code = drawer.get_by_label("Python").inner_text()
    namespace: dict[str, Any] = {}
    exec(compile(code, "snippet", "exec"), namespace)
    cell = walk.page.locator(".card").get_attribute("data-result")
    view = walk.door.get(f"/results/{cell}")
    info = view["arrays"]["values"]
    raw = walk.door.client.get(f"/api/v1/results/{cell}/arrays/{info['file']}").content
    shown = np.frombuffer(raw, "<f4").reshape(info["shape"])
    np.testing.assert_array_equal(namespace["e"].values[0], shown)
    walk.shot("detail")
    drawer.get_by_label("window", exact=True).fill("4")
    drawer.get_by_role("button", name="Apply").click()
    walk.wait("location.hash.includes('window')")
    walk.drawn(1)
    assert walk.door.get("/jobs")[0]["asked"]["methods"][0]["params"] == {"window": 4}


def test_what_is_saved_can_be_opened_again(walk, tmp_path) -> None:
    walk.open("#/explain?m=grad_cam&m=gradient")
    walk.drawn(2)
    saved = {}
    for name in ("Report (HTML)", "Raw values (NPZ)"):
        walk.page.get_by_text("Save all").click()
        with walk.page.expect_download(timeout=PATIENCE) as download:
            walk.page.get_by_role("menuitem", name=name).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[name] = path
    page = saved["Report (HTML)"].read_text(encoding="utf-8")
    assert "Grad-CAM" in page
    assert "<script src" not in page
    with zipfile.ZipFile(saved["Raw values (NPZ)"]) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    loaded = [pl.Explanation.load(tmp_path / name) for name in names]
    assert [e.method for e in loaded] == ["grad_cam", "gradient"]
    walk.page.get_by_role("button", name="Grad-CAM").click()
    with walk.page.expect_download() as download:
        walk.page.get_by_role("button", name="As on screen").click()
    download.value.save_as(tmp_path / "screen.png")
    assert Image.open(io.BytesIO((tmp_path / "screen.png").read_bytes())).size == (448, 448)


def test_a_link_and_a_reload_bring_back_the_view(walk) -> None:
    walk.open("#/explain?m=gradient&view=map&cmap=coolwarm")
    before = walk.drawn(1)
    walk.page.get_by_role("button", name="Copy link").click()
    link = walk.page.evaluate("navigator.clipboard.readText()")
    count = len(walk.door.get("/jobs"))
    walk.page.goto("about:blank")
    walk.page.goto(link)
    assert walk.drawn(1) == before
    assert len(walk.door.get("/jobs")) == count  # nothing was computed again


def test_layers_and_their_channels(walk) -> None:
    walk.open("#/layers")
    walk.page.wait_for_selector(".units canvas", timeout=PATIENCE)
    assert walk.page.locator(".layer-list button[aria-current=true]").count() == 1
    walk.page.locator(".layer-list button").first.click()
    walk.wait("document.querySelectorAll('.units canvas').length === 4")
    walk.page.locator(".units button").nth(2).click()
    assert re.search(r"unit=\d", walk.page.url)
    walk.page.wait_for_selector(".unit-card .legend")
    walk.shot("layers")
    walk.page.get_by_role("button", name="Find its strongest items").click()
    walk.page.wait_for_selector(".extremes img", timeout=PATIENCE)
    walk.page.get_by_role("button", name="Draw what it responds to").click()
    walk.page.wait_for_selector(".unit-side .made", timeout=PATIENCE)
    walk.page.get_by_role("button", name="Class maps").click()
    walk.drawn(3)
    walk.page.get_by_role("combobox", name="Class", exact=True).select_option(index=1)
    walk.wait("/t=[012]/.test(location.hash)")
    walk.drawn(3)


def test_predictions_lead_to_their_items(walk) -> None:
    walk.open("#/predict")
    walk.page.get_by_role("button", name=re.compile("Predict all|Predict again")).click()
    walk.page.wait_for_selector(".confusion td button", timeout=PATIENCE)
    walk.shot("predict")
    assert walk.page.get_by_text(re.compile(r"\d of 6 right")).is_visible()
    walk.page.locator(".confusion td button").first.click()
    walk.page.wait_for_selector(".tile img")
    assert "label=cat" in walk.page.url
    walk.page.get_by_label("Order").select_option("wrong")
    walk.wait("document.querySelector('.tile .wrong, .empty')")
    walk.shot("data")


def test_an_upload_is_explained(walk, tmp_path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.png"
    Image.new("RGB", (30, 20), "teal").save(path)
    walk.open("#/data")
    walk.page.set_input_files("input[type=file]", str(path))
    walk.wait("location.hash.includes('uploads')")
    walk.page.wait_for_selector(".tile img")
    walk.page.locator(".tile button").first.click()
    walk.drawn(3)


def test_a_dream_is_watched_stopped_and_gone_on_from(walk, tmp_path) -> None:
    walk.open("#/dream?dream=deep_dream~steps=300")
    walk.page.get_by_role("combobox", name="Layer").select_option("2")
    walk.page.get_by_label("Channels").fill("0, 3-4")
    walk.page.get_by_role("button", name="Start").click()
    walk.page.wait_for_selector(".dream .made", timeout=PATIENCE)
    walk.page.get_by_role("button", name="Stop").click()
    walk.page.get_by_text("Stopped at step").wait_for(timeout=PATIENCE)
    walk.page.wait_for_selector(".dream .chart polyline")
    walk.shot("dream")
    assert "channel" in walk.page.url
    with walk.page.expect_download() as download:
        walk.page.get_by_role("button", name="Picture (PNG)").click()
    download.value.save_as(tmp_path / "dream.png")
    assert Image.open(tmp_path / "dream.png").size == (16, 16)
    stopped = walk.page.url
    walk.page.get_by_role("button", name="Go on").click()
    walk.wait(f"location.href !== '{stopped}'")
    walk.page.get_by_role("button", name="Stop").click()
    walk.page.wait_for_selector(".earlier .made", timeout=PATIENCE)
    asked = walk.door.get("/jobs")[0]["asked"]
    assert asked["method"]["params"] == {"steps": 300, "layer": "2", "channel": [0, 3, 4]}
    assert f"run={asked['start']}" in stopped


def test_another_item_guides_a_dream(walk) -> None:
    walk.open("#/dream?dream=deep_dream~steps=2~octaves=2~layer=%222%22")
    walk.page.get_by_role("button", name="Choose a guide").click()
    walk.page.get_by_label("Search").fill("3")
    walk.wait("document.querySelectorAll('.choice .tile img').length === 1")
    walk.shot("guide")
    walk.page.locator(".choice .tile button").click()
    walk.page.get_by_role("button", name="Take off").wait_for()
    assert walk.page.get_by_label("Channels").count() == 0
    walk.page.get_by_role("button", name="Start").click()
    walk.page.get_by_text("the guide's features in 2").first.wait_for(timeout=PATIENCE)
    asked = walk.door.get("/jobs")[0]["asked"]
    assert f"guide={asked['guide']}" in walk.page.url
    assert walk.door.get(f"/items/{asked['guide']}")["name"].endswith("3.png")


def test_a_film_of_a_class_is_saved(walk, tmp_path) -> None:
    walk.open("#/dream?dream=feature_visualization~steps=30")
    walk.page.get_by_role("button", name="A class").click()
    walk.page.get_by_label("Another class").fill("bird")
    walk.page.get_by_label("Another class").press("Enter")
    walk.wait("location.hash.includes('of=2')")
    walk.page.get_by_role("button", name="Start").click()
    with walk.page.expect_download(timeout=PATIENCE) as download:
        walk.page.get_by_role("button", name="Film (GIF)").click(timeout=PATIENCE)
    download.value.save_as(tmp_path / "dream.gif")
    assert Image.open(tmp_path / "dream.gif").format == "GIF"


def test_trust_measures_what_was_explained(walk) -> None:
    walk.open("#/trust?m=grad_cam&m=gradient&m=occlusion")
    walk.page.wait_for_selector(".chart polyline", timeout=PATIENCE)
    assert walk.page.locator(".chart").count() == 2
    walk.page.get_by_role("button", name="Verify", exact=True).click()
    walk.wait("document.querySelectorAll('.verified tbody').length === 3")
    assert walk.page.locator(".verified th .badge").count() == 3
    walk.page.get_by_role("columnheader", name="Knows weights").wait_for()
    walk.shot("trust")


def test_a_data_set_is_mapped(walk) -> None:
    walk.open("#/map")
    walk.page.wait_for_selector(".scatter canvas", timeout=PATIENCE)
    walk.wait("document.querySelectorAll('.legend-list input').length === 2")
    walk.page.wait_for_timeout(300)
    whole = walk.page.locator(".scatter canvas").screenshot()
    walk.page.locator(".legend-list input").first.uncheck()
    walk.page.wait_for_timeout(300)
    assert walk.page.locator(".scatter canvas").screenshot() != whole
    walk.page.locator(".legend-list input").first.check()
    box = walk.page.locator(".scatter canvas").bounding_box()
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    places = [
        (box["x"] + 3 + x * (box["width"] - 6), box["y"] + 3 + y * (box["height"] - 6))
        for x, y in corners
    ]
    walk.page.keyboard.down("Shift")
    walk.page.mouse.move(*places[0])
    walk.page.mouse.down()
    for place in places[1:]:
        walk.page.mouse.move(*place)
    walk.page.mouse.up()
    walk.page.keyboard.up("Shift")
    walk.page.get_by_text("6 chosen").wait_for()
    walk.page.get_by_role("button", name="Keep as group A").click()
    walk.page.get_by_role("button", name="Compare dog").click()
    assert walk.page.url.count("g=%7B") == 2
    walk.page.get_by_role("button", name="Leave out A").click()
    walk.page.get_by_role("button", name="Compare cat").click()
    walk.page.get_by_role("button", name="Test the difference").click()
    walk.page.wait_for_selector(".compared .chart", timeout=PATIENCE)
    walk.shot("map")


def test_the_keyboard_is_enough(walk) -> None:
    walk.open("#/explain?m=gradient")
    walk.drawn(1)
    first = walk.page.locator(".stepper .name").inner_text()
    walk.page.keyboard.press("ArrowRight")
    walk.wait(f"(document.querySelector('.stepper .name')?.innerText ?? '{first}') !== '{first}'")
    walk.page.keyboard.press("m")
    assert "view=map" in walk.page.url
    walk.page.keyboard.press("1")
    assert "#/data" in walk.page.url


def test_a_stranger_sees_the_way_in_and_nothing_else(browser, door) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(door.base)
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Open").click()
    page.wait_for_selector("[role=alert]")
    assert "efficientnet" not in page.content()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Open").click()
    page.wait_for_selector(".rail")
    context.close()


AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: cd web && npm ci")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "where", ["explain?m=gradient", "data", "predict", "layers", "dream", "map", "trust", "jobs"]
)
def test_every_page_is_accessible(browser, door, where, theme) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": 1024, "height": 800})
    page = context.new_page()
    page.goto(f"{door.base}/?token={TOKEN}#/{where}")
    page.wait_for_selector(".page, .split", timeout=PATIENCE)
    page.wait_for_timeout(1500)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    context.close()
    broken = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert not broken, json.dumps(broken, indent=1)
