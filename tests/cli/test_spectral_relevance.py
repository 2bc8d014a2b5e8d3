"""`pellucid spectral-relevance`: the reasons of every class, from the shell."""

import json
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl

WORDS = ("--model", "corner:build", "--method", "gradient")

MODEL = """
import torch
from torch import nn

class Either(nn.Module):
    def forward(self, x):
        left, right = x[:, 0, :4, :4].mean((1, 2)), x[:, 0, 4:, 4:].mean((1, 2))
        return torch.stack([torch.maximum(left, right), x[:, 0, :4, 4:].mean((1, 2))], 1)

def build():
    return Either()
"""


@pytest.fixture
def pictures(folder: Path) -> str:
    """A class told by one corner or by the opposite one, and one told by a third."""
    (folder / "corner.py").write_text(MODEL)
    x = np.random.default_rng(0).random((40, 1, 8, 8)).astype(np.float32) / 10
    x[:12, 0, :4, :4] += 1
    x[12:20, 0, 4:, 4:] += 1
    x[20:, 0, :4, 4:] += 1
    np.savez("items.npz", x=x, y=np.repeat([0, 1], 20))
    return "items.npz"


def test_the_two_reasons_of_a_class_are_listed(pictures, run) -> None:
    done = run("spectral-relevance", pictures, *WORDS, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    first = told["classes"][0]
    assert (told["method"], first["index"]) == ("gradient", 0)
    assert [len(names) for names in first["clusters"]] == [12, 8]
    assert first["separation"] > 0.9
    assert told["checks"][0]["verdict"] == "poor"
    said = run("spectral-relevance", pictures, *WORDS)
    assert "class 0: 2 clusters, separation 1.00" in said.out
    assert "0: 12 items, typically" in said.out
    assert "clearly different reasons" in said.err


def test_files_keep_and_show_the_clusters(pictures, run) -> None:
    for name in ("reasons.npz", "reasons.png"):
        assert run("spectral-relevance", pictures, *WORDS, "--out", name).code == 0
        assert Path(name).stat().st_size > 100
    kept = pl.RelevanceClusters.load("reasons.npz")
    assert [len(cluster) for cluster in kept.of(0).clusters] == [12, 8]


def test_wrong_words_are_told(pictures, run) -> None:
    assert "Use .npz" in run("spectral-relevance", pictures, *WORDS, "--out", "a.bmp").err
    assert "at least 2" in run("spectral-relevance", pictures, *WORDS, "--most", "1").err
    assert "no parameter 'siz'" in run("spectral-relevance", pictures, *WORDS, "-p", "siz=2").err
