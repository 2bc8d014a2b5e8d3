"""The page of linked maps in a browser: what is pointed at, chosen and boxed in."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

import pellucid as pl
from chromium import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]

PLACES = """(canvas, k) => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const points = data.layers[k].points, scale = (canvas.clientWidth - 28) / data.span;
  return data.names.map((_, i) => [14 + points[2 * i] * scale, 14 + points[2 * i + 1] * scale]);
}"""
"""Where the page draws the items of a layer, as its points say."""

STRENGTH = """(canvas, places) => {
  const pen = canvas.getContext("2d"), dense = window.devicePixelRatio || 1;
  return places.map(([x, y]) => pen.getImageData(x * dense, y * dense, 1, 1).data[3]);
}"""
"""The opacity of the canvas at some places."""


SHADE = """(canvas, places) => {
  const pen = canvas.getContext("2d"), dense = window.devicePixelRatio || 1;
  return places.map(([x, y]) => String(pen.getImageData(x * dense, y * dense, 1, 1).data));
}"""
"""The colour of the canvas at some places."""


def png(shade: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (4, 4), shade).save(buffer, "png")
    return buffer.getvalue()


def item_map(points: list[tuple[float, float]]) -> pl.ItemMap:
    array = np.array(points, np.float32)
    return pl.ItemMap(points=array, features=array, method="tsne", params={})


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Six items at two layers: groups lie side by side in one, one above the other in the other."""
    wide = [(0, 0), (1, 1), (0, 2), (9, 0), (8, 1), (9, 2)]
    projection = pl.Projection(
        {"early": item_map(wide), "late": item_map([(y, x) for x, y in wide])},
        names=tuple(f"photo {i}" for i in range(6)),
        classes=("cat", "dog"),
        true=np.array([0, 0, 0, 1, 1, 1]),
        predicted=np.array([0, 0, 1, 1, 1, 1]),
        thumbnails=tuple(png(40 * i) for i in range(6)),
    )
    path = projection.html(tmp_path_factory.mktemp("maps") / "maps.html")
    found = browser.new_page(viewport={"width": 1000, "height": 900})
    wrong: list[str] = []
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.on("console", lambda m: m.type == "error" and wrong.append(m.text))
    found.on("request", lambda r: r.url.startswith(("file:", "data:")) or wrong.append(r.url))
    found.goto(path.absolute().as_uri())
    yield found
    found.close()
    assert not wrong


@pytest.fixture
def canvases(page) -> list[Any]:
    page.reload()
    return page.query_selector_all("canvas")


def test_pointing_shows_picture_and_words(page, canvases) -> None:
    x, y = canvases[1].evaluate(PLACES, 1)[2]
    canvases[1].hover(position={"x": x, "y": y})
    tip = page.locator("#tip")
    assert tip.is_visible()
    assert tip.inner_text().split("\n") == ["photo 2", "is cat, predicted dog"]
    pictures = page.evaluate("JSON.parse(document.getElementById('data').textContent).pictures")
    assert tip.locator("img").get_attribute("src") == pictures[2]
    page.mouse.move(2, 2)
    assert not tip.is_visible()


def test_a_box_in_one_map_chooses_in_all(page, canvases) -> None:
    places = [canvas.evaluate(PLACES, k) for k, canvas in enumerate(canvases)]
    before = canvases[1].evaluate(STRENGTH, places[1])
    box = canvases[0].bounding_box()
    left = np.array(places[0][:3])
    low, high = left.min(0) - 8, left.max(0) + 8
    page.mouse.move(box["x"] + low[0], box["y"] + low[1])
    page.mouse.down()
    page.mouse.move(box["x"] + high[0], box["y"] + high[1], steps=4)
    page.mouse.up()
    assert "3 items chosen: cat 3; 1 misclassified" in page.locator("#detail").inner_text()
    after = canvases[1].evaluate(STRENGTH, places[1])
    assert min(after[:3]) > 200 > 60 > max(after[3:])  # the others fade in the other map too
    assert min(before) > 200


def test_a_click_names_the_nearest_at_every_layer(page, canvases) -> None:
    x, y = canvases[0].evaluate(PLACES, 0)[4]
    canvases[0].click(position={"x": x, "y": y})
    titles = page.locator("#detail h3").all_inner_texts()
    assert titles == ["Chosen", "Nearest at early", "Nearest at late"]
    page.locator("#detail .row").nth(2).locator(".card").first.click()
    assert page.locator("#detail .row").first.inner_text().count("photo") == 1
    chosen = page.locator("#detail .row").first.locator(".card span").inner_text()
    assert chosen in {"photo 3", "photo 5"}  # both as near to photo 4


def test_only_the_misclassified_stay(page, canvases) -> None:
    page.get_by_label("only misclassified").check()
    strength = canvases[0].evaluate(STRENGTH, canvases[0].evaluate(PLACES, 0))
    assert [alpha > 0 for alpha in strength] == [False, False, True, False, False, False]


def test_colours_tell_the_true_or_the_predicted_class(page, canvases) -> None:
    legend = page.locator("#legend")
    assert legend.inner_text().split("\n") == ["cat 3", "dog 3"]
    page.get_by_label("predicted class").check()
    assert legend.inner_text().split("\n") == ["cat 2", "dog 4"]
    places = canvases[0].evaluate(PLACES, 0)
    shades = canvases[0].evaluate(SHADE, places)
    assert len(set(shades[:2])) == len(set(shades[2:])) == 1
    assert shades[1] != shades[2]
