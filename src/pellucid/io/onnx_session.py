"""ONNX files: a session that answers, and one that shows what its layers gave."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..core.extras import require
from ..errors import FileError
from .images import read_bytes

_PROVIDERS = ["CPUExecutionProvider"]

_WORDS = {
    "channels first": """
        Conv ConvTranspose ConvInteger QLinearConv BatchNormalization InstanceNormalization
        GroupNormalization LRN MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool
        GlobalLpPool MaxUnpool DepthToSpace SpaceToDepth""",
    "as before": """
        Relu LeakyRelu PRelu ThresholdedRelu Sigmoid Tanh Clip Elu Selu Celu HardSigmoid HardSwish
        Softplus Softsign Gelu Mish Erf Abs Neg Exp Log Sqrt Pow Add Sub Mul Div Sum Max Min Mean
        Concat Dropout Identity Pad Resize Upsample QuantizeLinear DequantizeLinear""",
}
_AXES = {name: axes for axes, names in _WORDS.items() for name in names.split()}
"""Operators whose channels lie on the second axis by the standard, and those whose output has the
axes of their inputs."""


class OnnxSession:
    """An ONNX Runtime session on the CPU that can also give the outputs of its layers.

    Those are made outputs of a second session when they are first asked for; it needs `onnx`.
    """

    def __init__(self, path: Path) -> None:
        read_bytes(path)
        runtime = require("onnxruntime", "An ONNX file", "'pellucid[onnx]'")
        try:
            self._session = runtime.InferenceSession(str(path), providers=_PROVIDERS)
        except Exception as error:
            reason = str(error).partition("\n")[0].strip().rstrip(".")
            raise FileError(
                f"{path} cannot be read as an ONNX model: {reason}.",
                "Write it with torch.onnx.export or another exporter.",
            ) from error
        self.path = path

    def get_inputs(self) -> list[Any]:
        """Names, shapes and types of the inputs."""
        return list(self._session.get_inputs())

    def get_outputs(self) -> list[Any]:
        """Names, shapes and types of the outputs."""
        return list(self._session.get_outputs())

    def run(self, names: Sequence[str] | None, feed: dict[str, Any]) -> list[Any]:
        """The outputs for arrays by input name."""
        return list(self._session.run(names, feed))

    @property
    def layers(self) -> dict[str, str]:
        """The names of all intermediate and final outputs, in order, with their operation."""
        return {name: kind for node, kind in self._nodes for name in node}

    @cached_property
    def channels_first(self) -> frozenset[str]:
        """The layers whose channels are known to lie on the second axis: those of operators that
        the standard defines so, and what only changes their values."""
        made = {name for node in self._graph.node for name in node.output}
        found: set[str] = set()
        for node in self._graph.node:
            before = [name for name in node.input if name in made]
            axes = _AXES.get(node.op_type, "")
            known = axes == "channels first" or (before and found.issuperset(before))
            if axes and known:
                found.update(node.output)
        return frozenset(found)

    @cached_property
    def _graph(self) -> Any:
        onnx = require("onnx", "Activations of an ONNX file", "'pellucid[onnx]'")
        return onnx.load(str(self.path), load_external_data=False).graph

    @cached_property
    def _nodes(self) -> list[tuple[tuple[str, ...], str]]:
        skipped = {"Constant", "Shape", "Gather", "Unsqueeze", "Cast", "ConstantOfShape"}
        return [
            (tuple(name for name in node.output if name), node.op_type)
            for node in self._graph.node
            if node.op_type not in skipped
        ]

    @cached_property
    def _open(self) -> Any:
        """A session whose every layer is an output."""
        onnx = require("onnx", "Activations of an ONNX file", "'pellucid[onnx]'")
        runtime = require("onnxruntime", "An ONNX file", "'pellucid[onnx]'")
        model = onnx.load(str(self.path))
        known = {output.name for output in model.graph.output}
        wanted = [name for name in self.layers if name not in known]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
        options = runtime.SessionOptions()
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
        return runtime.InferenceSession(
            model.SerializeToString(), sess_options=options, providers=_PROVIDERS
        )

    def activations(self, names: Sequence[str], feed: dict[str, Any]) -> dict[str, NDArray[Any]]:
        """The outputs of layers by name, for arrays by input name."""
        return dict(zip(names, self._open.run(list(names), feed), strict=True))
