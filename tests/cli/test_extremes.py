"""`pellucid extremes`: lists of extreme items from the shell."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pellucid as pl


@pytest.fixture
def pets(folder: Path) -> Path:
    rng = np.random.default_rng(1)
    for name in ("cat/1.png", "cat/2.png", "dog/1.png", "bird/1.png", "bird/2.png"):
        (folder / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "pets" / name)
    (folder / "pets" / "dog" / "bad.png").write_bytes(b"?")
    return folder / "pets"


def test_classes_of_the_labels(pets: Path, run) -> None:
    found = run("extremes", "pets", "--model", "tiny:build", "--top", "2", "--json")
    assert found.code == 0, found.err
    lists = json.loads(found.out)["lists"]
    assert [(one["index"], one["kind"]) for one in lists[:3]] == [
        *((0, "strongest"), (0, "weakest"), (0, "fooled"))
    ]
    assert {item["label"] for item in lists[0]["items"]} == {"cat"}
    assert json.loads(found.out)["skipped"][0]["name"] == "dog/bad.png"
    assert "left out" in found.err


def test_page_shows_every_item_and_its_map(pets: Path, run) -> None:
    arguments = ["--model", "tiny:build", "--class", "dog", "--method", "grad_cam"]
    found = run("extremes", "pets", *arguments, "--out", "page.html")
    assert found.code == 0, found.err
    assert "dog (class 1): highest scores of the class" in found.out
    page = Path("page.html").read_text("utf-8")
    assert page.count('class="tile ') == 1 + 1 + 4
    assert page.count('class="map"') == 6
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("name", ["u.png", "u.json", "u.npz", "u.svg"])
def test_units_in_every_form(pets: Path, run, name: str) -> None:
    arguments = ["--model", "tiny:build", "--layer", "2", "--channel", "3", "--top", "2"]
    found = run("extremes", "pets", *arguments, "--out", name)
    assert found.code == 0, found.err
    assert Path(name).stat().st_size > 100
    if name == "u.npz":
        assert [x.kind for x in pl.Gallery.load(name).listings] == ["top", "bottom"]


def test_second_question_from_the_store(pets: Path, run) -> None:
    arguments = ["--model", "tiny:build", "--layer", "2", "--top", "2", "--json", "--store", "kept"]
    first = run("extremes", "pets", *arguments, "--channel", "1")
    again = run("extremes", "kept", "--model", "tiny:build", "--layer", "2", "--channel", "1",
                "--top", "2", "--json")  # fmt: skip
    ids = [[i["id"] for i in one["items"]] for one in json.loads(first.out)["lists"]]
    assert ids == [[i["id"] for i in one["items"]] for one in json.loads(again.out)["lists"]]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["pets", "--class", "dgo"], 2, "Did you mean 'dog'"),
        (["pets", "--layer", "9"], 2, "no layer '9'"),
        (["pets", "--out", "x.bmp"], 2, "unknown ending"),
        (["pets", "--strict"], 1, "bad.png"),
        (["nothing"], 1, "does not exist"),
    ],
)
def test_misuse(pets: Path, run, words: list[str], code: int, said: str) -> None:
    found = run("extremes", *words, "--model", "tiny:build")
    assert (found.code, said in found.err) == (code, True), found.err
    assert not list(Path().glob("pellucid-*"))
