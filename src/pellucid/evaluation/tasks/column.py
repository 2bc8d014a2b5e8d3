"""Column: one column says which of two others counts."""

from typing import final

import torch
from torch import Generator, nn

from ..small_networks import table_network
from ..task import Planted, Task, TaskCard, task

_COLUMNS = 12


@task(
    TaskCard(
        name="column",
        title="The columns that count in this row",
        modality="table",
        question="Which columns decided about this row?",
        evidence="a switch, and the one of two columns that it points at",
        trap="the other column, which counts in other rows, and nine that never do",
        classes=("low", "high"),
        steps=800,
    )
)
@final
class Column(Task):
    """y = x₁ > 0 where x₀ > 0, else x₂ > 0: what counts differs from row to row."""

    def draw(self, n: int, generator: Generator) -> Planted:
        x = torch.randn(n, _COLUMNS, generator=generator)
        x[:, :3] += x[:, :3].sign()  # no row at the border
        active = torch.where(x[:, 0] > 0, 1, 2)
        y = (x.gather(1, active[:, None])[:, 0] > 0).long()
        masks = torch.zeros(n, _COLUMNS, dtype=torch.bool).scatter_(1, active[:, None], True)
        masks[:, 0] = True
        return Planted(x, torch.where(masks, x.roll(n // 2, 0), x), y, masks)

    def network(self) -> nn.Module:
        return table_network(_COLUMNS, 2)
