"""Layers of an ONNX file are those of the network it was written from."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl

onnx = pytest.importorskip("onnx", reason="writes ONNX files")
pytest.importorskip("onnxruntime", reason="the extra onnx")


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)
    ).eval()


@pytest.fixture(scope="module")
def path(tmp_path_factory: Any) -> Any:
    """The network above, node by node."""
    made, h = net(), onnx.helper
    weights = {name: p.detach().numpy() for name, p in made.state_dict().items()}
    floats = onnx.TensorProto.FLOAT
    graph = h.make_graph(
        [
            h.make_node("Conv", ["x", "0.weight", "0.bias"], ["conv"], kernel_shape=[3, 3]),
            h.make_node("Relu", ["conv"], ["relu"]),
            h.make_node("GlobalAveragePool", ["relu"], ["pool"]),
            h.make_node("Flatten", ["pool"], ["flat"]),
            h.make_node("Gemm", ["flat", "4.weight", "4.bias"], ["scores"], transB=1),
        ],
        "net",
        [h.make_tensor_value_info("x", floats, ["n", 1, 8, 8])],
        [h.make_tensor_value_info("scores", floats, ["n", 2])],
        [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    file = tmp_path_factory.mktemp("onnx") / "net.onnx"
    onnx.save(model, str(file))
    return file


X = np.random.default_rng(0).normal(size=(2, 1, 8, 8)).astype(np.float32)


def test_activations_are_the_networks(path: Any) -> None:
    model = pl.load_model(str(path))
    for name, layer in (("relu", "1"), ("conv", "0"), ("flat", "3")):
        ours = pl.explain(model, X, "activations", layer=name)
        theirs = pl.explain(net(), torch.from_numpy(X), "activations", layer=layer)
        np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)
        assert ours.axes == theirs.axes


def test_the_last_map_is_chosen_and_globs_give_several(path: Any) -> None:
    model = pl.load_model(str(path))
    assert pl.explain(model, X, "activations").record["layer"] == ["relu"]
    assert list(pl.explain(model, X, "activations", layer="*l*").parts) == ["relu", "pool", "flat"]
    assert [info.name for info in pl.layers(model, X) if info.chosen] == ["relu"]
    with pytest.raises(pl.LayerError, match=r"no layer 'rely'.*relu"):
        pl.explain(model, X, "activations", layer="rely")


def written(nodes: list[Any], weights: dict[str, np.ndarray], shape: list[Any], file: Any) -> Any:
    """A file with these nodes, from `x` to the output of the last."""
    h, floats = onnx.helper, onnx.TensorProto.FLOAT
    graph = h.make_graph(
        [h.make_node(*node[:3], **node[3]) for node in nodes],
        "net",
        [h.make_tensor_value_info("x", floats, shape)],
        [h.make_tensor_value_info(nodes[-1][2][0], floats, None)],
        [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    made = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, str(file))
    return file


def test_tokens_are_no_series(tmp_path: Any) -> None:
    """A layer of rank 3 is a series (N, C, T) after a convolution, and tokens (N, T, C) after a
    product of matrices: where the axes are not known by the operators, they are not named."""
    kernel, matrix = np.ones((4, 2, 3), np.float32), np.ones((4, 5), np.float32)
    nodes = [
        ("Conv", ["x", "kernel"], ["conv"], {"kernel_shape": [3]}),
        ("Relu", ["conv"], ["relu"], {}),
        ("Transpose", ["relu"], ["tokens"], {"perm": [0, 2, 1]}),
        ("MatMul", ["tokens", "matrix"], ["mixed"], {}),
        ("Add", ["mixed", "mixed"], ["twice"], {}),
        ("ReduceMean", ["twice"], ["scores"], {"axes": [1], "keepdims": 0}),
    ]
    weights = {"kernel": kernel, "matrix": matrix}
    model = pl.load_model(str(written(nodes, weights, ["n", 2, 9], tmp_path / "net.onnx")))
    x = np.random.default_rng(0).normal(size=(2, 2, 9)).astype(np.float32)
    found = {
        name: pl.explain(model, x, "activations", layer=name)
        for name in ("conv", "relu", "tokens", "mixed", "twice")
    }
    for name in ("conv", "relu"):
        assert found[name].axes == ("sample", "channel", "time")
        assert found[name].values.shape == (2, 4, 7)
    for name in ("tokens", "mixed", "twice"):
        assert found[name].axes == ("sample", "feature")
        assert found[name].values.shape == (2, 7 * (4 if name == "tokens" else 5))
    assert pl.explain(model, x, "activations").record["layer"] == ["relu"]


def test_other_layer_methods_are_refused(path: Any) -> None:
    with pytest.raises(pl.NotApplicable, match="no gradients"):
        pl.explain(pl.load_model(str(path)), X, "grad_cam")


def test_black_box_methods_as_ever(path: Any) -> None:
    ours = pl.explain(pl.load_model(str(path)), X, "occlusion", window=4, target=0)
    theirs = pl.explain(net(), torch.from_numpy(X), "occlusion", window=4, target=0)
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)


@pytest.mark.parametrize(
    "place", ["../outside.bin", "sub/../../outside.bin", "ABSOLUTE", "link.bin"]
)
def test_weights_are_not_read_from_outside_the_folder(tmp_path: Any, place: str) -> None:
    with pytest.raises(pl.FileError, match="cannot be read as an ONNX model"):
        pl.load_model(str(with_weights_at(place, tmp_path)))


def test_weights_beside_the_model_are_read(tmp_path: Any) -> None:
    model = pl.load_model(str(with_weights_at("inside.bin", tmp_path)))
    assert (
        pl.explain(model, np.ones((1, 2), np.float32), "occlusion", target=1, space="logit").score[
            0
        ]
        == 1
    )


def with_weights_at(place: str, tmp_path: Any) -> Any:
    """A file of a model that adds two zeros which lie at `place`."""
    folder, outside = tmp_path / "model", tmp_path / "outside.bin"
    folder.mkdir()
    np.zeros(2, np.float32).tofile(folder / "inside.bin")
    np.zeros(2, np.float32).tofile(outside)
    (folder / "link.bin").symlink_to(outside)
    h, floats = onnx.helper, onnx.TensorProto.FLOAT
    weight = onnx.TensorProto(name="w", data_type=floats, dims=[2])
    weight.data_location = onnx.TensorProto.EXTERNAL
    where = str(outside) if place == "ABSOLUTE" else place
    for key, value in (("location", where), ("offset", "0"), ("length", "8")):
        weight.external_data.add(key=key, value=value)
    graph = h.make_graph(
        [h.make_node("Add", ["x", "w"], ["y"])],
        "net",
        [h.make_tensor_value_info("x", floats, ["n", 2])],
        [h.make_tensor_value_info("y", floats, ["n", 2])],
        [weight],
    )
    made = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    (folder / "net.onnx").write_bytes(made.SerializeToString())
    return folder / "net.onnx"
