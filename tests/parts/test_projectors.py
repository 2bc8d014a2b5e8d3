"""t-SNE as a whole: laws, small and odd data, reproducibility, new points on a map."""

import numpy as np
import pytest
import torch

import pellucid as pl
from pellucid.ops.map_quality import nearest_label_error
from pellucid.parts.tsne import exact_divergence

QUICK = pl.TSNE(early_iterations=40, iterations=60)


@pytest.fixture(scope="module")
def digits():
    datasets = pytest.importorskip("sklearn.datasets")
    return datasets.load_digits(return_X_y=True)


@pytest.fixture(scope="module")
def digit_map(digits):
    return pl.TSNE().fit(digits[0][:700])


def groups(n: int, d: int = 10, seed: int = 0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(3, d)).repeat(n // 3, 0) * 4 + generator.normal(size=(n, d))


def test_a_map_keeps_the_nearest_label(digits, digit_map) -> None:
    """1-NN error of the map ≤ that in input space + 2 points."""
    x, labels = torch.tensor(digits[0][:700]).float(), torch.tensor(digits[1][:700])
    before = nearest_label_error(x, labels)
    after = nearest_label_error(torch.tensor(digit_map.points), labels)
    assert after <= before + 0.02
    assert digit_map.quality(digits[1][:700])["one_nn_error"] == pytest.approx(after)
    assert digit_map.recall > 0.5
    assert digit_map.verdict == "ok"


def test_kl_falls_and_the_last_is_exact(digit_map) -> None:
    history = digit_map.history[:, 1]
    assert history[-1] < history[4] < history[1]
    features = torch.tensor(digit_map.features)
    p, _ = pl.TSNE().affinities(features, 0)
    exact = exact_divergence(p, torch.tensor(digit_map.points))
    assert digit_map.kl == pytest.approx(exact, abs=1e-6)
    assert history[-1] == pytest.approx(exact, abs=1e-6)


def test_the_same_seed_gives_the_same_bits() -> None:
    x = groups(90)
    random = pl.TSNE(start="random", early_iterations=20, iterations=20)
    one, same, other = (random.fit(x, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.points, same.points)
    assert not np.array_equal(one.points, other.points)


def test_order_of_items_does_not_matter() -> None:
    x, order = groups(60), np.random.default_rng(0).permutation(60)
    few = pl.TSNE(early_iterations=10, iterations=10)
    assert np.allclose(few.fit(x).points[order], few.fit(x[order]).points, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "x",
    [np.eye(4), np.zeros((4, 3)), np.ones((300, 4)), np.repeat(np.eye(5), 40, 0),
     np.arange(20.0)[:, None], np.random.default_rng(0).normal(size=(2, 5)), groups(1200)[:1100]],
    ids=["four", "four alike", "all alike", "duplicates", "one feature", "two", "on a mesh"],
)  # fmt: skip
def test_odd_data_give_finite_maps(x) -> None:
    made = QUICK.fit(x)
    assert made.points.shape == (len(x), 2)
    assert np.isfinite(made.points).all()
    assert made.kl >= -1e-6


def test_few_items_lower_the_perplexity_and_say_so() -> None:
    (check,) = (c for c in QUICK.fit(np.eye(4)).checks if c.name == "perplexity")
    assert "lowered to 2" in check.meaning


def test_duplicates_are_told() -> None:
    made = QUICK.fit(np.repeat(np.eye(5), 40, 0))
    assert made.verdict == "poor"
    assert any("duplicates" in check.meaning for check in made.checks)


def test_values_that_are_not_finite_are_refused_with_their_place() -> None:
    x = groups(30)
    x[7, 3] = np.nan
    with pytest.raises(pl.InputError, match="Item 7 has nan at feature 3"):
        pl.TSNE().fit(x)


@pytest.mark.parametrize(
    "settings",
    [{"perplexity": 0.5}, {"iterations": -1}, {"start": "umap"}, {"learning_rate": 0.0}],
)
def test_parameters_without_sense_are_refused(settings) -> None:
    with pytest.raises(pl.ParameterError, match=next(iter(settings))):
        pl.TSNE(**settings)


def test_early_stopping_ends_early() -> None:
    x = groups(60, 3)
    whole = pl.TSNE(iterations=600).fit(x)
    short = pl.TSNE(iterations=600, early_stopping=True).fit(x)
    assert short.history[-1, 0] < whole.history[-1, 0]
    assert short.kl < 1.1 * whole.kl + 0.02


def test_new_items_land_among_their_like(digits, digit_map) -> None:
    x, labels = digits
    placed = digit_map.place(x[700:900])
    gaps = np.square(placed[:, None] - digit_map.points[None]).sum(2)
    near = labels[:700][gaps.argmin(1)]
    assert (near == labels[700:900]).mean() > 0.9
    alone = digit_map.place(x[700:701])
    assert np.allclose(alone, placed[:1], atol=1e-3)  # one by one as all at once
    with pytest.raises(pl.InputError, match="3 features"):
        digit_map.place(np.ones((2, 3)))


def test_neighbours_are_those_of_the_features(digit_map) -> None:
    near = digit_map.neighbours(3, 5)
    gaps = np.square(digit_map.features - digit_map.features[3]).sum(1)
    assert 3 not in near
    assert set(near) == set(np.argsort(gaps)[1:6])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "library"),
    [(pl.OpenTSNE(), "openTSNE"), (pl.UMAP(), "umap"),
     (pl.TSNE(neighbours="approximate"), "pynndescent")],
)  # fmt: skip
def test_libraries_make_the_same_kind_of_map(method, library) -> None:
    pytest.importorskip(library)
    made = method.fit(groups(120))
    labels = torch.arange(120) // 40
    assert nearest_label_error(torch.tensor(made.points), labels) < 0.05
