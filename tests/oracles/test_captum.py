"""The same numbers as Captum, on networks written by others."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.nets import built

pytestmark = pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require gradients")

captum = pytest.importorskip("captum.attr", reason="captum is an oracle")
pytest.importorskip("transformers", reason="transformers writes the networks")

from oracles.families import FAMILIES, Family, pictures, vgg  # noqa: E402

X = pictures()
TARGET = [1, 3]
NETS = pytest.mark.parametrize("name", FAMILIES)
DENSE = [name for name in FAMILIES if name not in ("swin", "vit")]


@cache
def family(name: str) -> Family:
    return FAMILIES[name]()


def assert_same(ours: Any, theirs: Any, tolerance: float = 1e-5) -> None:
    """Equal relative to the largest value of the oracle, which must not be a blank map."""
    expected = np.asarray(theirs.detach() if isinstance(theirs, Tensor) else theirs)
    size = np.abs(expected).max()
    assert size > 0
    np.testing.assert_allclose(np.asarray(ours) / size, expected / size, atol=tolerance)


@NETS
def test_gradient(name: str) -> None:
    f = family(name)
    oracle = captum.Saliency(f.bare).attribute(X.clone(), target=TARGET, abs=False)
    assert_same(pl.explain(f.net, X, "gradient", target=TARGET), oracle)


@NETS
def test_input_x_gradient(name: str) -> None:
    f = family(name)
    oracle = captum.InputXGradient(f.bare).attribute(X.clone(), target=TARGET)
    assert_same(pl.explain(f.net, X, "input_x_gradient", target=TARGET), oracle)


@NETS
@pytest.mark.parametrize(
    ("rule", "theirs"), [("midpoint", "riemann_middle"), ("gauss_legendre", "gausslegendre")]
)
def test_integrated_gradients(name: str, rule: str, theirs: str) -> None:
    """Ours run on a copy with folded batch normalisation, so points at a kink may differ."""
    f, baseline, steps = family(name), 0.3, 50 if name in ("vgg", "vit") else 20
    method = pl.IntegratedGradients(baseline=baseline, n_steps=steps, max_steps=steps, rule=rule)
    oracle = captum.IntegratedGradients(f.bare).attribute(
        X, baseline, TARGET, n_steps=steps, method=theirs
    )
    assert_same(pl.explain(f.net, X, method, target=TARGET), oracle, 1e-4)


@pytest.mark.parametrize("name", ["vgg", "resnet"])
@pytest.mark.parametrize("method", ["guided_backprop", "deconvnet"])
def test_rectified(name: str, method: str) -> None:
    f = family(name)
    kind = {"guided_backprop": captum.GuidedBackprop, "deconvnet": captum.Deconvolution}[method]
    with pytest.warns(UserWarning, match="hooks"):
        oracle = kind(f.bare).attribute(X.clone(), target=TARGET)
    assert_same(pl.explain(f.net, X, method, target=TARGET), oracle)


def _with(activation: type[nn.Module]) -> nn.Module:
    net = built(vgg).double()
    net[1], net[4], net[8] = activation(), activation(), activation()
    return net


@pytest.mark.parametrize("method", ["guided_backprop", "deconvnet"])
def test_relu6_is_a_rectifier(method: str) -> None:
    """Captum rewrites `nn.ReLU` alone, so on ReLU6 it gives the plain gradient and we differ.
    Where nothing exceeds 6 the two activations are one function: ours agrees with Captum's result
    on ReLU, Captum's on ReLU6 does not. Ours is right."""
    x, relu, relu6 = 0.1 * X, _with(nn.ReLU), _with(nn.ReLU6)
    assert torch.equal(relu(x), relu6(x))
    kind = {"guided_backprop": captum.GuidedBackprop, "deconvnet": captum.Deconvolution}[method]
    with pytest.warns(UserWarning, match="hooks"):
        right = kind(relu).attribute(x.clone(), target=TARGET)
    with pytest.warns(UserWarning, match="hooks"):
        missed = kind(relu6).attribute(x.clone(), target=TARGET)
    plain = captum.Saliency(relu6).attribute(x.clone(), target=TARGET, abs=False)
    torch.testing.assert_close(missed, plain)
    assert_same(pl.explain(relu6, x, method, target=TARGET), right)


@pytest.mark.parametrize("name", ["swin", "vit", "convnext"])
def test_guided_backprop_of_gelu_is_refused(name: str) -> None:
    """Captum gives the plain gradient without a word: there is no ReLU to rewrite. Ours refuses,
    since a picture that says guided backpropagation would be something else."""
    f = family(name)
    with pytest.raises(pl.NotApplicable, match="GELU"):
        pl.explain(f.net, X, "guided_backprop", target=TARGET)


@pytest.mark.parametrize("name", DENSE)
def test_grad_cam(name: str) -> None:
    f = family(name)
    oracle = captum.LayerGradCam(f.bare, f.layer).attribute(X, TARGET, relu_attributions=False)[
        :, 0
    ]
    ours = pl.explain(f.net, X, pl.GradCAM(layer=f.layer), target=TARGET)
    assert_same(ours.coarse, oracle)
    grown = captum.LayerAttribution.interpolate(oracle[:, None], (64, 64), "bilinear")[:, 0]
    assert_same(ours, grown)


@NETS
@pytest.mark.parametrize("method", [pl.GradCAM, pl.LayerCAM])
def test_cam_from_captums_activations(name: str, method: Any) -> None:
    """Captum's LayerGradCam takes axis 1 for the channels, which is wrong for `(N, L, C)`. Its
    activations and gradients are right, so the equations are evaluated on them with the axes
    turned by hand."""
    f = family(name)
    maps = captum.LayerActivation(f.bare, f.layer).attribute(X).detach()
    gradient = (
        captum.LayerGradientXActivation(f.bare, f.layer, multiply_by_inputs=False)
        .attribute(X, TARGET)
        .detach()
    )
    if f.tokens is not None:
        maps, gradient = (_unfolded(tensor, f.tokens) for tensor in (maps, gradient))
    weight = gradient.mean((2, 3), keepdim=True) if method is pl.GradCAM else gradient.relu()
    ours = pl.explain(f.net, X, method(layer=f.layer), target=TARGET)
    assert_same(ours.coarse, (weight * maps).sum(1))


def _unfolded(tokens: Tensor, skip: int) -> Tensor:
    side = round((tokens.shape[1] - skip) ** 0.5)
    return tokens[:, skip:].transpose(1, 2).unflatten(2, (side, side))


@pytest.mark.parametrize("name", ["vgg", "resnet"])
def test_guided_grad_cam(name: str) -> None:
    """Captum interpolates with the nearest neighbour by default; the paper and ours, linearly."""
    f = family(name)
    with pytest.warns(UserWarning, match="hooks"):
        oracle = captum.GuidedGradCam(f.bare, f.layer).attribute(
            X.clone(), TARGET, interpolate_mode="bilinear"
        )
    ours = pl.explain(f.net, X, pl.GuidedGradCAM(layer=f.layer), target=TARGET)
    assert_same(ours, oracle)


@pytest.mark.parametrize("kind", ["mean", "squared"])
def test_smooth_grad_within_the_noise(kind: str) -> None:
    """NoiseTunnel draws its own noise: the two averages differ by their standard errors."""
    f, sigma, count = family("vgg"), 0.2, 200
    span = (X.flatten(1).amax(1) - X.flatten(1).amin(1))[:, None, None, None]
    ours = pl.explain(
        f.net, X, pl.SmoothGrad(n_samples=count, noise=sigma, kind=kind), target=TARGET
    )
    type_ = {"mean": "smoothgrad", "squared": "smoothgrad_sq"}[kind]
    rounds = []
    for sample in range(len(X)):
        with torch.random.fork_rng():
            torch.manual_seed(3)
            tunnel = captum.NoiseTunnel(captum.Saliency(f.bare))
            rounds.append(
                tunnel.attribute(
                    X[sample : sample + 1],
                    nt_type=type_,
                    nt_samples=count,
                    stdevs=float(sigma * span[sample]),
                    target=TARGET[sample],
                    abs=False,
                )
            )
    oracle = torch.cat(rounds).detach().numpy()
    if kind == "mean":
        z = (ours.values - oracle) / (np.sqrt(2) * np.maximum(ours.std_error, 1e-12))
        assert 0.9 < np.std(z) < 1.1
        assert np.abs(z).max() < 6
    else:
        assert abs(ours.values.mean() / oracle.mean() - 1) < 0.05
        assert np.corrcoef(ours.values.ravel(), oracle.ravel())[0, 1] > 0.8


@NETS
@pytest.mark.parametrize("engine", ["dense", "incremental"])
def test_occlusion(name: str, engine: str) -> None:
    """Networks of transformers lead their input through code that cannot be traced, and say so."""
    f, size = family(name), X.shape[-1]
    window, stride = size // 4, size // 8 + 1
    oracle = captum.Occlusion(f.bare).attribute(
        X,
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        target=TARGET,
        baselines=0.2,
        perturbations_per_eval=8,
    )
    ours = pl.explain(
        f.net, X, pl.Occlusion(window=window, stride=stride, baseline=0.2, engine=engine),
        target=TARGET, space="logit",
    )  # fmt: skip
    assert_same(ours, oracle[:, 0], 1e-4)


def test_occlusion_of_a_series_and_of_channels_apart() -> None:
    net = built(
        lambda: nn.Sequential(nn.Conv1d(3, 4, 5), nn.Tanh(), nn.Flatten(), nn.Linear(64, 2))
    )
    x = torch.randn(2, 3, 20, generator=torch.Generator().manual_seed(0))
    oracle = captum.Occlusion(net).attribute(
        x, sliding_window_shapes=(1, 6), strides=(1, 4), target=1
    )
    method = pl.Occlusion(window=6, stride=4, channels="apart")
    assert_same(pl.explain(net, x, method, target=1, space="logit"), oracle)


class _Pooled(nn.Module):
    """Two convolutions and two linear layers; Captum's LRP knows no module that flattens."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Sequential(
            *(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4)),
            *(nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(), nn.AvgPool2d(4)),
        )
        self.head = nn.Sequential(nn.Linear(192, 24), nn.ReLU(), nn.Linear(24, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.maps(x).flatten(1))


def test_lrp_on_a_network_of_modules() -> None:
    net = built(_Pooled).double().eval()
    oracle = captum.LRP(net).attribute(X.clone(), target=TARGET)
    ours = pl.explain(net, X, pl.LRP(composite="epsilon", epsilon=1e-9), target=TARGET)
    assert_same(ours, oracle, 1e-4)


def test_deeplift_on_networks_of_modules() -> None:
    """ReLUs that are modules, each called once, and no max-pooling after them, are what Captum gets
    right: with max-pooling its own sum misses the score's change."""
    net, base = built(_averaging).double().eval(), torch.full_like(X, 0.3)
    oracle = captum.DeepLift(net).attribute(X.clone(), base, target=TARGET)
    assert_same(pl.explain(net, X, pl.DeepLIFT(baseline=0.3), target=TARGET), oracle, 1e-4)


def _averaging() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.AvgPool2d(4)),
        *(nn.Conv2d(8, 12, 3, padding=1), nn.Sigmoid(), nn.AvgPool2d(4)),
        *(nn.Flatten(), nn.Linear(192, 24), nn.ReLU(), nn.Linear(24, 4)),
    )
