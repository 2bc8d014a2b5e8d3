"""Two classes: objects of two classes are there, and one of them is asked for."""

from typing import final

import torch
from torch import Generator, nn

from ..planting import PATTERNS, covered, noise, patterns, places, stamped
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task


@task(
    TaskCard(
        name="two_classes",
        title="Objects of two classes",
        modality="image",
        question="What speaks for this class, and not for the other that is there too?",
        evidence="the pattern of the class that is asked for",
        trap="the pattern of another class, which the network reports as well",
        classes=PATTERNS,
        steps=500,
    )
)
@final
class TwoClasses(Task):
    """Every label has a logit of its own; a map that is the same for all classes must fail."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.rand(n, 4, generator=generator).argsort(1)[:, :2]
        corners = places(n, 2, generator)
        first, second = (stamped(patterns()[y[:, k]], corners[:, k])[:, None] for k in range(2))
        without = noise(n, 1, 0.3, generator) + second
        labels = torch.zeros(n, 4, dtype=torch.bool).scatter_(1, y, True)
        return Planted(without + first, without, y[:, 0], covered(corners[:, 0]), labels)

    def network(self) -> nn.Module:
        return picture_network(1, 4)
