"""`pellucid similarity`: distances to the classes of the training data, from the shell."""

import json
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl

WORDS = ("--model", "tiny:build")


@pytest.fixture
def sets(folder: Path) -> tuple[str, str]:
    """Training pictures of three shades with their labels, and new ones of which one is odd."""
    generator = np.random.default_rng(0)
    shades = np.repeat([0.1, 0.5, 0.9], 20)
    noise = 0.03 * generator.standard_normal((60, 3, 16, 16))
    known = np.clip(shades[:, None, None, None] + noise, 0, 1).astype(np.float32)
    np.savez("known.npz", x=known, y=np.repeat([0, 1, 2], 20))
    odd = np.zeros((1, 3, 16, 16), np.float32)
    odd[:, 0] = 4.0
    np.savez("new.npz", x=np.concatenate([known[::20], odd]))
    return "new.npz", "known.npz"


def test_the_odd_one_is_named_first(sets, run) -> None:
    new, known = sets
    found = run("similarity", new, "--reference", known, *WORDS, "--json")
    assert found.code == 0, found.err
    told = json.loads(found.out)
    assert (told["outliers"], len(told["items"])) == (1, 4)
    assert told["items"][0]["name"].endswith("3")
    assert told["items"][0]["outlier"]
    usual = {item["nearest"] for item in told["items"][1:]}
    assert usual == {"cat", "dog", "bird"}


def test_files_keep_and_show_the_distances(sets, run) -> None:
    new, known = sets
    for name in ("distance.npz", "distance.png"):
        found = run("similarity", new, "-r", known, *WORDS, "--metric", "euclidean", "--out", name)
        assert found.code == 0, found.err
        assert "outlier" in found.out
        assert Path(name).stat().st_size > 100
    assert pl.SimilarityDistance.load("distance.npz").metric == "euclidean"


def test_wrong_words_are_told(sets, run) -> None:
    new, known = sets
    assert "Use .npz" in run("similarity", new, "-r", known, *WORDS, "--out", "a.bmp").err
    assert "cosine" in run("similarity", new, "-r", known, *WORDS, "--metric", "cosin").err
    assert run("similarity", new, *WORDS).code == 2
