"""LIME: exact on linear models, finds what was planted, stops when it may, says what it knows."""

import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.inputs import Inputs
from pellucid.parts.off_values import off_values
from pellucid.parts.segments import features_of


def seeded(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class Weighted(nn.Module):
    """Two scores, each the sum of the input times its weights, plus ½."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.w = nn.Parameter(seeded(2, *shape, seed=7))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("n...,k...->nk", x, self.w) + 0.5


SHAPES = {"image": (3, 12, 14), "one channel": (1, 12, 14), "bands": (7, 12, 14),
          "volume": (1, 4, 6, 8), "series": (2, 40), "table": (9,)}  # fmt: skip


def explained(net: Any, x: Tensor, method: pl.Method | None = None, **more: Any) -> pl.Explanation:
    options = {"target": 1, "space": "logit", **more}
    return pl.explain(net, x, pl.LIME() if method is None else method, **options)


# Exactness


@pytest.mark.parametrize("design", ["hadamard", "paired", "random"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_linear_models_are_recovered_exactly(shape: tuple[int, ...], design: str) -> None:
    """Weight of a feature = Σ over its places of w (x − off); intercept = f(all off); R² = 1."""
    net, x = Weighted(*shape), seeded(2, *shape, seed=1)
    e = explained(net, x, pl.LIME(design=design, n_samples=300, stop="budget"))
    inputs = Inputs.of(x)
    features = features_of(inputs)
    off = off_values(inputs, features, "auto", 0)["input"]
    change = net.w[1].detach() * (x - off)
    labels = features.labels["input"].expand(x.shape).flatten(1)
    wanted = torch.zeros(2, features.most).scatter_add(1, labels, change.flatten(1))
    np.testing.assert_allclose(e.coarse, wanted, atol=1e-4 * float(wanted.abs().max()))
    with torch.no_grad():
        np.testing.assert_allclose(e.record["intercept"], net(off)[:, 1], atol=1e-3)
    np.testing.assert_allclose(e.record["r_squared"], 1, atol=1e-5)
    np.testing.assert_allclose(e.record["local_prediction"], e.score, atol=1e-3)


@pytest.mark.parametrize(
    "baseline", ["zero", "mean", "segment_mean", "blur", "noise", 0.3, seeded(3, 12, 14)]
)
def test_every_off_value_on_a_linear_model(baseline: Any) -> None:
    net, x = Weighted(3, 12, 14), seeded(1, 3, 12, 14, seed=1)
    e = explained(net, x, pl.LIME(baseline=baseline, count=3))
    inputs = Inputs.of(x)
    features = features_of(inputs, "grid", 3)
    off = off_values(inputs, features, baseline, 0)["input"]
    change = (net.w[1].detach() * (x - off))[0].sum(0).flatten()
    wanted = torch.zeros(9).scatter_add(0, features.labels["input"].flatten(), change)
    np.testing.assert_allclose(e.coarse[0], wanted, atol=1e-3)


def test_segment_means_by_hand() -> None:
    """Slices (1, 2 | 6) and a place that is never taken away, two channels."""
    x = torch.tensor([[[1.0, 3, 6, 9], [10, 20, 60, 90]]])
    inputs = Inputs.of(x)
    features = features_of(inputs, np.array([0, 0, 1, -1]))
    off = off_values(inputs, features, "segment_mean", 0)["input"]
    assert off[..., :3].tolist() == [[[2, 2, 6], [15, 15, 60]]]


@pytest.mark.parametrize("features", [1, 2, 3])
def test_few_features_are_evaluated_in_every_combination(features: int) -> None:
    """f = z₁ z₂ … on all 2^M rows: no error is left, and a repeat with another seed is equal."""
    x = torch.ones(1, features)
    e = explained(lambda t: t.prod(1, keepdim=True), x, target=pl.Value())
    again = explained(lambda t: t.prod(1, keepdim=True), x, target=pl.Value(), seed=5)
    assert np.array_equal(e.values, again.values)
    assert e.std_error is not None
    assert float(e.std_error.max()) == 0
    assert e.record["evaluations"] == [2**features - 1]
    assert e.record["ended"] == ["all rows"]
    if features == 1:
        assert e.values.tolist() == [[1.0]]


def test_series_by_slices_and_channels() -> None:
    net, x = Weighted(2, 40), seeded(1, 2, 40, seed=1)
    e = explained(net, x, pl.LIME(each_channel=True, count=5, baseline="zero"))
    assert e.axes == ("sample", "channel", "time")
    wanted = (net.w[1].detach() * x).reshape(2, 5, 8).sum(2)
    np.testing.assert_allclose(e.coarse[0], wanted.flatten(), atol=1e-4)
    assert e.segments is not None
    assert e.segments[0, 1, 39] == 9


def test_token_ids_and_words_that_go_together() -> None:
    """Score = Σ value of the id; two tokens of one word have one weight."""
    value = seeded(30, 2, seed=3)
    ids = torch.tensor([[4, 9, 9, 17, 2]])
    e = explained(lambda t: value[t.long()].sum(1), ids)
    np.testing.assert_allclose(e.values[0], value[ids[0], 1] - value[0, 1], atol=1e-5)
    word = explained(
        lambda t: value[t.long()].sum(1), ids, pl.LIME(segments=np.array([0, 1, 1, 2, -1]))
    )
    assert word.values[0, 1] == pytest.approx(2 * float(value[9, 1] - value[0, 1]), abs=1e-5)
    assert word.values[0, 4] == 0


def test_several_inputs_share_one_fit() -> None:
    a, b = seeded(2, 5), seeded(2, 4, seed=1)

    def both(pair: tuple[Tensor, Tensor]) -> Tensor:
        return (2 * pair[0].sum(1) - 3 * pair[1].sum(1))[:, None]

    e = explained(
        lambda *given: both(given if len(given) == 2 else given[0]), (a, b), target=pl.Value()
    )
    first, second = e.parts.values()
    np.testing.assert_allclose(first.values, 2 * a, atol=1e-4)
    np.testing.assert_allclose(second.values, -3 * b, atol=1e-4)


# What does not matter


def curved(x: Tensor) -> Tensor:
    """Interactions between neighbouring places; three scores."""
    flat = torch.tanh(x.flatten(1) * 2)
    shifted = flat * flat.roll(1, 1) + 0.3 * flat
    weights = seeded(shifted.shape[1], 3, seed=11)
    return shifted @ weights


def test_batches_and_neighbours_change_nothing() -> None:
    x = seeded(3, 2, 24, seed=2)
    method = pl.LIME(count=12, n_samples=200)
    whole = explained(curved, x, method, target=[0, 1, 2])
    for batch_size in (1, 7):
        again = explained(curved, x, method, target=[0, 1, 2], batch_size=batch_size)
        np.testing.assert_allclose(again.values, whole.values, atol=1e-5)
    alone = explained(curved, x[1:2], method, target=1)
    np.testing.assert_allclose(alone.values[0], whole.values[1], atol=1e-5)


def test_all_targets_come_from_the_same_evaluations() -> None:
    x = seeded(2, 2, 24, seed=2)
    method = pl.LIME(count=12, n_samples=100, stop="budget")
    together = explained(curved, x, method, target=[[0, 1, 2]] * 2)
    assert together.cost["forwards"] == 2 + 2 * 100
    for k in range(3):
        alone = explained(curved, x, method, target=k)
        np.testing.assert_allclose(together.values[k::3], alone.values, atol=1e-5)
        np.testing.assert_allclose(together.std_error[k::3], alone.std_error, atol=1e-5)


def test_one_seed_gives_the_same_bits() -> None:
    x, method = seeded(1, 2, 24, seed=2), pl.LIME(count=12, n_samples=100)
    first, again = (explained(curved, x, method, seed=4) for _ in range(2))
    assert np.array_equal(first.values, again.values)
    assert not np.array_equal(first.values, explained(curved, x, method, seed=5).values)


# What was planted is found


SEEDS = 40


def share_found(found: Any) -> float:
    return float(np.mean([found(seed) for seed in range(SEEDS)]))


def test_a_planted_patch_is_found() -> None:
    """A bright patch in noise, which a saturating model answers to."""

    def found(seed: int) -> bool:
        place = seed % 49
        row, column = 4 * (place // 7), 4 * (place % 7)
        x = 0.3 * seeded(1, 1, 28, 28, seed=seed)
        x[..., row : row + 4, column : column + 4] += 2

        def model(t: Tensor) -> Tensor:
            patch = t[:, 0, row : row + 4, column : column + 4].mean((1, 2))
            return torch.sigmoid(3 * patch - 2 + 0.1 * t.mean((1, 2, 3)))[:, None]

        e = explained(model, x, pl.LIME(n_samples=128), target=pl.Value(), seed=seed)
        return int(e.coarse[0].argmax()) == place

    assert share_found(found) >= 0.95


def test_a_planted_word_is_found() -> None:
    def found(seed: int) -> bool:
        ids = torch.randint(2, 50, (1, 14), generator=torch.Generator().manual_seed(seed))
        ids[0, seed % 14] = 1
        e = explained(
            lambda t: torch.stack([(t == 1).any(1).float(), (t % 7 == 3).float().mean(1)], 1) @
            torch.tensor([[1.0], [0.3]]), ids, pl.LIME(n_samples=100), target=pl.Value(), seed=seed,
        )  # fmt: skip
        return int(e.values[0].argmax()) == seed % 14

    assert share_found(found) >= 0.95


def test_a_planted_slice_is_found() -> None:
    def found(seed: int) -> bool:
        start = 6 * (seed % 20)
        x = seeded(1, 3, 120, seed=seed)
        x[:, 1, start : start + 6] += 3
        model = lambda t: t[:, 1].unfold(1, 6, 1).mean(2).amax(1, keepdim=True)  # noqa: E731
        e = explained(model, x, pl.LIME(n_samples=128), target=pl.Value(), seed=seed)
        return int(e.coarse[0].argmax()) == seed % 20

    assert share_found(found) >= 0.95


@pytest.mark.parametrize("discretize", ["quartile", "none"])
def test_a_planted_column_is_found(discretize: str) -> None:
    data = seeded(300, 8, seed=5)

    def found(seed: int) -> bool:
        column = seed % 8
        row = data[seed : seed + 1].clone()
        row[0, column] = 1.5  # in the upper bin
        method = pl.LIME(background=data, discretize=discretize, n_samples=200)
        model = lambda t: torch.sigmoid(3 * t[:, column : column + 1] + 0.5 * t.mean(1, True))  # noqa: E731
        e = explained(model, row, method, target=pl.Value(), seed=seed)
        return int(e.values[0].argmax()) == column

    assert share_found(found) >= 0.95


# Stopping


def test_sampling_ends_when_the_order_is_stable_or_the_budget_is_spent() -> None:
    x = torch.ones(1, 20)
    clear = torch.tensor([4.0, 3, 2, *[0.1] * 17])
    e = explained(lambda t: torch.tanh(t @ clear / 4)[:, None], x, target=pl.Value())
    assert e.record["ended"] == ["stable order"]
    assert e.record["evaluations"][0] < 300
    assert e.cost["forwards"] == 1 + e.record["evaluations"][0]
    ranking = next(c for c in e.checks if c.name == "ranking of the top features")
    assert ranking.verdict == "ok"
    assert ranking.value[0] >= 0.95

    spent = explained(curved, seeded(1, 20), pl.LIME(n_samples=100, tie=0.0, confidence=0.9999))
    assert spent.record["ended"] == ["budget"]
    assert spent.record["evaluations"] == [100]
    ranking = next(c for c in spent.checks if c.name == "ranking of the top features")
    assert ranking.verdict == "poor"


def test_an_order_called_stable_is_that_of_all_samples() -> None:
    """Over 60 seeds, looks included: the three greatest weights are those of 20 000 samples, in
    their order but for ties, wherever sampling ended early."""
    x, net = torch.ones(1, 20), lambda t: torch.sigmoid(t @ slopes - 2 + t[:, 0] * t[:, 3])[:, None]
    slopes = torch.cat([torch.tensor([2.5, -1.5, 1.2, 0.9]), 0.3 * seeded(16, seed=3)])
    best = explained(net, x, pl.LIME(n_samples=20_000, stop="budget"), target=pl.Value()).values[0]
    size, right = np.abs(best), []
    for seed in range(60):
        e = explained(net, x, pl.LIME(n_samples=600), target=pl.Value(), seed=seed)
        if e.record["ended"] == ["stable order"]:
            order = np.abs(e.values[0]).argsort()[::-1][:3]
            steps = np.append(size[order], np.delete(size, order).max())
            right.append(bool((np.diff(steps) <= 0.05 * size.max()).all()))
    assert len(right) > 30
    assert np.mean(right) >= 0.95


def test_every_sample_stops_for_itself() -> None:
    x = torch.cat([torch.ones(1, 16), torch.zeros(1, 16)])
    x[1] = seeded(16)
    easy = torch.linspace(3, 0, 16)

    def model(t: Tensor) -> Tensor:
        return torch.where(t.amax(1) <= 1.0, t @ easy, curved(t)[:, 0])[:, None]

    e = explained(model, x, pl.LIME(n_samples=800, tie=0.0, confidence=0.999), target=pl.Value())
    assert e.record["evaluations"][0] < e.record["evaluations"][1]


def test_a_fixed_budget_is_spent_to_the_last() -> None:
    e = explained(Weighted(9), torch.ones(1, 9), pl.LIME(n_samples=333, stop="budget"))
    assert e.cost["forwards"] == 334


# The preset


@pytest.mark.parametrize(
    ("x", "wanted"),
    [
        (seeded(1, 3, 48, 48), (999, "random", "quickshift", "segment_mean", "ridge", None)),
        (seeded(1, 2, 40), (4999, "removals", "auto", "segment_mean", "ridge", 10)),
        (seeded(1, 12), (4999, "random", "auto", "auto", "ridge", 10)),
        (torch.arange(12)[None], (4999, "removals", "auto", "auto", "ridge", 10)),
    ],
    ids=["image", "series", "table", "text"],
)
def test_the_reference_has_the_settings_of_lime(x: Tensor, wanted: tuple[Any, ...]) -> None:
    net = lambda t: curved(t.float())  # noqa: E731
    e = explained(net, x, pl.LIME(preset="reference"))
    assert tuple(e.record["settings"].values()) == (*wanted, "budget")
    assert e.record["evaluations"] == [wanted[0]]
    if wanted[-1]:
        assert int((e.coarse != 0).sum()) == wanted[-1]
    own = explained(net, x, pl.LIME(preset="reference", n_samples=60, design="removals"))
    assert own.record["evaluations"] == [60]
    assert own.record["settings"]["design"] == "removals"


def test_a_fixed_budget_that_allows_it_holds_every_combination() -> None:
    x = seeded(1, 11)
    e = explained(curved, x, pl.LIME(n_samples=3000, stop="budget"))
    assert e.record["evaluations"] == [2047]
    assert float(e.std_error.max()) == 0
    drawn = explained(curved, x, pl.LIME(n_samples=3000, stop="budget", design="random"))
    assert (np.abs(drawn.values - e.values) <= 5 * drawn.std_error).all()


# Edges


def test_a_constant_model_has_zero_weights() -> None:
    e = explained(lambda t: torch.full((len(t), 2), 0.7), seeded(1, 3, 12, 12))
    assert float(np.abs(e.values).max()) == 0
    assert np.isfinite(e.std_error).all()
    assert e.record["r_squared"] == [1.0]


def test_too_few_samples_are_refused_or_taken_by_ridge() -> None:
    x, net = seeded(1, 60), Weighted(60)
    with pytest.raises(pl.ParameterError, match=r"n_samples=40 are too few.*surrogate='ridge'"):
        explained(net, x, pl.LIME(n_samples=40))
    e = explained(net, x, pl.LIME(n_samples=40, surrogate="ridge"))
    assert np.isfinite(e.values).all()
    assert e.std_error is None
    verdicts = {check.name: check.verdict for check in e.checks}
    assert verdicts["standard error"] == "failed"
    assert verdicts["surrogate fit"] == "poor"


@pytest.mark.parametrize("samples", [63, 64, 90, 124, 128, 140])
def test_a_budget_barely_above_the_features_is_used_well(samples: int) -> None:
    """60 features of a linear model, exact with any of these budgets."""
    x, net = seeded(1, 60), Weighted(60)
    e = explained(net, x, pl.LIME(n_samples=samples))
    wanted = (net.w[1].detach() * x).numpy()
    np.testing.assert_allclose(e.values, wanted, atol=1e-3)
    assert not [c for c in e.checks if c.name == "determined weights"]


def test_no_feature_and_too_many_are_refused() -> None:
    with pytest.raises(pl.ParameterError, match="all −1"):
        explained(Weighted(9), torch.ones(1, 9), pl.LIME(segments=np.full(9, -1)))
    with pytest.raises(pl.NotApplicable, match="2304 features"):
        explained(Weighted(1, 48, 48), seeded(1, 1, 48, 48), pl.LIME(segments="each"))


def test_features_equal_to_their_off_value_are_reported() -> None:
    x = torch.zeros(1, 9)
    x[0, :3] = 1
    e = explained(Weighted(9), x)
    check = next(c for c in e.checks if c.name == "unchanged features")
    assert check.value == pytest.approx((6 / 9,))
    assert check.verdict == "poor"


@pytest.mark.parametrize("answered", [60, 150, 700])
def test_a_failing_predictor_loses_nothing(answered: int) -> None:
    """In the middle of the first round or of a later one: every batch answered counts."""
    calls = 0

    def model(t: Tensor) -> Tensor:
        nonlocal calls
        calls += len(t)
        if calls > answered:
            raise TimeoutError("the server did not answer")
        return curved(t)

    method = pl.LIME(n_samples=800, tie=0.0, confidence=0.9999)
    with pytest.raises(pl.PredictorError, match=r"LIME, inputs .* TimeoutError") as caught:
        explained(model, seeded(1, 20), method, batch_size=16)
    partial = caught.value.partial
    assert partial is not None
    assert partial.values.shape == (1, 20)
    assert answered - 18 <= partial.record["evaluations"][0] <= answered


# Superpixels


def quadrants(channels: int, size: int = 48) -> Tensor:
    x = torch.zeros(1, channels, size, size)
    x[..., : size // 2, size // 2 :] = 1.0
    x[..., size // 2 :, : size // 2] = 0.4
    return x + 0.01 * seeded(1, channels, size, size)


@pytest.mark.parametrize("channels", [1, 3, 7])
@pytest.mark.parametrize("kind", ["slic", "quickshift", "felzenszwalb"])
def test_superpixels_keep_to_the_edges_of_the_picture(kind: str, channels: int) -> None:
    """No superpixel covers much of two quadrants; the same again with the same seed."""
    inputs = Inputs.of(quadrants(channels))
    labels = features_of(inputs, kind, seed=3).labels["input"][0, 0]
    assert torch.equal(labels, features_of(inputs, kind, seed=3).labels["input"][0, 0])
    assert 2 <= int(labels.max()) + 1 <= 400
    corners = torch.arange(48) // 24
    where = (2 * corners[:, None] + corners).flatten()
    table = torch.zeros(int(labels.max()) + 1, 4)
    table.index_put_((labels.flatten(), where), torch.ones(48 * 48), accumulate=True)
    pure = table.amax(1).sum() / table.sum()
    assert float(pure) > 0.85


def test_slic_is_the_default_from_32_pixels_on() -> None:
    e = explained(Weighted(3, 48, 48), quadrants(3), pl.LIME(n_samples=100, surrogate="ridge"))
    small = explained(Weighted(3, 28, 28), quadrants(3, 28), pl.LIME(n_samples=100))
    assert e.coarse.shape[1] != 49
    assert small.coarse.shape == (1, 49)


def test_a_function_of_the_user_makes_the_segments() -> None:
    seen = []

    def halves(picture: np.ndarray) -> np.ndarray:
        seen.append(picture)
        return np.indices(picture.shape[:2])[0] // 24

    e = explained(Weighted(3, 48, 48), quadrants(3), pl.LIME(segments=halves))
    assert e.coarse.shape == (1, 2)
    assert seen[0].shape == (48, 48, 3)
    assert (seen[0].min(), seen[0].max()) == (0, 1)


def test_without_the_extra_the_grid_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(pl.MissingExtra, match=r"pellucid\[lime\].*segments='grid'"):
        explained(Weighted(3, 48, 48), quadrants(3))


def test_superpixels_of_a_series_are_refused() -> None:
    with pytest.raises(pl.ParameterError, match="slic divides pictures"):
        explained(Weighted(2, 40), seeded(1, 2, 40), pl.LIME(segments="slic"))
