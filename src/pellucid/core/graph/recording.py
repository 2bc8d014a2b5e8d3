"""Records what a network runs: every operation on a value that depends on the input.

The network's own forward runs once under a dispatch mode, so that modules, functions, methods,
reused layers and TorchScript all come down to the same few hundred operations of ATen, whatever
the Python around them does. Writing in place is turned into operations that make a new tensor.
"""

import linecache
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import jaxtyping
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode

from ...errors import NotApplicable
from ..inputs import Inputs
from ..model import FAILURES, Model
from ..structure import leaves, replace_leaf
from .node import Graph, Node, Ref

_OURS = str(FilePath(__file__).parents[2])
_NOT_THEIRS = (*torch.__path__, *jaxtyping.__path__, _OURS, "<")
"""Files in which no line of a network's own code lies."""
_OWN_NETS = str(FilePath(_OURS) / "testing")
_CALLING = nn.Module._call_impl.__code__
_SAME = {"as_strided_", "resize_", "set_"}
"""What changes how a tensor lies in memory, not its values."""
_ESCAPES = {"_local_scalar_dense"}


def record(model: Model, inputs: Inputs) -> Graph:
    """Run the model once and keep its graph, with the values of the inputs at hand.

    The inputs that can be explained are its sources. Raises `NotApplicable` where values leave the
    graph.
    """
    try:
        with _plain_operations(model):
            try:
                return _recorded(model, inputs, snapshots=False)
            except _Overwritten:
                return _recorded(model, inputs, snapshots=True)
    except FAILURES as error:
        if isinstance(error, NotApplicable):
            raise
        model.run(inputs)  # an error of the network's own is for the user to see
        raise NotApplicable(
            f"The network's operations cannot be recorded ({type(error).__name__}: {error}).",
            "Use integrated_gradients, which needs no graph of operations.",
        ) from error


@contextmanager
def _plain_operations(model: Model) -> Iterator[None]:
    """Attention and recurrent layers run as the products and sums that they are."""
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if any(isinstance(module, nn.RNNBase) for module in model.module.modules()):
            stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
        yield


def _recorded(model: Model, inputs: Inputs, snapshots: bool) -> Graph:
    given = {name: tensor.detach() for name, tensor in inputs.explained.items()}
    fixed = {p: t for p, t in leaves(inputs.value) if not t.is_floating_point()}
    returned: list[Any] = []

    def run(*tensors: Tensor) -> list[Tensor]:
        value = inputs.value
        for path, tensor in zip(fixed, tensors[len(given) :], strict=True):
            value = replace_leaf(value, path, tensor)
        changed = dict(zip(given, tensors[: len(given)], strict=True))
        returned.append(model.run(replace(inputs, value=value).replaced(changed)))
        return [tensor for _, tensor in leaves(returned[0])]

    recorder = _Recorder(model.module, snapshots)
    for name, tensor in given.items():
        recorder.graph.sources[name] = recorder.keep(tensor)
    functional = torch.func.functionalize(run)
    with torch.no_grad(), recorder:
        outputs = functional(*given.values(), *fixed.values())
    graph, raw = recorder.graph, returned[0]
    for (path, _), tensor in zip(list(leaves(raw)), outputs, strict=True):
        raw = replace_leaf(raw, path, tensor)
        if id(tensor) in recorder.known and tensor.is_floating_point():
            graph.exits[path] = recorder.known[id(tensor)]
    graph.raw = raw
    if snapshots:
        _need_faithful(graph)
    return graph


class _Overwritten(BaseException):
    """A recorded value was written to: values have to be copied as they are recorded."""


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self, net: nn.Module, snapshots: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.graph, self.snapshots = Graph(), snapshots
        self.names = {id(module): name for name, module in net.named_modules()}
        self.known: dict[int, int] = {}
        self.kept: list[Tensor] = []
        """What `known` is about: an id is taken while its tensor lives."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        known, changed = self._referenced(args), {k: self._referenced(v) for k, v in kwargs.items()}
        depends = known is not args or any(changed[k] is not kwargs[k] for k in kwargs)
        name = str(func._schema.name).partition("::")[2]
        if depends and func._schema.is_mutable and name not in _SAME:
            return self._in_place(func, name, args, kwargs, known, changed)
        out = func(*args, **kwargs)
        if depends and name not in _SAME:
            self._note(func, name, known, changed, out)
        return out

    def _in_place(
        self, func: Any, name: str, args: Any, kwargs: Any, known: Any, changed: Any
    ) -> Any:
        """An operation in place, from inside a kernel, as the one that makes a new tensor."""
        if not self.snapshots:
            raise _Overwritten
        plain = getattr(torch.ops.aten, name.rstrip("_"), None)
        plain = getattr(plain, func._overloadname, getattr(plain, "int", None))
        if not name.endswith("_") or plain is None:
            raise NotApplicable(
                f"The operation {name} writes to a tensor in place ({self._where()[2]}).",
                "Write it as an operation that returns a new tensor.",
            )
        if isinstance(known[0], Tensor):
            known = (known[0].clone(), *known[1:])  # a constant until now
        out = func(*args, **kwargs)
        self._note(plain, name.rstrip("_"), known, changed, out)
        return out

    def _note(self, func: Any, name: str, args: Any, kwargs: Mapping[str, Any], out: Any) -> None:
        found = [out] if not isinstance(out, list | tuple) else list(out)
        floats = [isinstance(t, Tensor) and t.is_floating_point() for t in found]
        if name in _ESCAPES:
            raise NotApplicable(
                f"A value leaves the graph, by .item() or the like ({self._where()[2]}).",
                "Keep it a tensor, or use a black-box method.",
            )
        if not any(floats):
            return
        outputs = tuple(
            self.keep(t) if keep else None for t, keep in zip(found, floats, strict=True)
        )
        rest = tuple(t for t, keep in zip(found, floats, strict=True) if not keep)
        self.graph.nodes.append(Node(func, args, kwargs, outputs, *self._where(), rest))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: to mark it so, torch would load its whole compiler."""
        return False

    def keep(self, tensor: Tensor) -> int:
        """A new value of the graph."""
        self.kept.append(tensor)
        self.graph.values.append(tensor.clone() if self.snapshots else tensor)
        self.known[id(tensor)] = len(self.graph.values) - 1
        return self.known[id(tensor)]

    def _referenced(self, argument: Any) -> Any:
        """The argument with known tensors as references; itself where it holds none."""
        if isinstance(argument, Tensor):
            index = self.known.get(id(argument))
            return argument if index is None else Ref(index)
        if isinstance(argument, list | tuple):
            items = [self._referenced(item) for item in argument]
            same = all(a is b for a, b in zip(items, argument, strict=True))
            return argument if same else type(argument)(items)
        return argument

    def _where(self) -> tuple[str, str, str]:
        """The innermost module's name and class, and the line of the network's own code."""
        frame: Any = sys._getframe(2)
        layer, kind, line = "", "", ""
        while frame is not None and not (kind and line):
            code = frame.f_code
            if not kind and code is _CALLING:
                module = frame.f_locals["self"]
                layer, kind = self.names.get(id(module), ""), type(module).__name__
            elif not line and _of_a_network(code.co_filename):
                line = _line(code.co_filename, frame.f_lineno)
            frame = frame.f_back
        return layer, kind, line


def _of_a_network(file: str) -> bool:
    return file.startswith(_OWN_NETS) or not file.startswith(_NOT_THEIRS)


def _line(file: str, number: int) -> str:
    return f"{FilePath(file).name}:{number}: {linecache.getline(file, number).strip()}"


def _need_faithful(graph: Graph) -> None:
    """Refuse a graph whose operations do not give the recorded values: views were written to."""
    for node in graph.nodes:
        found = node.run(graph.values.__getitem__)
        for y, i in zip([found] if isinstance(found, Tensor) else found, node.outputs, strict=True):
            if i is not None and not torch.allclose(y, graph.values[i], rtol=1e-4, atol=1e-5):
                raise NotApplicable(
                    f"{node.place} works on memory that is written to elsewhere ({node.line}).",
                    "Use integrated_gradients, which needs no graph of operations.",
                )
