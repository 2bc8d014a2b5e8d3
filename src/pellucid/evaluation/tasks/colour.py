"""Colour: of three discs one is coloured, and its colour names the class."""

from typing import final

import torch
from torch import Generator, nn

from ..planting import OBJECT, noise, places, stamped
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task

_COLOURS = ((1.0, -1.0, -1.0), (-1.0, 1.0, -1.0), (-1.0, -1.0, 1.0), (1.0, 1.0, -1.0))


@task(
    TaskCard(
        name="colour",
        title="The colour of a disc",
        modality="image",
        question="Which thing's colour decided?",
        evidence="a red, green, blue or yellow disc",
        trap="two grey discs, light or dark",
        classes=("red", "green", "blue", "yellow"),
    )
)
@final
class Colour(Task):
    """The evidence lies in the channels, not in the shape."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(4, (n,), generator=generator)
        corners = places(n, 3, generator)
        steps = torch.arange(OBJECT) - (OBJECT - 1) / 2
        disc = (steps[:, None].square() + steps.square() <= (OBJECT / 2) ** 2).float()
        discs = [stamped(disc.expand(n, -1, -1), corners[:, k])[:, None] for k in range(3)]
        grey = torch.randint(2, (n, 2, 1, 1, 1), generator=generator) * 2.0 - 1
        without = noise(n, 3, 0.2, generator) + grey[:, 0] * discs[1] + grey[:, 1] * discs[2]
        x = without + torch.tensor(_COLOURS)[y][:, :, None, None] * discs[0]
        return Planted(x, without, y, discs[0][:, 0] > 0)

    def network(self) -> nn.Module:
        return picture_network(3, 4)
