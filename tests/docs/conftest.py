"""A folder with what the pages' snippets take for granted."""

import sys
from collections.abc import Iterator
from pathlib import Path

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
_MADE_HERE = ("mymodel", "hi_res_cam")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder: `photo.jpg`, `photos/`, `mymodel.py` and its weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name in _MADE_HERE:
        sys.modules.pop(name, None)
    (tmp_path / "photos").mkdir()
    for place, name in (("photo", "coffee"), ("photos/a", "coffee"), ("photos/b", "chelsea")):
        (tmp_path / f"{place}.jpg").write_bytes(sample(name).read_bytes())
    (tmp_path / "mymodel.py").write_text(MODEL)
    made: dict[str, object] = {}
    exec(MODEL, made)
    torch.manual_seed(0)
    build = made["build"]
    assert callable(build)
    save_file(build().module.state_dict(), tmp_path / "net.safetensors")
    yield tmp_path
    for name in _MADE_HERE:
        sys.modules.pop(name, None)
