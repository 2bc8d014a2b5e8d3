"""One explanation under test, beside the model, the inputs and the targets that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from ..core.axes import CHANNEL, SEGMENT
from ..core.explaining import explained
from ..core.explanation import Explanation
from ..core.inputs import Inputs
from ..core.method import Method
from ..core.model import Model
from ..core.target import Space, Target
from ..errors import NotApplicable
from ..ops.spatial import resize
from ..parts.coalitions import Features
from ..parts.segments import features_of


@final
@dataclass(frozen=True)
class Subject:
    """Row r of `inputs` and `targets` is row r of the explanation; `method` makes it again."""

    e: Explanation
    model: Model
    inputs: Inputs
    targets: tuple[Target, ...]
    method: Method
    space: Space
    seed: int = 0

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.e)

    @property
    def slopes(self) -> bool:
        """Whether only the size of the values counts."""
        return self.method.card.slopes

    @cached_property
    def features(self) -> Features:
        """What can be taken away: every place, column or token."""
        return features_of(self.inputs, "each")

    def cells(self, count: int | None) -> Features:
        """Fewer features: `count` cells along every axis of places; columns and tokens alone."""
        return features_of(self.inputs, "auto", count)

    @cached_property
    def values(self) -> dict[str, Tensor]:
        """The values by input name, on the input's axes, with 1 for channels that share a value."""
        parts = self.e.parts or {next(iter(self.inputs.changeable)): self.e}
        return {name: _placed(part, self.inputs, name) for name, part in parts.items()}

    def total(
        self,
        features: Features,
        *,
        sizes: bool = False,
        weights: Mapping[str, Tensor] | None = None,
    ) -> Tensor:
        """The sum over each feature, `(N, most)`, of the values, of their sizes, or of the values
        times `weights`."""
        found = torch.zeros(self.n, features.most + 1, dtype=torch.float64)
        for name, values in self.values.items():
            labels = features.labels[name].cpu()
            amount = values.abs() if sizes else values
            amount = amount * weights[name] if weights is not None else amount
            axes = self.inputs.axes(name)
            if CHANNEL in axes and labels.shape[axes.index(CHANNEL)] == 1:
                amount = amount.sum(axes.index(CHANNEL), keepdim=True)
            index = torch.where(labels < 0, features.most, labels).expand_as(amount)
            found.scatter_add_(1, index.flatten(1), amount.flatten(1).double())
        return found[:, :-1]

    def importance(self, features: Features) -> Tensor:
        """What each feature counts for the target, `(N, most)`: the sum of the values, or of their
        sizes where they are slopes."""
        return self.total(features, sizes=self.slopes)

    def density(self, features: Features) -> Tensor:
        """`importance` per place, so that a feature of many places does not win by its size."""
        places = torch.zeros(self.n, features.most + 1, dtype=torch.float64)
        for name in self.values:
            labels = features.labels[name].cpu()
            index = torch.where(labels < 0, features.most, labels).flatten(1)
            places.scatter_add_(1, index, torch.ones(index.shape, dtype=torch.float64))
        return self.importance(features) / places[:, :-1].clamp_min(1)

    def map(self) -> Tensor:
        """`importance` place by place, `(N, *places)` of the first input."""
        name, values = next(iter(self.values.items()))
        values, axes = (values.abs() if self.slopes else values), self.inputs.axes(name)
        return values.sum(axes.index(CHANNEL)) if CHANNEL in axes else values

    def again(
        self,
        *,
        model: Model | None = None,
        inputs: Inputs | None = None,
        targets: tuple[Target, ...] | None = None,
        seed: int | None = None,
    ) -> "Subject":
        """The same method once more, with something changed."""
        chosen = self.targets if targets is None else targets
        given = self.inputs if inputs is None else inputs
        found = explained(
            model or self.model,
            given,
            self.method,
            [[target] for target in chosen] if chosen else [[]] * self.n,
            self.space,
            self.seed if seed is None else seed,
        )
        return replace(self, e=found, model=model or self.model, inputs=given, targets=chosen)


def _placed(e: Explanation, inputs: Inputs, name: str) -> Tensor:
    """One part's values as a tensor with every axis of its input."""
    if name not in inputs.changeable or SEGMENT in e.axes:
        raise NotApplicable(
            f"The explanation is about {name!r}, not about an input of the model.",
            f"Inputs are {list(inputs.changeable)}; evaluate a method that explains these.",
        )
    x, axes = inputs.changeable[name], inputs.axes(name)
    values = torch.from_numpy(e.values.copy())
    places = [axis for axis in axes if axis != CHANNEL]
    if [axis for axis in e.axes if axis != CHANNEL] != places:
        raise NotApplicable(
            f"{e.method} gives values on the axes {e.axes}; those of the input are {axes}.",
            "Evaluate a method that explains the input.",
        )
    sizes = tuple(x.shape[axes.index(axis)] for axis in places)
    if CHANNEL not in e.axes:
        values = resize(values, sizes[1:]) if tuple(values.shape) != sizes else values
        return values.unsqueeze(axes.index(CHANNEL)) if CHANNEL in axes else values
    if tuple(values.shape) != tuple(x.shape):
        raise NotApplicable(
            f"Values of shape {tuple(values.shape)} for an input of shape {tuple(x.shape)}.",
            "Explain with upsample=True.",
        )
    return values
