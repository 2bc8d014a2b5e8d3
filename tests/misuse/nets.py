"""Networks and batches that the misuses start from, and a few that are wrong themselves."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.nets import Plain, SiLU, built, mlp
from pellucid.testing.quirks import QUIRKS

THREE = built(Plain)
TEN = built(lambda: Plain(classes=10))
ONE = built(lambda: Plain(classes=1))
RECTIFIED_OTHERWISE, FLAT = built(SiLU), mlp()
DENSE, VGG, VIT, TRACED, NAN, NO_GRAD, TWICE, DETECTOR = (
    QUIRKS[name].build()
    for name in ("seg", "vgg_like", "vit_cls", "traced", "nan_weights", "nograd_forward", "tied",
                 "det_list")
)  # fmt: skip
NAMES = ["cat", "dog", "bird"]
NAMED = pl.Model(THREE, classes=NAMES)
OF_BYTES = pl.ImagePreprocess(size=16, top=255.0)
SEEING = pl.Model(THREE, preprocess=pl.ImagePreprocess(size=16))

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
NAN_BATCH = torch.full_like(X, torch.nan)
PICTURE = np.zeros((20, 24, 3), np.uint8)
BATCH: dict[int, Any] = {
    id(net): QUIRKS[name].inputs()
    for net, name in ((VIT, "vit_cls"), (FLAT, "mlp"), (DENSE, "seg"), (DETECTOR, "det_list"))
}


class Spare(Plain):
    """Has a layer that its forward never calls."""

    def __init__(self) -> None:
        super().__init__()
        self.spare = nn.Conv2d(3, 3, 1)


class Returning(nn.Module):
    """Returns whatever it is given to return for its scores."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.net, self.answer = THREE, answer

    def forward(self, x: Tensor) -> Any:
        """`(N, 3, H, W)` to anything."""
        return self.answer(self.net(x))


class FunctionalConv(nn.Module):
    """Calls torch's function with weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 3, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv2d(x, self.weight).mean((2, 3))


FUNCTIONAL = FunctionalConv()
SPARE = built(Spare)
WORDY = Returning(lambda scores: "cat")
TWO_HEADED = Returning(lambda scores: {"age": scores, "mood": scores})


def explain(net: Any, method: Any = "gradient", x: Any = None, **more: Any) -> Any:
    """`pl.explain` on a batch that fits the net, unless one is given."""
    return pl.explain(net, BATCH.get(id(net), X) if x is None else x, method, **more)
