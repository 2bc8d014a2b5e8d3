"""Time window: a short event on one channel names the class."""

import math
from typing import final

import torch
from torch import Generator, Tensor, nn

from ..small_networks import series_network
from ..task import Planted, Task, TaskCard, task

_CHANNELS, _STEPS, _WIDE = 3, 128, 16


@task(
    TaskCard(
        name="time_window",
        title="An event in a series",
        modality="series",
        question="When did it happen?",
        evidence="16 time steps of one channel: a burst, a saw or a dip",
        trap="slow waves on every channel, and a spike at another time",
        classes=("burst", "saw", "dip"),
        steps=400,
    )
)
@final
class TimeWindow(Task):
    """An event at a random time on a random channel."""

    def draw(self, n: int, generator: Generator) -> Planted:
        y = torch.randint(3, (n,), generator=generator)
        halves = torch.rand(n, 2, generator=generator).argsort(1)
        start = halves * (_STEPS // 2) + torch.randint(
            _STEPS // 2 - _WIDE, (n, 2), generator=generator
        )
        channel = torch.randint(_CHANNELS, (n, 2), generator=generator)
        without = _waves(n, generator)
        rows = torch.arange(n)
        without[rows, channel[:, 1], start[:, 1]] += 3
        x = without.clone()
        at = start[:, :1] + torch.arange(_WIDE)
        x[rows[:, None], channel[:, :1], at] += _events()[y]
        masks = torch.zeros(n, _STEPS, dtype=torch.bool).scatter_(1, at, True)
        return Planted(x, without, y, masks)

    def network(self) -> nn.Module:
        return series_network(_CHANNELS, 3)


def _waves(n: int, generator: Generator) -> Tensor:
    phase = 2 * math.pi * torch.rand(n, _CHANNELS, 1, generator=generator)
    slow = (torch.arange(_STEPS) * (2 * math.pi / 64) + phase).sin()
    return 0.2 * slow + 0.2 * torch.randn(n, _CHANNELS, _STEPS, generator=generator)


def _events() -> Tensor:
    """A fast sine, a saw and a dip, `(3, 16)`."""
    steps = torch.arange(_WIDE)
    burst = (steps * (2 * math.pi / 4)).sin()
    saw = (steps % 8) / 4 - 1
    return 1.5 * torch.stack([burst, saw, -(steps * (math.pi / (_WIDE - 1))).sin()])
