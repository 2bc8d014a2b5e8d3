"""Several objects: the same pattern lies at three places."""

from typing import final

import torch
from torch import Generator, nn

from ..planting import PATTERNS, covered, noise, patterns, places, stamped
from ..small_networks import picture_network
from ..task import Planted, Task, TaskCard, task

_COUNT = 3


@task(
    TaskCard(
        name="several_objects",
        title="Three objects of one class",
        modality="image",
        question="Did it see all of them?",
        evidence="one of four patterns, three times",
        trap="each of them alone would do",
        classes=PATTERNS,
    )
)
@final
class SeveralObjects(Task):
    """Evidence in several places, each enough for the class."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(4, (n,), generator=generator)
        corners = places(n, _COUNT, generator)
        without = noise(n, 1, 0.3, generator)
        objects = torch.stack([stamped(patterns()[y], corners[:, k]) for k in range(_COUNT)])
        masks = torch.stack([covered(corners[:, k]) for k in range(_COUNT)]).any(0)
        return Planted(without + objects.sum(0)[:, None], without, y, masks)

    def network(self) -> nn.Module:
        return picture_network(1, 4)
