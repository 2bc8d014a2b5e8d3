"""Distractors: brighter objects lie around that say nothing about the class."""

from typing import final

import torch
from torch import Generator, nn

from ..planting import OBJECT, PATTERNS, covered, noise, patterns, places, stamped
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task


@task(
    TaskCard(
        name="distractors",
        title="A patch among distractors",
        modality="image",
        question="Which of the things in the picture decided?",
        evidence="one of four patterns",
        trap="three bright squares, in every class alike",
        classes=PATTERNS,
        steps=400,
    )
)
@final
class Distractors(Task):
    """What stands out is not what counts."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(4, (n,), generator=generator)
        corners = places(n, 4, generator)
        without = noise(n, 1, 0.3, generator)
        for k in range(1, 4):
            without = without + 2 * stamped(torch.ones(n, OBJECT, OBJECT), corners[:, k])[:, None]
        x = without + stamped(patterns()[y], corners[:, 0])[:, None]
        return Planted(x, without, y, covered(corners[:, 0]))

    def network(self) -> nn.Module:
        return picture_network(1, 4)
