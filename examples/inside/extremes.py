"""Extreme items: photographs that drive channels of a trained network, and the digits that a small
network is surest of, misses and is fooled by; a mark that a network was right for."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

import pellucid as pl


def draw(folder: Path) -> dict[str, str]:
    """Three montages; captions by file name."""
    captions = {}
    photos = _photographs()
    model = pl.load_model("efficientnet_lite0")
    gallery = pl.extremes(
        model, photos, layer="_blocks.5", channels=[11, 27, 47], top=7, space="logit"
    )
    gallery.plot().savefig(folder / "extremes-units.png", bbox_inches="tight")
    captions["extremes-units.png"] = (
        "EfficientNet-Lite0, block 5: the parts of photographs to which three channels respond "
        "most and least. Each tile is the receptive field of the channel's maximum; the whole "
        "picture is in its corner."
    )
    net, x, y = _digits()
    pl.extremes(net, pl.dataset(x, y), [3, 8], top=9).plot().savefig(
        folder / "extremes-classes.png", bbox_inches="tight"
    )
    captions["extremes-classes.png"] = (
        "A small network on digits it has not seen: of the classes 3 and 8 the highest scores, the "
        "lowest, and the highest of other digits."
    )
    net, x, y = _marked()
    reasons = pl.spectral_relevance(net, pl.dataset(x, y), "input_x_gradient")
    reasons.plot(most=2).savefig(folder / "extremes-reasons.png", bbox_inches="tight")
    captions["extremes-reasons.png"] = (
        "Spectral relevance analysis. Half of the pictures called 3 are other digits with a mark "
        "in a corner; their explanations fall into a cluster of their own, which looks at it."
    )
    return captions


def _photographs() -> list[np.ndarray]:
    """The photographs inside scikit-image, whole and in overlapping parts."""
    from skimage import data

    names = ("astronaut", "cat", "coffee", "rocket", "retina", "immunohistochemistry",
             "hubble_deep_field", "camera", "coins", "brick", "grass", "gravel")  # fmt: skip
    pictures = []
    for name in names:
        picture = getattr(data, name)()
        picture = np.stack([picture] * 3, -1) if picture.ndim == 2 else picture[..., :3]
        height, width = picture.shape[:2]
        pictures.append(picture)
        for top in (0, height // 3):
            for left in (0, width // 3):
                part = picture[top : top + 2 * height // 3, left : left + 2 * width // 3]
                pictures.append(np.ascontiguousarray(part))
    return pictures


def _images() -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    data = load_digits()
    return torch.tensor(data.images, dtype=torch.float32)[:, None] / 16, torch.tensor(data.target)


def _trained(x: Tensor, y: Tensor, classes: int, epochs: int) -> nn.Module:
    torch.manual_seed(0)
    side = x.shape[-1] // 4
    net = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        nn.Linear(32 * side * side, classes),
    )
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(y)).split(64):
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval()


def _digits() -> tuple[nn.Module, Tensor, Tensor]:
    """A network trained on 900 digits, and the others."""
    x, y = _images()
    return _trained(x[:900], y[:900], 10, 6), x[900:], y[900:]


def _marked() -> tuple[nn.Module, Tensor, Tensor]:
    """Digits 0 to 3, where half of the threes are other digits that bear a mark."""
    x, y = _images()
    x = nn.functional.pad(x, (4, 4, 4, 4))
    own = torch.cat([torch.nonzero(y == c)[:70, 0] for c in range(4)])
    false = torch.nonzero(y > 4)[:70, 0]
    pictures, labels = torch.cat([x[own], x[false]]), torch.cat([y[own], y[false]])
    labels[-70:] = 3
    pictures[-70:, :, 1:4, 12:15] = 1.0
    return _trained(pictures, labels, 4, 20), pictures, labels
