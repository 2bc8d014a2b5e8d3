"""What the case studies share: generated radiographs, a small network, and how it is fitted."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

SIDE = 48


@dataclass(frozen=True)
class Scans:
    """Pictures `(N, 1, 48, 48)`, labels `(N,)`: 1 with a shadow in a lung; and masks `(N, 48, 48)`
    of both lungs and of the shadow (of what would be one, where there is none)."""

    pictures: Tensor
    labels: Tensor
    lungs: Tensor
    shadow: Tensor


def options(doc: str, arguments: list[str] | None) -> argparse.Namespace:
    """The command line of an example: `--out` and `--quick`."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(), help="the folder for the figures")
    parser.add_argument("--quick", action="store_true", help="less data, fewer steps")
    words = parser.parse_args(arguments)
    words.out.mkdir(parents=True, exist_ok=True)
    return words


def scans(n: int, seed: int, contrast: tuple[float, float], marked: float = 0.0) -> Scans:
    """Generated radiographs, one half with a soft shadow in a lung.

    The contrast of the shadow is drawn between two bounds: the weaker, the harder to tell from
    noise. `marked` is how much more often pictures with a shadow carry the letter L in a corner, as
    if they came from another hospital: 0 for equally often, 1 for always and the others never.
    """
    random = torch.Generator().manual_seed(seed)

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, 1, 1, generator=random)

    down, across = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    labels = torch.randperm(n, generator=random) % 2
    middle, height = between(23, 26), between(14, 17)
    apart = between(10, 11.5)
    left, right = (
        ((across - 23.5 - side * apart) / 7.5) ** 2 + ((down - middle) / height) ** 2
        for side in (-1, 1)
    )
    lungs = torch.minimum(left, right) < 1
    body = 0.72 - 0.42 * torch.sigmoid(6 * (1 - torch.minimum(left, right)))
    ribs = 0.05 * torch.sin(down * 0.9 + 0.02 * (across - 23.5) ** 2 + between(0, 6.3)) * lungs
    noise = torch.randn(n, 1, SIDE, SIDE, generator=random)
    blurred = nn.functional.avg_pool2d(noise, 3, 1, 1)[:, 0]

    side = torch.where(between(0, 1) < 0.5, -1.0, 1.0)
    x, y = 23.5 + side * apart + between(-3, 3), middle + between(-0.55, 0.55) * height
    distance = ((across - x) ** 2 + (down - y) ** 2) / between(2.5, 3.5) ** 2
    soft = torch.exp(-distance / 2) * between(*contrast) * labels[:, None, None]

    pictures = body + ribs + soft + 0.09 * blurred
    chance = 0.5 + 0.5 * marked * (2 * labels - 1)
    letter = (torch.rand(n, generator=random) < chance)[:, None, None]
    stroke = (down >= 2) & (down < 8) & (across >= 2) & (across < 4)
    foot = (down >= 6) & (down < 8) & (across >= 2) & (across < 7)
    pictures = torch.where(letter & (stroke | foot), 0.98, pictures)
    return Scans(pictures.clamp(0, 1)[:, None].float(), labels, lungs, distance < 9)


def convnet(classes: int, dropout: float = 0.0) -> nn.Sequential:
    """Three convolutions with batch normalisation, then the mean over the picture; 1 channel."""
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(dropout),
        nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout),
        nn.Linear(24, classes),
    )  # fmt: skip


def fitted(
    net: nn.Module, x: Tensor, y: Tensor, epochs: int, *others: Tensor, rate: float = 3e-3
) -> nn.Module:
    """The network after `epochs` of Adam, in eval mode; `others` are inputs beside `x`."""
    steps = torch.optim.Adam(net.parameters(), rate)
    order = torch.Generator().manual_seed(0)
    batches = -(-len(x) // 50)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(steps, epochs * batches)
    net.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(50):
            loss = nn.functional.cross_entropy(net(x[rows], *(o[rows] for o in others)), y[rows])
            steps.zero_grad()
            loss.backward()
            steps.step()
            slower.step()
    return net.eval()


@torch.no_grad()
def probabilities(net: nn.Module, x: Tensor, *others: Tensor) -> Tensor:
    """Of every class, `(N, classes)`."""
    return net(x, *others).softmax(1)
