"""Receptive fields: the part of the input that a place of a layer can see.

Luo et al. 2016 (arXiv:1701.04128) call this the theoretical receptive field.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..ops.pooling import flat_place
from .cut import forward_to, found_gradient
from .guard import undisturbed
from .inputs import Inputs
from .layout import Layout
from .model import Model
from .rectifiers import rewriting
from .trace import Visit

Place = tuple[int, ...]
Span = tuple[int, int]
Box = tuple[Span, ...]
"""From and to (not included) along every spatial axis of the input."""

DRAWS = 2
"""Draws of noise: max pooling passes a gradient only to the greatest of its inputs."""


def receptive_fields(
    model: Model, sample: Inputs, visit: Visit, places: Sequence[Place]
) -> list[Box | None]:
    """For each place of the layer's grid the smallest box of the input on which it depends.

    The box of where the place has a gradient, on noise, with ReLUs that pass everything back; None
    where no gradient leads to the input. Along every axis it hangs on the place's own coordinate
    alone, so every coordinate is asked once. Exact but for pooling that never chose a value at the
    very edge of a field.
    """
    layout = visit.layout
    if layout is None or not layout.spatial or not sample.paths or not places:
        return [None] * len(places)
    if len(sample.space_axes) != len(layout.grid):
        return [None] * len(places)
    asked = [sorted(set(along)) for along in zip(*places, strict=True)]
    rows = max(map(len, asked))
    probes = [tuple(own[i % len(own)] for own in asked) for i in range(rows)]
    strength = _strength(model, sample, visit, layout, probes)
    spans: list[dict[int, Span]] = [{} for _ in asked]
    for row, probe in enumerate(probes):
        for along, coordinate in enumerate(probe):
            span = _span(strength[row], sample.axes().index(sample.space_axes[along]) - 1)
            if span is not None:
                spans[along][coordinate] = _union(spans[along].get(coordinate), span)
    return [_box(spans, place) for place in places]


def _strength(
    model: Model, sample: Inputs, visit: Visit, layout: Layout, places: Sequence[Place]
) -> Tensor:
    """The size of the gradient of every place at the input, `(place, *input)`."""
    rows = sample.take(torch.zeros(len(places), dtype=torch.long))
    x = rows.explained[rows.main]
    generator = torch.Generator().manual_seed(0)
    total = torch.zeros_like(x)
    with undisturbed(model.net), torch.enable_grad(), rewriting(lambda derivative, above: above):
        for _ in range(DRAWS):
            noise = torch.randn(x.shape, generator=generator).to(x).requires_grad_()
            maps = layout.maps(forward_to(model, rows.replaced({rows.main: noise}), visit))
            at = torch.tensor([flat_place(place, layout.grid) for place in places])
            seen = maps.flatten(2)[torch.arange(len(places)), :, at.to(maps.device)]
            weights = torch.rand(seen.shape, generator=generator).to(seen) + 0.5
            gradient = found_gradient((seen * weights).sum(), [noise])[0]
            if gradient is not None:
                total += gradient.abs()
    return total


def _span(strength: Tensor, axis: int) -> Span | None:
    """From the first to the last index along an axis at which something is not zero."""
    others = [i for i in range(strength.ndim) if i != axis]
    where = (strength.sum(others) if others else strength).nonzero()
    return (int(where[0]), int(where[-1]) + 1) if len(where) else None


def _union(first: Span | None, second: Span) -> Span:
    return second if first is None else (min(first[0], second[0]), max(first[1], second[1]))


def _box(spans: Sequence[dict[int, Span]], place: Place) -> Box | None:
    found = [own.get(coordinate) for own, coordinate in zip(spans, place, strict=True)]
    return None if None in found else tuple(span for span in found if span is not None)
