"""Answers for windows of an input: from the whole network, or from what each window changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from ..core.axes import CHANNEL
from ..core.call import Call
from ..core.evaluation import Evaluation, clean, fitting
from ..core.incremental.network import run_clean, traced
from ..core.incremental.patch import Space
from ..core.incremental.plan import Group, Planner, Spans, spans_of
from ..core.incremental.run import Incremental
from ..core.inputs import Inputs
from .windows import Windows

Engine = Literal["auto", "incremental", "dense"]
Block = tuple[Tensor, ...]

WORTH = 1.05
"""Predicted gain from which on the incremental way is taken."""

ENOUGH_BYTES = 2**26
"""Activations of all windows together below which nothing is to be gained."""

ENOUGH_WORK = 2e9
"""Multiplications of all windows together below which nothing is to be gained."""


@dataclass(frozen=True)
class Occluder:
    """The windows of one input of a call, and what is seen in them instead of it."""

    run: Evaluation
    name: str
    windows: Windows
    instead: tuple[Tensor, ...]
    """Tensors like the input; one where all channels are hidden together, one for every channel
    where they are hidden apart."""

    @property
    def call(self) -> Call:
        """The call that is answered."""
        return self.run.call

    @property
    def input(self) -> Tensor:
        """The unchanged input."""
        return fitting(self.call.inputs, self.run.model).changeable[self.name]

    def batch(self, samples: Tensor, flat: Tensor, layer: int) -> Inputs:
        """Row r is sample `samples[r]` with the window `flat[r]` replaced."""
        batch = self.call.inputs.take(samples)
        changed = batch.changeable[self.name].clone()
        for row, (sample, window) in enumerate(zip(samples.tolist(), flat.tolist(), strict=True)):
            new = self.windows.cut(self.instead[layer][sample], window)
            self.windows.cut(changed[row], window).copy_(new)
        return batch.replaced({self.name: changed})


class Shortcut:
    """The incremental way for an occluder; `gain` is how much less work it is, as predicted."""

    def __init__(self, occluder: Occluder, planner: Planner, spans: Spans, gain: float) -> None:
        self.occluder, self.planner, self.gain = occluder, planner, gain
        self._incremental = Incremental(planner.network, spans)
        self._sample = -1
        self._instead: tuple[tuple[int, int], Tensor] | None = None

    def batches(self, sample: int, block: Block, wanted: Tensor) -> Iterator[tuple[Group, Tensor]]:
        """The windows of a block that are `wanted` (by their number), batch by batch."""
        self._turn_to(sample)
        for group in self.planner.groups(block):
            flat = self.occluder.windows.among(group.windows)
            flat = flat[torch.isin(flat, wanted)]
            for part in torch.split(flat, self._incremental.at_once(group)):
                if len(part):
                    yield group, part

    def ask(self, sample: int, group: Group, flat: Tensor, layer: int) -> Any:
        """What the network returns for windows of a group."""
        self._turn_to(sample)
        self.occluder.call.cost.forward(len(flat))
        key = sample, layer
        if self._instead is None or self._instead[0] != key:
            new = self.occluder.instead[layer][sample : sample + 1]
            self._instead = key, new.to(self.occluder.input)
        new = self._instead[1]
        return self._incremental.scores(group, self.occluder.windows.index(flat), new)

    def _turn_to(self, sample: int) -> None:
        if sample == self._sample:
            return
        run_clean(self.planner.network, self.occluder.input[sample : sample + 1])
        self._incremental.forget()
        self._sample = sample


def shortcut_of(occluder: Occluder, engine: Engine) -> Shortcut | str:
    """The incremental way, or why the whole network is run."""
    call, windows = occluder.call, occluder.windows
    reason = _unsuited(occluder, engine)
    if reason:
        return reason
    network = traced(occluder.run.model.module)
    if isinstance(network, str):
        return network
    axes = call.inputs.axes(occluder.name)
    network.spaces[network.entry] = Space(windows.axes, axes.index(CHANNEL))
    run_clean(network, occluder.input[:1])
    found = call.scores(network.output, torch.zeros(1, dtype=torch.long)).float().cpu()
    if not torch.allclose(found, clean(call)[:1], rtol=1e-4, atol=1e-5):
        return "its graph gave other scores than the network"
    spans = spans_of(network, list(zip(windows.low, windows.high, strict=True)))
    planner = Planner(network, spans)
    every = planner.groups([torch.arange(count) for count in windows.shape])
    gain = planner.dense * windows.count / planner.work(every)
    if engine == "auto" and planner.dense * windows.count * call.n < ENOUGH_WORK:
        return "the network is too small to gain"
    if engine == "auto" and gain < WORTH:
        return f"a window soon changes whole layers (a gain of {gain:.2f} was predicted)"
    return Shortcut(occluder, planner, spans, gain)


def _unsuited(occluder: Occluder, engine: Engine) -> str:
    call, x = occluder.call, occluder.input
    if engine == "dense":
        return "asked for"
    if call.model.net is None or call.model.scripted:
        return "the model is no torch module whose operations can be seen"
    if not isinstance(call.inputs.value, Tensor) or call.inputs.encoding is not None:
        return "it takes several inputs, or a text"
    if CHANNEL not in call.inputs.axes(occluder.name) or not x.is_floating_point():
        return "its input has no channels"
    if engine == "auto" and x.device.type != "cpu":
        return "on this device whole batches are faster"
    held = call.structure.trace.row_bytes * occluder.windows.count * call.n
    return "the network is too small to gain" if engine == "auto" and held < ENOUGH_BYTES else ""
