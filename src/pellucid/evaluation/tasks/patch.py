"""Patch: one pattern lies somewhere in noise."""

from typing import final

import torch
from torch import Generator, nn

from ..planting import PATTERNS, covered, noise, patterns, places, stamped
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task


@task(
    TaskCard(
        name="patch",
        title="A patch in noise",
        modality="image",
        question="Where is the thing that it saw?",
        evidence="one of four patterns, somewhere in noise",
        trap="noise",
        classes=PATTERNS,
    )
)
@final
class Patch(Task):
    """One object, nothing else: the least that a method has to find."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(4, (n,), generator=generator)
        corners = places(n, 1, generator)[:, 0]
        without = noise(n, 1, 0.3, generator)
        x = without + stamped(patterns()[y], corners)[:, None]
        return Planted(x, without, y, covered(corners))

    def network(self) -> nn.Module:
        return picture_network(1, 4)
