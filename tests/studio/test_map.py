"""Groups of a map: by class, by a line drawn around them, and the test between them."""

import numpy as np
import pytest

import pellucid as pl
from pellucid.core.item_map import ItemMap
from pellucid.studio.plan import ModelSpec
from pellucid.studio.server import Options, Server
from studio.door import TOKEN, Door, pictures
from studio.real import KINDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mapped(opened, tmp_path_factory) -> tuple[Door, str]:
    """A studio on forty pictures, and the result that is their map."""
    place = tmp_path_factory.mktemp("many")
    (pictures(place / "photos", 40) / "cat" / "broken.png").write_text("no picture")
    door = opened("build", None, place / "photos")
    door.ready()
    dataset = door.get("/session")["datasets"][0]["id"]
    job = door.job(kind="project", dataset=dataset)
    assert job["state"] == "done", job["cause"]
    return door, f"{job['id']}.0"


@pytest.mark.parametrize("kind", ["series", "table", "text"])
def test_items_of_every_kind_are_mapped_and_ranked_by_a_layer(kind, tmp_path) -> None:
    pytest.importorskip("sklearn", reason="brings wine and texts")
    pytest.importorskip("transformers", reason="reads the texts")
    real = KINDS[kind](tmp_path)
    spec = ModelSpec(kind, real.model)
    server = Server(
        Options((spec,), real.data, real.drop, port=0, work=tmp_path / "w", token=TOKEN)
    )
    thread, door = server.run_aside(), Door(server)
    door.ready()
    dataset, items = door.get("/session")["datasets"][0]["id"], door.items(limit=200)
    traced = door.job(kind="layers", item=items[0]["id"])
    layer = door.get(f"/results/{traced['id']}.0")["layers"][-1]["address"]
    mapped = door.job(kind="project", dataset=dataset, layer=layer)
    ranked = door.job(kind="extremes", dataset=dataset, layer=layer, channel=0)
    assert [mapped["cause"], ranked["cause"]] == ["", ""]
    assert door.get(f"/results/{mapped['id']}.0")["items"] == [item["id"] for item in items]
    best = door.get(f"/results/{ranked['id']}.0")["lists"]
    assert all(
        entry["item"] in {item["id"] for item in items} for entry in next(iter(best.values()))
    )
    server.stop()
    thread.join(10)


def group(name: str, classes: list | None = None, line: list | None = None, **more) -> dict:
    return {"name": name, "classes": classes, "line": line, **more}


def points_of(door: Door, result: str) -> np.ndarray:
    return np.asarray(ItemMap.load(door.server.studio.sources.result_folder(result) / "map.npz"))


def test_an_item_that_cannot_be_read_has_no_point(mapped) -> None:
    door, result = mapped
    view = door.get(f"/results/{result}")
    items = {item["id"]: item for item in door.items(limit=200)}
    assert len(items) == 41
    assert len(view["items"]) == 40
    assert all(items[item]["name"] != "cat/broken.png" for item in view["items"])
    labels = view["arrays"]["labels"]["file"]
    raw = door.client.get(f"/api/v1/results/{result}/arrays/{labels}").content
    told = [view["labels"][k] for k in np.frombuffer(raw, "<i4")]
    assert told == [items[item]["label"] for item in view["items"]]


def test_classes_are_compared_as_the_library_compares_them(mapped) -> None:
    door, result = mapped
    groups = [group("cats", [0]), group("dogs", [1])]
    job = door.job(kind="compare_groups", results=[result], groups=groups)
    assert job["state"] == "done", job["cause"]
    found = door.get(f"/results/{job['id']}.0")
    assert found["sizes"] == [20, 20]
    made = ItemMap.load(door.server.studio.sources.result_folder(result) / "map.npz")
    names = [
        door.get(f"/items/{item}")["label"] for item in door.get(f"/results/{result}")["items"]
    ]
    wanted = pl.compare_groups(made, names).pairs[0]
    assert found["pairs"][0]["distance"] == pytest.approx(wanted.distance)
    assert found["pairs"][0]["p_permutation"] == pytest.approx(wanted.p_permutation)


def test_a_line_takes_what_lies_in_it_and_only_once(mapped) -> None:
    door, result = mapped
    points = points_of(door, result)
    middle = float(np.median(points[:, 0]))
    low, high = float(points.min()) - 1, float(points.max()) + 1
    left = [(low, low), (middle, low), (middle, high), (low, high)]
    whole = [(low, low), (high, low), (high, high), (low, high)]
    groups = [group("A", line=left), group("B", line=whole)]
    job = door.job(kind="compare_groups", results=[result], groups=groups)
    assert door.get(f"/results/{job['id']}.0")["sizes"] == [20, 20]


def test_a_group_of_nobody_is_refused_with_its_name(mapped) -> None:
    door, result = mapped
    far = [(1e6, 1e6), (1e6 + 1, 1e6), (1e6, 1e6 + 1)]
    groups = [group("cats", [0]), group("nobody", line=far)]
    job = door.job(kind="compare_groups", results=[result], groups=groups)
    assert job["state"] == "failed"
    assert job["cause"] == "nobody has fewer than two items of its own."
