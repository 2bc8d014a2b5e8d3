"""What a method is given: the model at rest, the batch, the target, and the ways to run them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..errors import NotApplicable, OutputError, PellucidError
from ..ops.precision import full, rounding
from .axes import CHANNEL, SAMPLE
from .batching import Batches, bytes_of_function, plan
from .checks import Check
from .cost import Cost
from .cut import capture, forward_from, forward_replacing, gradient_of
from .dense_targets import Box
from .diagnosis import first_not_finite
from .ending import ends_in_probabilities, sum_to_one
from .heads import PooledHead
from .inputs import Inputs
from .layers import Choice, Structure, structure_of
from .model import Model
from .prepared import prepared
from .progress import Progress
from .structure import leaves, map_leaves
from .target import Space, Target, View
from .target_grid import need_as_many_names
from .targets import Function
from .trace import Visit


@dataclass(frozen=True)
class Cut:
    """A forward pass with the graph only from one layer on.

    `activation` is the layer's output as the network gave it; `scores` is `(N, K)` for K targets.
    """

    activation: Tensor
    scores: Tensor
    visit: Visit

    def gradients(self) -> list[Tensor]:
        """The gradient of every target's score at the layer, one tensor per target."""
        with torch.enable_grad():
            columns = self.scores.unbind(1)
        last = len(columns) - 1
        return [
            gradient_of(column, [self.activation], keep=k < last)[0]
            for k, column in enumerate(columns)
        ]


class Call:
    """One request to a method. Everything that touches the network goes through here."""

    def __init__(
        self,
        model: Model,
        inputs: Inputs,
        targets: list[list[Target]],
        space: Space,
        seed: int = 0,
        progress: Progress | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.model, self.inputs, self.space, self.seed = model, inputs, space, seed
        self.progress = progress or Progress()
        self.batch_size = batch_size
        self.cost = Cost()
        self.checks: list[Check] = []
        self.targets = targets
        self.resolved = False
        self.normalised = False
        self.clean_scores: Tensor | None = None
        self.clean_outputs: Tensor | None = None
        self.clean_raw: Any = None
        self._fast: Model | None = None
        self.precise: tuple[Model, Tensor] | None = None

    @property
    def n(self) -> int:
        """Number of samples."""
        return self.inputs.n

    def generator(self, device: torch.device | None = None) -> torch.Generator:
        """A fresh random generator with the call's seed."""
        return torch.Generator(device or "cpu").manual_seed(self.seed)

    # Scores

    def clean(self) -> Tensor:
        """The targets' scores `(N, K)` on the unchanged inputs, without a graph."""
        if self.clean_scores is None:
            self.scores(self.forward())
        assert self.clean_scores is not None
        return self.clean_scores

    def forward(self, inputs: Inputs | None = None, model: Model | None = None) -> Any:
        """The raw output of a batch, without a graph unless the caller enables gradients."""
        batch = self.inputs if inputs is None else inputs
        self.cost.forward(batch.n)
        return (model or self.model).run(batch)

    def scores(self, raw: Any, samples: Tensor | None = None) -> Tensor:
        """The targets' scores `(rows, K)` in a raw output; row r belongs to `samples[r]`.

        The first call must be on the unchanged inputs: it makes the targets concrete.
        """
        rows = torch.arange(self.n) if samples is None else samples
        outputs = self._outputs(raw, len(rows))
        view = View(outputs, raw, self.space, rows, self.normalised)
        if not self.resolved:
            view = self._resolve(view)
        scores = torch.stack([self._column(view, k) for k in range(len(self.targets[0]))], 1)
        if self.clean_scores is None:
            self.clean_scores = scores.detach()
            self.clean_raw = map_leaves(Tensor.detach, raw)
        return scores

    def _outputs(self, raw: Any, n: int) -> Tensor:
        try:
            return self.model.scores(raw, n)
        except OutputError:
            # A function of the raw output needs no scores.
            if all(isinstance(t, Function | Box) for row in self.targets for t in row):
                return torch.zeros(n, 1, device=self.model.device)
            raise

    def _resolve(self, view: View) -> View:
        clean = view.scores.detach()
        if not torch.isfinite(clean).all():
            raise first_not_finite(self.model, self.inputs)
        self.normalised = self._ends_in_probabilities() or sum_to_one(clean)
        view = View(view.scores, view.raw, view.space, view.samples, self.normalised)
        still = View(clean, view.raw, view.space, view.samples, self.normalised)
        classes = self.model.classes
        need_as_many_names([t for row in self.targets for t in row], classes, clean.shape[1])
        self.targets = [
            [target.resolve(still, sample, classes) for target in row]
            for sample, row in enumerate(self.targets)
        ]
        self.resolved, self.clean_outputs = True, clean
        return view

    def _ends_in_probabilities(self) -> bool:
        if self.model.net is None:
            return False
        try:
            structure = self.structure
        except NotApplicable:  # its layers cannot be told, but its scores are here
            return ends_in_probabilities(self.model, self.inputs)
        return structure.probabilities(self.model)

    def _column(self, view: View, k: int) -> Tensor:
        samples = view.samples.tolist()
        chosen: dict[int, Target] = {s: self.targets[s][k] for s in set(samples)}
        kinds = {kind: i for i, kind in enumerate(dict.fromkeys(chosen.values()))}
        if len(kinds) == 1:
            return next(iter(kinds)).of(view)
        place = {s: kinds[target] for s, target in chosen.items()}
        which = torch.tensor([place[s] for s in samples])
        return torch.stack([kind.of(view) for kind in kinds])[which, torch.arange(len(which))]

    # Layers

    @cached_property
    def structure(self) -> Structure:
        """The network's layers on inputs like these, traced once."""
        return structure_of(self.model, replace(self.inputs, embedding=None))

    def choose(self, layer: Any, layout: str | None = None) -> Choice:
        """The call of the layer to use: the one asked for, or the automatic choice."""
        return self.structure.choose(self.model, self.inputs, layer, layout)

    def head(self) -> PooledHead | str:
        """Pooling and one linear layer at the end of the network, or why there is none."""
        if self.model.scripted:
            return "the model is TorchScript, whose layers cannot be reached"
        return self.structure.head(self.model)

    def pooled_maps(self, head: PooledHead) -> Tensor:
        """The maps `(N, C, *grid)` that the head pools; refuses if they do not give the scores."""
        self.cost.forward(self.n)
        raw, activation = capture(self.model, self.inputs, [head.visit])
        self.scores(raw)
        assert head.visit.layout is not None
        assert self.clean_outputs is not None
        maps = head.visit.layout.maps(activation[head.visit.place])
        wanted = self.clean_outputs
        limit = 10 * rounding(wanted.dtype) * float(wanted.abs().max().clamp_min(1e-6))
        if not torch.allclose(head.scores(maps), full(wanted), rtol=0, atol=limit):
            raise NotApplicable(
                f"The scores are not the linear layer of the pooled layer {head.visit.name!r} "
                "on this input.",
                "Use grad_cam, which needs no such head.",
            )
        return maps

    def activations(self, visits: Iterable[Visit]) -> dict[str, Tensor]:
        """The outputs of several layers by place, in one forward pass that stops at the last."""
        self.cost.forward(self.n)
        found = capture(self.model, self.inputs, list(visits), stop=True)[1]
        if not all(torch.isfinite(tensor).all() for tensor in found.values()):
            raise first_not_finite(self.model, self.inputs)
        return found

    def cut(self, visit: Visit) -> Cut:
        """Run with the graph only from `visit` on; everything before it runs without."""
        self.cost.forward(self.n)
        raw, activation = forward_from(self.model, self.inputs, visit)
        with torch.enable_grad():
            scores = self.scores(raw)
        if not scores.requires_grad:
            raise NotApplicable(
                f"No gradient reaches layer {visit.name!r}: after it, the model leaves the graph "
                "(no_grad, detach, argmax, or a layer that the target does not depend on).",
                "Choose another layer, or use a black-box method.",
            )
        self.cost.tail_backwards += self.n * scores.shape[1]
        return Cut(activation, scores, visit)

    def replacing(self, visit: Visit, new: Callable[[Tensor], Tensor], inputs: Inputs) -> Any:
        """The raw output of `inputs` when the layer's output becomes `new(output)`."""
        self.cost.forward(inputs.n)
        return forward_replacing(self.model, inputs, visit, new)

    def expands_at(self, visit: Visit) -> bool:
        """Whether one sample's activation can be widened to a batch at the layer, so that what lies
        before it runs once: tried out, since a network may lead the batch size past the layer."""
        axis = 0 if visit.layout is None else visit.layout.axes.index(SAMPLE)

        def twice(output: Tensor) -> Tensor:
            return torch.cat([output, output], axis)

        first = torch.zeros(2, dtype=torch.long)
        try:
            raw = self.replacing(visit, twice, self.inputs.take(first[:1]))
            scores = self.scores(raw, first)[:, 0]
        except (PellucidError, RuntimeError, ValueError, IndexError, TypeError):
            return False
        return torch.allclose(scores, self.clean()[:1, 0].expand(2), rtol=1e-4, atol=1e-5)

    def over_space(self, maps: Tensor) -> Tensor:
        """Maps `(rows, *space)` with the axes of the main input, to multiply it with."""
        axes = self.inputs.axes()
        return maps.unsqueeze(axes.index(CHANNEL)) if CHANNEL in axes else maps

    # Input gradients

    def input_gradient(
        self,
        tensors: Mapping[str, Tensor] | None = None,
        samples: Tensor | None = None,
        model: Model | None = None,
        check: Callable[[Tensor], None] | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Scores `(rows,)` and gradients at the inputs by name; the inputs may have other values.

        `check(scores)` sees the graph before the backward pass and may refuse it.
        """
        self.inputs.need_floats()
        batch = self.inputs if samples is None else self.inputs.take(samples)
        values = batch.explained if tensors is None else tensors
        start = {name: tensor.detach().clone().requires_grad_() for name, tensor in values.items()}
        with torch.enable_grad():
            scores = self.scores(self.forward(batch.replaced(start), model), samples)[:, 0]
            if check is not None and scores.requires_grad:
                check(scores)
            gradients = gradient_of(scores, list(start.values()))
        self.cost.backwards += batch.n
        return scores.detach(), dict(zip(start, gradients, strict=True))

    # Many passes

    def batches(self, passes: int = 1) -> Batches:
        """Batches sized for this network; `passes` is 2 where a graph is kept."""
        if self.model.net is None:
            row = bytes_of_function(tensor for _, tensor in leaves(self.inputs.value))
        else:
            row = self.structure.trace.row_bytes
        return Batches(self.batch_size or plan(row, self.model.device, passes), self.progress)

    def fast(self) -> Model:
        """A private copy of the network for many passes, or the network itself (see `prepared`)."""
        if self._fast is None:
            self.clean()
            self._fast, note = prepared(self.model, self.inputs, self.clean_raw)
            if note:
                self.checks.append(Check("prepared copy", None, "ok", note))
        return self._fast
