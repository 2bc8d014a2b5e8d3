"""A folder with what the pages' snippets take for granted."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pellucid.io.samples import sample

MODEL = """
from pellucid import ImagePreprocess, Model
from torch import nn

def build():
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    return Model(net, preprocess=ImagePreprocess(size=32))
"""
PIPELINE = """
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

def load():
    data = pd.read_csv("data.csv")
    columns = make_column_transformer((OneHotEncoder(), ["city"]), (StandardScaler(), ["age"]))
    model = make_pipeline(columns, LogisticRegression())
    return model.fit(data[["age", "city"]], data["bought"])

def spam():
    def scores(texts):
        found = np.array([0.9 if "channel" in text else 0.1 for text in texts])
        return np.stack([1 - found, found], axis=1)
    return scores

def mean():
    return lambda x: np.stack([x.mean((1, 2)), -x.mean((1, 2))], axis=1)
"""
_MADE_HERE = ("mymodel", "hi_res_cam")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder: `photo.jpg`, `photos/`, `training/` by classes, labelled `scans.npz`,
    `mymodel.py` and its weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name in _MADE_HERE:
        sys.modules.pop(name, None)
    places = {"photo": "coffee", "photos/a": "coffee", "photos/b": "chelsea"}
    places |= {f"training/{name}/{i}": name for name in ("coffee", "chelsea") for i in range(2)}
    for place, name in places.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{place}.jpg").write_bytes(sample(name).read_bytes())
    (tmp_path / "mymodel.py").write_text(MODEL)
    (tmp_path / "pipeline.py").write_text(PIPELINE)
    rows = [f"{20 + i},{('Rome', 'Oslo')[i % 2]},{int(i % 3 == 0)}" for i in range(30)]
    (tmp_path / "data.csv").write_text("\n".join(["age,city,bought", *rows]))
    steps = [f"{i % 7},{i % 5}" for i in range(40)]
    scans = np.random.default_rng(0).random((24, 3, 32, 32), np.float32)
    np.savez(tmp_path / "scans.npz", x=scans, y=np.arange(24) % 2)
    (tmp_path / "signal.csv").write_text("\n".join(["left,right", *steps]))
    made: dict[str, object] = {}
    exec(MODEL, made)
    torch.manual_seed(0)
    build = made["build"]
    assert callable(build)
    save_file(build().module.state_dict(), tmp_path / "net.safetensors")
    yield tmp_path
    for name in _MADE_HERE:
        sys.modules.pop(name, None)
