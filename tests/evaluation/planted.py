"""A task whose answer is known: one of four patterns lies somewhere in the noise, and names the
class. A small network learns it in seconds."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from pellucid.evaluation.training import train

SIDE, PATCH = 24, 6


def patterns() -> Tensor:
    """Four patches `(4, 6, 6)`: stripes across, stripes down, a chessboard of 2 × 2, a frame."""
    rows = torch.arange(PATCH) // 1 % 2 * 2.0 - 1
    across, down = rows[:, None].expand(PATCH, PATCH), rows[None].expand(PATCH, PATCH)
    coarse = torch.arange(PATCH) // 2 % 2 * 2.0 - 1
    board = coarse[:, None] * coarse[None]
    frame = torch.ones(PATCH, PATCH)
    frame[1:-1, 1:-1] = -1
    return torch.stack([across, down, board, frame])


@dataclass(frozen=True)
class Planted:
    """Pictures `(N, 1, 24, 24)`, their classes, and the masks of the patches `(N, 24, 24)`."""

    x: Tensor
    y: Tensor
    masks: Tensor


def planted(n: int, seed: int) -> Planted:
    """`n` pictures of noise with a pattern each."""
    g = torch.Generator().manual_seed(seed)
    x = 0.3 * torch.randn(n, 1, SIDE, SIDE, generator=g)
    y = torch.randint(4, (n,), generator=g)
    corner = torch.randint(SIDE - PATCH + 1, (n, 2), generator=g)
    masks = torch.zeros(n, SIDE, SIDE, dtype=torch.bool)
    kinds = patterns()
    for i in range(n):
        top, left = corner[i].tolist()
        place = (slice(top, top + PATCH), slice(left, left + PATCH))
        x[i, 0][place] += kinds[y[i]]
        masks[i][place] = True
    return Planted(x, y, masks)


def network(seed: int = 0) -> nn.Sequential:
    """Three convolutions, pooled and read out linearly."""
    torch.manual_seed(seed)
    return nn.Sequential(
        *(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(12, 16, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(16, 24, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(24, 4)),
    )


def fit(net: nn.Module, x: Tensor, y: Tensor, steps: int = 100, seed: int = 0) -> nn.Module:
    """Train on batches of 64."""
    return train(net, x, y, steps, 3e-3, torch.Generator().manual_seed(seed)).eval()


@cache
def trained(seed: int = 0) -> nn.Module:
    """The network that knows the patterns."""
    data = planted(1500, 100 + seed)
    return fit(network(seed), data.x, data.y, seed=seed)
