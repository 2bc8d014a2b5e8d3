"""Made inputs: seen while they grow, stopped, gone on from, and taken home."""

import io

import numpy as np
import pytest
from PIL import Image

import pellucid as pl
from studio.door import Door, until

pytestmark = pytest.mark.slow


def first(door: Door) -> str:
    door.ready()
    return door.items()[0]["id"]


def dream(door: Door, name: str = "deep_dream", params: dict | None = None, **more) -> dict:
    method = {"name": name, "params": params or {}}
    return door.post("/jobs", {"kind": "dream", "item": first(door), "method": method, **more})


def view_of(door: Door, job: dict) -> dict:
    return door.get(f"/results/{job['id']}.0")


def labels(view: dict) -> list[str]:
    return [sample["label"] for sample in view["samples"]]


def picture(door: Door, job: dict, name: str) -> Image.Image:
    answer = door.client.get(f"/api/v1/results/{job['id']}.0/pictures/{name}")
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.content))


def saved(door: Door, job: dict, kind: str, **more) -> bytes:
    export = door.job(kind="export", results=[f"{job['id']}.0"], format=kind, **more)
    assert export["state"] == "done", export["cause"]
    return door.client.get(f"/api/v1/results/{export['id']}.0/file").content


def array(door: Door, job: dict, path) -> np.ndarray:
    path.write_bytes(saved(door, job, "npz"))
    return np.asarray(pl.Explanation.load(path))


def test_a_dream_is_what_the_library_dreams(door, place, tmp_path) -> None:
    params = {"layer": "2", "steps": 3, "octaves": 2}
    job = door.ended(dream(door, params=params, size=40)["id"])
    view = view_of(door, job)
    assert [view["partial"], view["stopped"], view["steps"]] == [False, False, 6]
    assert view["octaves"] == [[23, 28], [33, 40]]
    assert len(view["curves"][0]) == 6
    assert picture(door, job, "made-0.png").size == (40, 33)
    namespace: dict = {}
    exec(view["snippet"], namespace)
    np.testing.assert_array_equal(array(door, job, tmp_path / "a.npz"), namespace["e"].values)


def test_another_item_guides_a_dream(door, tmp_path) -> None:
    guide = door.items()[1]["id"]
    params = {"layer": "2", "steps": 3, "octaves": 2}
    job = door.ended(dream(door, params=params, guide=guide)["id"])
    assert door.items()[1]["name"] in job["title"]
    view = view_of(door, job)
    assert labels(view) == ["the guide's features in 2"]
    namespace: dict = {}
    exec(view["snippet"], namespace)
    found = array(door, job, tmp_path / "a.npz")
    np.testing.assert_array_equal(found, namespace["e"].values)
    free = door.ended(dream(door, params=params)["id"])
    assert not np.array_equal(found, array(door, free, tmp_path / "b.npz"))
    start = f"{job['id']}.0"
    further = door.ended(dream(door, params=params, guide=guide, start=start)["id"])
    assert labels(view_of(door, further)) == labels(view)


def test_a_stopped_dream_is_kept_and_finished_later(opened, place, tmp_path, monkeypatch) -> None:
    door = opened("slow")
    params = {"layer": "net.2", "steps": 40, "octaves": 3}
    job = dream(door, params=params)
    until(lambda: door.get(f"/jobs/{job['id']}"), lambda j: j["done"] > 60)
    door.post(f"/jobs/{job['id']}/cancel")
    job = door.ended(job["id"])
    view = view_of(door, job)
    assert job["state"] == "cancelled"
    assert view["stopped"]
    assert 60 < view["steps"] < 120
    assert len(view["frames"]) > 1
    assert picture(door, job, f"frame-{view['frames'][0]['number']}-0.webp").size == (16, 16)
    values = array(door, job, tmp_path / "start.npz")

    further = door.ended(dream(door, params=params, start=f"{job['id']}.0")["id"])
    rest = view_of(door, further)
    assert rest["octaves"] == view["octaves"][1:]  # the first octave was finished
    assert "start.npz" in rest["snippet"]
    monkeypatch.chdir(tmp_path)
    namespace: dict = {}
    exec(rest["snippet"].replace(":slow", ":build").replace("net.2", "2"), namespace)
    np.testing.assert_array_equal(namespace["x"], values)
    found = array(door, further, tmp_path / "b.npz")
    np.testing.assert_allclose(found, namespace["e"].values, atol=1e-5)


def test_a_drawing_goes_on_from_where_it_was(door, tmp_path) -> None:
    params = {"layer": "2", "channel": [0, 3], "steps": 8}
    job = door.ended(dream(door, "feature_visualization", params)["id"])
    view = view_of(door, job)
    assert labels(view) == ["channel 0 of 2", "channel 3 of 2"]
    assert picture(door, job, "made-1.png").size == (16, 16)
    start = f"{job['id']}.0"
    further = door.ended(dream(door, "feature_visualization", params, start=start)["id"])
    assert view_of(door, further)["curves"][0][0] > view["curves"][0][0]
    assert [len(one["checks"]) > 0 for one in view["samples"]] == [True, True]
    assert [len(one["score"]) > 0 for one in view["samples"]] == [True, True]


def test_every_sample_has_a_film_of_its_own(door) -> None:
    params = {"layer": "2", "channel": [0, 3], "steps": 4}
    job = door.ended(dream(door, "feature_visualization", params)["id"])
    films = [saved(door, job, "gif", sample=k) for k in (0, 1)]
    assert [Image.open(io.BytesIO(film)).format for film in films] == ["GIF", "GIF"]
    assert films[0] != films[1]
    export = door.job(kind="export", results=[f"{job['id']}.0"], format="gif", sample=2)
    assert export["cause"] == "This result has no pictures on the way."


def test_what_cannot_be_dreamt_says_why(door) -> None:
    job = door.ended(dream(door, params={"layer": "nothing"})["id"])
    assert job["state"] == "failed"
    assert "nothing" in job["cause"]
    answer = door.client.post(
        "/api/v1/jobs",
        json={"kind": "dream", "item": first(door), "method": {"name": "deep_dream"},
              "start": "nobody.0"},
    )  # fmt: skip
    assert answer.status_code == 404
    assert answer.json()["cause"] == "This result is gone."
    job = door.ended(dream(door, "feature_visualization", guide=first(door))["id"])
    assert job["cause"] == "feature_visualization has no parameter 'guide'."
    answer = door.client.post(
        "/api/v1/jobs",
        json={"kind": "dream", "item": first(door), "method": {"name": "deep_dream"},
              "guide": "nobody"},
    )  # fmt: skip
    assert answer.status_code == 404
