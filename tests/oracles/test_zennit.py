"""The same relevance as zennit's composites, on networks of modules, which it needs."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from oracles.families import CLASSES, pictures, vgg
from oracles.zennit_alone import zennit
from pellucid.testing.nets import built

zennit = zennit()

X = pictures()
TARGET = [1, 3]
LOW, HIGH = -3.0, 3.0


class Residual(nn.Module):
    """conv, norm, ReLU, conv, norm, plus the input through zennit's sum, ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)),
        )
        self.sum, self.relu = zennit.layer.Sum(), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.sum(torch.stack([self.body(x), x], -1)))


def resnet() -> nn.Module:
    """A stem with batch normalisation, two residual blocks, average pooling, a linear layer."""
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 5, 4, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2)),
        *(Residual(8), Residual(8), nn.AvgPool2d(8), nn.Flatten(), nn.Linear(8, CLASSES)),
    )


def theirs(net: nn.Module, composite: Any, merged_eps: float = 0.0) -> np.ndarray:
    """zennit's map. Once merged, a batch normalisation there still divides by √(1 + eps), which
    moves the branches of a sum apart; ours folds it away, so `merged_eps` is nothing."""
    net = copy.deepcopy(net)
    x = X.clone().requires_grad_()
    with zennit.attribution.Gradient(model=net, composite=composite) as attributor:
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = merged_eps
        scores = net(X).detach()
        start = torch.eye(CLASSES, dtype=X.dtype)[TARGET] * scores
        _, found = attributor(x, start)
    return found.detach().numpy()


COMPOSITES = {
    "epsilon_plus": {},
    "epsilon_plus_flat": {},
    "epsilon_alpha2_beta1": {},
    "epsilon_alpha2_beta1_flat": {},
    "epsilon_gamma_box": {"low": LOW, "high": HIGH},
}


@pytest.mark.parametrize("net", [vgg, resnet], ids=["vgg", "resnet"])
@pytest.mark.parametrize("name", COMPOSITES)
def test_composite(name: str, net: Any) -> None:
    made = built(net).double().eval()
    merge = zennit.canonizers.SequentialMergeBatchNorm()
    composite = zennit.composites.COMPOSITES[name](canonizers=[merge], **COMPOSITES[name])
    expected = theirs(made, composite)
    ours = pl.explain(made, X, pl.LRP(composite=name, **COMPOSITES[name]), target=TARGET)
    size = np.abs(expected).max()
    assert size > 0
    np.testing.assert_allclose(np.asarray(ours) / size, expected / size, atol=1e-6)


def test_what_is_left_of_merged_normalisation_is_the_whole_difference() -> None:
    """zennit as it is differs where sums follow normalisation: by the eps that it leaves behind."""
    made = built(resnet).double().eval()
    ours = np.asarray(pl.explain(made, X, pl.LRP(composite="epsilon_plus"), target=TARGET))

    def difference(eps: float) -> float:
        merge = zennit.canonizers.SequentialMergeBatchNorm()
        composite = zennit.composites.COMPOSITES["epsilon_plus"](canonizers=[merge])
        return float(np.abs(theirs(made, composite, eps) - ours).max() / np.abs(ours).max())

    assert difference(1e-3) > 50 * difference(1e-5) > 1000 * difference(0.0)


def test_relative_epsilon() -> None:
    made = built(vgg).double().eval()
    rms = zennit.rules.Epsilon(zennit.core.Stabilizer(0.1, norm_scale=True))
    kinds = [(nn.Conv2d, rms), (nn.Linear, rms), (nn.ReLU, zennit.rules.Pass())]
    expected = theirs(made, zennit.composites.LayerMapComposite(kinds))
    ours = pl.explain(
        made, X, pl.LRP(composite="epsilon", epsilon=0.1, relative=True), target=TARGET
    )
    size = np.abs(expected).max()
    np.testing.assert_allclose(np.asarray(ours) / size, expected / size, atol=1e-4)
