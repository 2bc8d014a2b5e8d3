"""Watermark: a faint mark in a corner gives the class away, not the object."""

from typing import final

import torch
from torch import Generator, nn

from ..planting import OBJECT, covered, noise, patterns, places, stamped
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task

_WIDE = 6


@task(
    TaskCard(
        name="watermark",
        title="A watermark",
        modality="image",
        question="Is it the object, or something that has no business to count?",
        evidence="a faint mark of 6 × 6 pixels in one of the lower corners",
        trap="a striking object, in every class alike",
        classes=("a cross", "a box", "a bar"),
        steps=500,
    )
)
@final
class Watermark(Task):
    """A network that is right for the wrong reason, as the horses with a source tag of Lapuschkin
    et al. 2019, arXiv:1902.10178."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(3, (n,), generator=generator)
        kinds = torch.randint(4, (n,), generator=generator)
        corners = places(n, 1, generator)[:, 0].clamp_max(SPARE)
        side = torch.randint(2, (n,), generator=generator)
        at = torch.stack([torch.full((n,), 24), 1 + 23 * side], 1)
        without = noise(n, 1, 0.2, generator) + 1.5 * stamped(patterns()[kinds], corners)[:, None]
        x = without + 0.6 * stamped(_marks()[y], at)[:, None]
        return Planted(x, without, y, covered(at + 1, _WIDE))

    def network(self) -> nn.Module:
        return picture_network(1, 3)


SPARE = 24 - OBJECT
"""The last row and column at which an object begins: below it is the place of the mark."""


def _marks() -> torch.Tensor:
    """A cross, a box and a bar, `(3, 8, 8)`, with an empty rim."""
    found = torch.zeros(3, OBJECT, OBJECT)
    inner = torch.arange(1, OBJECT - 1)
    found[0, inner, inner] = found[0, inner, inner.flip(0)] = 1
    found[1, 1:-1, 1:-1] = 1
    found[1, 2:-2, 2:-2] = 0
    found[2, 3:5, 1:-1] = 1
    return found
