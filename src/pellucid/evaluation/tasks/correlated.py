"""Correlated: columns that go along with the causes, and are none."""

from typing import final

import torch
from torch import Generator, nn

from ..small_networks import table_network
from ..task import Planted, Task, TaskCard, task

_COLUMNS = 10


@task(
    TaskCard(
        name="correlated",
        title="Causes and their companions",
        modality="table",
        question="Which columns does it use, of many that go together?",
        evidence="the two columns whose sum decides",
        trap="four columns that correlate with these by 0.8",
        classes=("low", "high"),
        steps=1500,
        loss=0.0,  # long enough to leave the companions
    )
)
@final
class Correlated(Task):
    """y = x₀ + x₁ > 0; x₂ to x₅ are noisy copies of x₀ and x₁."""

    def draw(self, n: int, generator: Generator) -> Planted:
        x = torch.randn(n, _COLUMNS, generator=generator)
        total = x[:, 0] + x[:, 1]
        x[:, :2] += 0.25 * total.sign()[:, None]  # no row at the border
        x[:, 2:6] = 0.8 * x[:, [0, 1, 0, 1]] + 0.6 * x[:, 2:6]
        y = (total > 0).long()
        masks = torch.zeros(n, _COLUMNS, dtype=torch.bool)
        masks[:, :2] = True
        return Planted(x, torch.where(masks, x.roll(n // 2, 0), x), y, masks)

    def network(self) -> nn.Module:
        return table_network(_COLUMNS, 2)
