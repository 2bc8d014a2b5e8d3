"""`pellucid evaluate`, `metrics` and `benchmark`: measures of explanations from the shell."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pellucid as pl

MODEL = ("--model", "tiny:build")
FEW = ("--metric", "sparseness", "--metric", "complexity")


def test_a_folder_is_measured_row_by_row(run, folder: Path) -> None:
    shown = ("--method", "gradient", "--method", "grad_cam", *FEW)
    done = run("evaluate", ".", *MODEL, *shown, "-o", "scores.png")
    assert done.code == 0, done.err
    assert "sparseness ↑" in done.out
    assert "grad_cam" in done.out
    assert (folder / "scores.png").stat().st_size > 5000
    told = json.loads(run("evaluate", "a.png", "b.png", *MODEL, *shown, "--json").out)
    alone = json.loads(run("evaluate", "b.png", *MODEL, *shown, "--json").out)
    assert len(told["scores"]) == 4
    both, one = told["scores"][0], alone["scores"][0]
    assert both["values"][1] == pytest.approx(one["values"][0])
    assert both["mean"] == pytest.approx(sum(both["values"]) / 2)
    assert both["interval"][0] < both["interval"][1]
    assert one["interval"] == [None, None]


def test_masks_say_where_the_evidence_lies(run, folder: Path) -> None:
    mask = np.zeros((16, 16), np.uint8)
    mask[:, :8] = 1
    (folder / "masks").mkdir()
    np.save(folder / "masks" / "a.npy", mask)
    done = run("evaluate", "a.png", *MODEL, "--masks", "masks", "--metric", "pointing_game")
    assert done.code == 0, done.err
    missing = run("evaluate", "b.png", *MODEL, "--masks", "masks", "--metric", "pointing_game")
    assert missing.code == 1
    assert "no mask for b.png" in missing.err


def test_a_mask_may_be_a_picture_and_is_read_as_one(run, folder: Path, monkeypatch) -> None:
    """To the same scores as an array; refused where it is broken or has too many pixels."""
    words = ("evaluate", "a.png", *MODEL, "--metric", "pointing_game", "--json")
    half = np.zeros((16, 16, 4), np.uint8)
    half[:, :8] = 255
    Image.fromarray(half).save(folder / "half.png")
    np.save(folder / "half.npy", half[..., 0])
    scores = [
        json.loads(run(*words, "--masks", f"half.{kind}").out)["scores"] for kind in ("png", "npy")
    ]
    assert scores[0][0]["values"] == scores[1][0]["values"]
    (folder / "broken.png").write_bytes(b"no picture")
    assert "not a picture" in run(*words, "--masks", "broken.png").err
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 100)
    assert "pixels; the limit is" in run(*words, "--masks", "half.png").err


def test_a_bad_file_does_not_stop_the_rest(run, folder: Path) -> None:
    (folder / "c.png").write_bytes(b"no picture")
    done = run("evaluate", "a.png", "c.png", *MODEL, *FEW, "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert len(told["scores"][0]["values"]) == 1
    assert "c.png" in told["errors"]


def test_every_metric_tells_its_direction_range_and_flaw(run) -> None:
    listed = run("metrics")
    assert all(name in listed.out for name in pl.metrics())
    told = json.loads(run("metrics", "--json").out)
    assert [about["name"] for about in told] == list(pl.metrics())
    assert all(about["flaw"] and about["better"] in ("higher", "lower") for about in told)
    one = run("metrics", "Deletion")
    assert "Known flaw: Holes" in one.out
    assert "steps" in one.out
    assert json.loads(run("metrics", "deletion", "--json").out)["range"] == [0.0, 1.0]


def test_wrong_words_of_an_evaluation(run) -> None:
    assert run("evaluate", "a.png", *MODEL, "--metric", "deletoin").code == 2
    assert run("evaluate", "a.png", *MODEL, "-o", "x.gif").code == 2
    assert run("metrics", "deletoin").code == 2
    assert run("benchmark", "--task", "pach").code == 2
    assert run("benchmark", "-o", "x.png").code == 2


def test_the_benchmark_writes_its_page(run, folder: Path) -> None:
    asked = ("--task", "column", "--method", "gradient", "--items", "6")
    done = run("benchmark", *asked, "--out", "b.html")
    assert done.code == 0, done.err
    assert "random_map" in done.out
    assert "The columns that count in this row" in (folder / "b.html").read_text()
    told = json.loads(run("benchmark", *asked, "--out", "b.html", "--json").out)
    assert told["tasks"][0]["task"] == "column"
