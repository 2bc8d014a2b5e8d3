"""DeepLIFT: toy values, summation-to-delta, and Rescale by the book."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing import convnets, transformers
from pellucid.testing.nets import Functional, Plain, SiLU, Tied, built, two_relu_toy
from pellucid.testing.recurrent import LSTMCNN

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def contributions(net: nn.Module, x: Any, target: Any = 0, **parameters: Any) -> np.ndarray:
    return np.asarray(pl.explain(net, x, pl.DeepLIFT(**parameters), target=target))


class Least(nn.Module):
    """min(x1, x2) = x1 − ReLU(x1 − x2)."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :1] - torch.relu(x[:, :1] - x[:, 1:])


@pytest.mark.parametrize(
    ("net", "x", "rule", "expected"),
    [
        (two_relu_toy(), (3, 1), "rescale", (2, -1)),
        (Least(), (5, 3), "rescale", (0, 3)),
        (Least(), (5, 3), "reveal_cancel", (1.5, 1.5)),
        (Least(), (3, 5), "reveal_cancel", (1.5, 1.5)),
    ],
)
def test_toys(net: nn.Module, x: tuple[float, ...], rule: Any, expected: Any) -> None:
    """RevealCancel finds the share of both in a minimum, Rescale one of them (Shrikumar et al.)."""
    found = contributions(net.eval(), torch.tensor([x], dtype=torch.float32), None, rule=rule)
    np.testing.assert_allclose(found, [expected], atol=1e-5)


class Saturated(nn.Module):
    """1 − ReLU(1 − x1 − x2): no gradient where x1 + x2 > 1, though both matter."""

    def forward(self, x: Tensor) -> Tensor:
        return 1 - torch.relu(1 - x[:, :1] - x[:, 1:])


def test_saturation_does_not_silence() -> None:
    found = contributions(Saturated(), torch.tensor([[1.0, 1.0]]), None)
    np.testing.assert_allclose(found, [[0.5, 0.5]], atol=1e-6)


NETS = {
    "plain": Plain,
    "functional": Functional,
    "silu": SiLU,
    "tied": Tied,
    "resnet": convnets.ResNetLike,
    "densenet": convnets.DenseNetLike,
    "mobilenet": convnets.MobileNetLike,
    "vgg": convnets.VGGLike,
    "unet": convnets.UNet,
    "gates": convnets.SqueezeExcite,
    "group norm": convnets.GroupNormNet,
    "vit": partial(transformers.ViT, 1),
    "convnext": transformers.ConvNeXtLike,
}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((name, "rescale") for name in NETS),
        *(
            (name, "reveal_cancel")
            for name in ("silu", "resnet", "densenet", "gates", "vit", "vgg")
        ),
    ],
)
def test_summation_to_delta(name: str, rule: Any) -> None:
    """In single precision, as users have it."""
    net, base = built(NETS[name]), torch.full_like(X, 0.3)
    target = pl.Output((1, 3, 4)) if name == "unet" else 1
    e = pl.explain(net, X, pl.DeepLIFT(baseline=0.3, rule=rule), target=target)
    net.double()
    with torch.no_grad():
        ours, theirs = net(X.double()), net(base.double())
    change = (ours - theirs)[:, 1, 3, 4] if name == "unet" else (ours - theirs)[:, 1]
    total = np.asarray(e).reshape(2, -1).sum(1)
    np.testing.assert_allclose(total, change, rtol=1e-4, atol=1e-5 * float(change.abs().max()))
    assert e.checks[0].verdict == "ok"


def test_rounding_is_told_from_a_gap() -> None:
    """Where contributions of size 1 cancel to a change of 1e-4, a gap of 1e-7 is rounding: 1e-3 of
    the change, and still right to the last digit of what was added up."""
    from pellucid.core.completeness import completeness

    values, change = {"x": torch.tensor([[1.0, -0.9999]])}, torch.tensor([1.001e-4])
    verdicts = [
        completeness(values, change, torch.ones(1), 1e-4, rounding)[0].verdict
        for rounding in (0.0, 1e-6)
    ]
    assert verdicts == ["poor", "ok"]
    wrong = torch.tensor([1.2e-4])
    assert completeness(values, wrong, torch.ones(1), 1e-4, 1e-6)[0].verdict == "failed"


def test_summation_to_delta_in_a_recurrent_network() -> None:
    x = torch.randn(2, 4, 20, generator=torch.Generator().manual_seed(1))
    e = pl.explain(built(LSTMCNN), x, "deeplift", target=0)
    assert max(e.checks[0].value) < 1e-4


class Reusing(nn.Module):
    """One ReLU called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(4, 5), nn.Linear(5, 6), nn.Linear(6, 3)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.relu(self.second(self.relu(self.first(x)))))


def test_rescale_by_the_book_on_a_reused_relu() -> None:
    """m = W₁ᵀ (Δh₁/Δz₁ · W₂ᵀ (Δh₂/Δz₂ · w₃))."""
    net = built(Reusing)
    x, base = torch.tensor([[1.0, -2, 0.5, 3]]), torch.tensor([[0.2, 0.1, -0.3, 0.4]])
    with torch.no_grad():
        z = [net.first(t) for t in (x, base)]
        h = [t.relu() for t in z]
        z2 = [net.second(t) for t in h]
        h2 = [t.relu() for t in z2]
        inner = (h2[0] - h2[1]) / (z2[0] - z2[1]) * net.last.weight[2]
        outer = (h[0] - h[1]) / (z[0] - z[1]) * (inner @ net.second.weight)
        expected = (x - base) * (outer @ net.first.weight)
    np.testing.assert_allclose(contributions(net, x, 2, baseline=base), expected, atol=1e-5)


class Product(nn.Module):
    """x1 x2."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :1] * x[:, 1:]


def test_a_product_is_shared_as_shapley_does() -> None:
    """From (1, 1) to (3, 5): ½ Δ1 (1 + 5) and ½ Δ2 (1 + 3)."""
    found = contributions(Product(), torch.tensor([[3.0, 5.0]]), None, baseline=1.0)
    np.testing.assert_allclose(found, [[6, 8]], atol=1e-5)


class Maximum(nn.Module):
    """The greatest of four values."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.max_pool1d(x, 4)[:, 0]


@pytest.mark.parametrize(
    ("x", "expected"), [((1, 5, 2, 0), (0, 4, 0, 0)), ((-3, -2, -5, -1), (0, 0, 0, -1))]
)
def test_max_pooling(x: Any, expected: Any) -> None:
    """A rise is the doing of the new maximum; a fall, of the one that was lost."""
    base = torch.tensor([[[1.0, 0.0, 1.0, 0.5]]])
    values = torch.tensor([[x]], dtype=torch.float32)
    if min(x) < 0:
        base = torch.tensor([[[-4.0, -3.0, -6.0, 0.0]]])
    found = contributions(Maximum(), values, None, baseline=base)
    np.testing.assert_allclose(found[0, 0], expected, atol=1e-6)


def test_several_baselines_are_averaged() -> None:
    net = built(Plain)
    each = [contributions(net, X, baseline=b) for b in (0.0, 1.0)]
    both = contributions(net, X, baseline=[0.0, 1.0])
    rows = contributions(
        net, X, background=torch.stack([torch.zeros(3, 16, 16), torch.ones(3, 16, 16)])
    )
    np.testing.assert_allclose(both, np.mean(each, 0), atol=1e-6)
    np.testing.assert_allclose(rows, both, atol=1e-6)


def test_what_helps_every_class_alike_counts_nothing() -> None:
    net = nn.Linear(2, 3, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[1.0, 2.0], [1.0, 0.0], [1.0, 1.0]]))
    found = contributions(net, torch.tensor([[5.0, 3.0]]), 0, mean_normalised=True)
    np.testing.assert_allclose(found, [[0, 3]], atol=1e-6)


def test_probabilities_add_up_too() -> None:
    net = built(Plain)
    e = pl.explain(net, 5 * X, "deeplift", target=1, space="probability")
    assert max(e.checks[0].value) < 1e-4


@pytest.mark.parametrize("rule", ["rescale", "reveal_cancel"])
def test_without_biases_it_is_gradient_times_input(rule: Any) -> None:
    """ReLU networks without biases are homogeneous (Ancona et al. 2018, prop. 3)."""
    net = nn.Sequential(nn.Linear(4, 5, bias=False), nn.ReLU(), nn.Linear(5, 2, bias=False))
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    expected = np.asarray(pl.explain(net, x, "input_x_gradient", target=0))
    if rule == "rescale":
        np.testing.assert_allclose(contributions(net, x, rule=rule), expected, atol=1e-6)
    lrp = np.asarray(pl.explain(net, x, pl.LRP(composite="epsilon", epsilon=1e-9), target=0))
    np.testing.assert_allclose(lrp, expected, atol=1e-5)


def test_a_branch_that_hangs_on_the_values_is_refused() -> None:
    class Branching(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 2 if (x > 0).any() else x.abs()

    with pytest.raises(pl.NotApplicable, match="otherwise on the baseline"):
        pl.explain(Branching(), torch.ones(1, 3), "deeplift", target=0)


def test_several_targets_share_the_forward_passes() -> None:
    net = built(Plain)
    e = pl.explain(net, X, "deeplift", target=pl.Class([0, 2]))
    assert e.cost["forwards"] == 4  # the inputs and their baselines
    np.testing.assert_allclose(np.asarray(e)[[1, 3]], contributions(net, X, 2), atol=1e-6)


def test_a_norm_that_divides_by_nothing_on_the_baseline_is_told() -> None:
    """Layer norm of a blank picture: the contributions are huge and cancel each other."""
    net = nn.Sequential(
        nn.Linear(6, 6, bias=False), nn.LayerNorm(6, eps=1e-12), nn.Linear(6, 2)
    ).double()
    x = torch.randn(1, 6, generator=torch.Generator().manual_seed(0)).double() * 100
    blank = pl.explain(net, x, "deeplift", target=0)
    other = pl.explain(net, x, pl.DeepLIFT(baseline=x.flip(1)), target=0)
    assert [c.verdict for c in blank.checks if c.name == "cancellation"] == ["poor"]
    assert not [c for c in other.checks if c.name == "cancellation"]
