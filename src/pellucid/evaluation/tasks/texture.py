"""Texture: one quarter of the picture is striped, and the direction names the class."""

import math
from typing import final

import torch
from torch import Generator, nn

from ..planting import SIDE, covered, noise
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task

_REGION = 16


@task(
    TaskCard(
        name="texture",
        title="The direction of a texture",
        modality="image",
        question="Which region's texture decided?",
        evidence="a quarter of the picture with stripes in one of four directions",
        trap="noise of the same contrast, without a direction",
        classes=("0°", "45°", "90°", "135°"),
    )
)
@final
class Texture(Task):
    """A large region without an edge or a centre."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(4, (n,), generator=generator)
        corners = torch.randint(SIDE - _REGION + 1, (n, 2), generator=generator)
        angle = (y * math.pi / 4)[:, None, None]
        phase = 2 * math.pi * torch.rand(n, 1, 1, generator=generator)
        steps = torch.arange(SIDE) * (2 * math.pi / 4)
        along = steps[:, None] * angle.cos() + steps * angle.sin()
        inside, without = covered(corners, _REGION), noise(n, 1, 1.0, generator)
        stripes = math.sqrt(2) * (along + phase).sin()[:, None] + 0.3 * without
        return Planted(torch.where(inside[:, None], stripes, without), without, y, inside)

    def network(self) -> nn.Module:
        return picture_network(1, 4)
