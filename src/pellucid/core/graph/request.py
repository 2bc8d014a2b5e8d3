"""Recording on behalf of a call: in single precision, counted, in batches that fit."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from ..call import Call
from ..checks import Check
from ..inputs import Inputs
from ..model import Model
from ..prepared import in_full_precision
from ..structure import map_leaves
from .node import Graph
from .recording import record

_HALF = (torch.float16, torch.bfloat16)


class Recordings:
    """Records a call's network on batches of its inputs, also with other values."""

    def __init__(self, call: Call, passes: int) -> None:
        self.call = call
        self.model, self.inputs = _precise(call)
        self.batches = call.batches(passes)
        if self.batches.size < call.n:
            call.clean()  # targets are made concrete on the whole batch

    def each(self, task: str, work: Callable[[Tensor, Inputs], None]) -> None:
        """Call `work(samples, inputs)` for every batch."""
        self.inputs.need_floats()

        def batch(rows: slice) -> None:
            samples = torch.arange(rows.start, rows.stop)
            whole = len(samples) == self.call.n
            work(samples, self.inputs if whole else self.inputs.take(samples))

        self.batches.each(self.call.n, batch, task)

    def graph(self, inputs: Inputs, tensors: Mapping[str, Tensor] | None = None) -> Graph:
        """The graph of one batch, on its own values or on `tensors` by input name."""
        self.call.cost.forward(inputs.n)
        return record(self.model, inputs if tensors is None else inputs.replaced(tensors))


def _precise(call: Call) -> tuple[Model, Inputs]:
    """The network, copied to single precision where it has half, with inputs that fit."""
    if call.model.dtype not in _HALF:
        return call.model, call.inputs
    call.clean()
    inputs = replace(call.inputs, value=map_leaves(_single, call.inputs.value))
    model = in_full_precision(call.model, inputs)
    if model is None:
        text = "The network computes in half precision, which rounds relevance."
        call.checks.append(Check("precision", None, "poor", text))
        return call.model, call.inputs
    return model, inputs


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype in _HALF else tensor
