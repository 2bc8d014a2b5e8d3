"""A network for digits, trained here: its layers as maps, and which digits are alike."""

from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

import pellucid as pl

LAYERS = ["input", "3", "7"]


def draw(folder: Path) -> dict[str, str]:
    """The figures as PNG files in `folder`, each with its caption."""
    x, labels = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    held = np.arange(len(x)) % 2 == 0
    net = trained(torch.tensor(x[~held]), torch.tensor(labels[~held]))
    model = pl.Model(net, classes=[f"digit {i}" for i in range(10)])
    maps = pl.project(x[held], model, LAYERS, label=labels[held], pool="flat")
    maps.plot().savefig(folder / "maps-layers.png", dpi=110)
    maps.html(folder / "maps.html", "Handwritten digits in a small network")
    groups = pl.compare_groups(maps, layer=LAYERS[-1], permutations=1999)
    groups.plot().savefig(folder / "maps-groups.png", dpi=110)
    quality = [maps.quality[layer]["silhouette"] for layer in LAYERS]
    return {
        "maps-layers.png": (
            f"{len(maps)} digits that the network has not seen, by t-SNE: the pixels, a "
            "convolution, and the last hidden layer. Silhouettes "
            f"{', '.join(f'{value:.2f}' for value in quality)}; maps.html links the layers."
        ),
        "maps-groups.png": (
            "How well every digit is represented in the last of these maps: distributions of the "
            "points' cross-entropies, and which digits are alike in this."
        ),
    }


def trained(x: torch.Tensor, labels: torch.Tensor) -> nn.Module:
    """A small convolutional network after 400 steps."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    for _ in range(400):
        chosen = torch.randint(0, len(x), (128,))
        loss = nn.functional.cross_entropy(net(x[chosen]), labels[chosen])
        for parameter, slope in zip(
            net.parameters(), torch.autograd.grad(loss, list(net.parameters())), strict=True
        ):
            parameter.grad = slope
        optimiser.step()
    return net.eval()
