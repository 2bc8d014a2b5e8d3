"""What a picture is made to raise: the target, or the response of layers; one number per row."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ..core.call import Call
from ..core.inputs import Inputs
from ..core.layout import Layout
from ..core.model import Model
from ..core.prefix import Reached, rectifier_of, run_to
from ..core.trace import Visit
from ..errors import ParameterError
from .layers import Layer

Measure = Callable[[Tensor, Tensor], Tensor]
"""From responses `(rows, channel, places)` and the rows' numbers to one number per row."""


class Objective(ABC):
    """A number per row that a picture is made to raise."""

    @property
    @abstractmethod
    def visits(self) -> tuple[Visit, ...]:
        """The layers that it looks at."""

    @abstractmethod
    def of(
        self,
        call: Call,
        model: Model,
        inputs: Inputs,
        rows: Tensor,
        watched: Layer | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """The numbers `(rows,)`, with the graph in grad mode; row r is number `rows[r]`. Beside
        them the responses `(rows, channel, places)` of a layer to be watched."""


@dataclass(frozen=True)
class OfTarget(Objective):
    """The targets' scores: sample by sample, target by target."""

    count: int
    """Targets of a sample."""

    @property
    def visits(self) -> tuple[Visit, ...]:
        """None: the network runs to its end."""
        return ()

    def of(
        self,
        call: Call,
        model: Model,
        inputs: Inputs,
        rows: Tensor,
        watched: Layer | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Row `s · count + k` is target k of sample s."""
        if watched is None:
            raw, responses = call.forward(inputs, model), None
        else:
            call.cost.forward(inputs.n)
            reached = run_to(model, inputs, [watched.visit], to_the_end=True)
            raw, responses = reached.raw, _responses(reached, watched)
        scores = call.scores(raw, rows // self.count)
        own = (rows % self.count)[:, None].to(scores.device)
        return scores.gather(1, own)[:, 0].float(), responses


@dataclass(frozen=True)
class Term:
    """What one layer contributes."""

    visit: Visit
    layout: Layout
    measure: Measure
    weight: float = 1.0
    rectifier: Visit | None = None
    """The rectifier that gives the layer's output, if one does: where it is silent, the value
    before it counts."""
    before: bool = False
    """Whether that value counts everywhere."""

    def of(self, reached: Reached, rows: Tensor) -> Tensor:
        """The weighted measure per row."""
        found = self.layout.places(reached.outputs[self.visit.place]).float()
        after = self.measure(found, rows)
        given = None if self.rectifier is None else reached.before.get(self.rectifier.place)
        if given is not None:
            under = self.measure(self.layout.places(given).float(), rows)
            silent = torch.ones_like(after, dtype=torch.bool) if self.before else after == 0
            after = torch.where(silent, under, after)
        return self.weight * after


@dataclass(frozen=True)
class OfLayers(Objective):
    """The weighted sum of what layers contribute; the network runs up to the deepest of them."""

    terms: tuple[Term, ...]

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The layers, with the rectifiers that end them."""
        found = {t.visit.place: t.visit for t in self.terms}
        found |= {t.rectifier.place: t.rectifier for t in self.terms if t.rectifier is not None}
        return tuple(found.values())

    def of(
        self,
        call: Call,
        model: Model,
        inputs: Inputs,
        rows: Tensor,
        watched: Layer | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """The sum per row."""
        call.cost.forward(inputs.n)
        also = () if watched is None else (watched.visit,)
        reached = run_to(model, inputs, (*self.visits, *also))
        total = torch.stack([term.of(reached, rows) for term in self.terms]).sum(0)
        return total, None if watched is None else _responses(reached, watched)


def _responses(reached: Reached, layer: Layer) -> Tensor:
    return layer.layout.places(reached.outputs[layer.visit.place]).float()


def term(
    call: Call,
    visit: Visit,
    layout: Layout,
    measure: Measure,
    weight: float = 1.0,
    before: bool = False,
) -> Term:
    """A layer's contribution, with the value before its own rectifier where that is silent; of a
    signed measure, such as the mean of some channels."""
    rectifier = rectifier_of(call.structure.trace, visit)
    return Term(visit, layout, measure, weight, rectifier, before)


# Measures


def mean_response(responses: Tensor, rows: Tensor) -> Tensor:
    """Mean over channels and places (TensorFlow's tutorial)."""
    return responses.flatten(1).mean(1)


def mean_square(responses: Tensor, rows: Tensor) -> Tensor:
    """Half the mean square: its gradient is the response itself (Mordvintsev et al. 2015)."""
    return 0.5 * responses.square().flatten(1).mean(1)


def of_channels(channels: Sequence[int]) -> Measure:
    """The mean response of some channels together."""

    def measure(responses: Tensor, rows: Tensor) -> Tensor:
        return responses[:, list(channels)].flatten(1).mean(1)

    return measure


def along_directions(vectors: Tensor, place: int | None = None) -> Measure:
    """Σ_c v_c A_c for each row's own vector of `vectors (number, channel)`: the mean over places,
    or at one place. A channel is a vector with a single 1."""

    def measure(responses: Tensor, rows: Tensor) -> Tensor:
        own = vectors.to(responses)[rows.to(vectors.device)]
        seen = responses.mean(2) if place is None else responses[:, :, place]
        return (own * seen).sum(1)

    return measure


def matching(guide: Tensor) -> Measure:
    """Σ of products of each place's response with the place of `guide (channel, places)` that
    matches it best, per place (guided dreams of Mordvintsev et al. 2015)."""

    def measure(responses: Tensor, rows: Tensor) -> Tensor:
        others = guide.to(responses)
        products = torch.einsum("ncp,cq->npq", responses, others)
        best: Tensor = products.amax(2).mean(1)
        return best

    return measure


Energy = Literal["mean", "square"]
ENERGIES: dict[Energy, Measure] = {"mean": mean_response, "square": mean_square}


def need_channels(channels: Sequence[int], count: int, layer: str) -> list[int]:
    """The channels counted from 0; refuses those that the layer does not have."""
    for channel in channels:
        if not -count <= channel < count:
            raise ParameterError(
                f"Layer {layer!r} has {count} channels; there is no channel {channel}.",
                f"Choose 0 to {count - 1}.",
            )
    return [channel % count for channel in channels]
