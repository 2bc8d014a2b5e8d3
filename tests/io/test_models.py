"""What `--model` takes."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
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

FILE = """
import part_of_CLASS
import numpy as np
from pellucid import Model

class Estimator:
    classes_ = np.array(["CLASS", "x"])

    def predict_proba(self, rows):
        return np.full((len(rows), 2), 0.5)

def load():
    return Model(Estimator())

ready = Estimator()

def predict(x):
    return x
"""


def onnx_file(path: Path) -> Path:
    """x ↦ x · (1, 1, 2)ᵀ."""
    onnx = pytest.importorskip("onnx")
    made, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = made.make_graph(
        [made.make_node("MatMul", ["x", "w"], ["y"])],
        "sum",
        [made.make_tensor_value_info("x", kind, ["n", 3])],
        [made.make_tensor_value_info("y", kind, ["n", 1])],
        [made.make_tensor("w", kind, [3, 1], [1.0, 1.0, 2.0])],
    )
    model = made.make_model(graph, opset_imports=[made.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


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


def test_onnx_files_answer_but_have_no_gradients(tmp_path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    (tmp_path / "net.onnx").write_bytes(b"no model")
    with pytest.raises(FileError, match="cannot be read as an ONNX model"):
        load_model(str(tmp_path / "net.onnx"))
    with pytest.raises(FileError, match="does not exist"):
        load_model("net.onnx")
    model = load_model(str(onnx_file(tmp_path / "sum.onnx")))
    with pytest.raises(NotApplicable, match="no gradients"):
        _ = model.module
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    e = pl.explain(model, rows, "occlusion", target=pl.Value(), space="logit")
    assert e.values.tolist() == [[0, 1, 4], [3, 4, 10]]


def test_files_are_modules_too(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.py").write_text(FILE.replace("CLASS", name))
        (tmp_path / name / f"part_of_{name}.py").write_text("")
    one, two = (load_model(f"{tmp_path / name / 'net.py'}:load") for name in ("one", "two"))
    assert (one.classes, two.classes) == (("one", "x"), ("two", "x"))
    assert one.net is None
    assert load_model(f"{tmp_path / 'one' / 'net.py'}:ready").net is None
    path = tmp_path / "one" / "net.py"
    with pytest.raises(ParameterError, match="'load'"):
        load_model(f"{path}:laod")
    with pytest.raises(ParameterError, match="names no factory"):
        load_model(str(path))
    with pytest.raises(FileError, match="does not exist"):
        load_model(f"{tmp_path / 'three.py'}:load")
    with pytest.raises(ParameterError, match="needs arguments: x"):
        load_model(f"{path}:predict")
    path.write_text("def load(:")
    with pytest.raises(ParameterError, match="SyntaxError"):
        load_model(f"{path}:load")


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
