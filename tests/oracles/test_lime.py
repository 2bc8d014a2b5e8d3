"""The explainers of the package `lime`: the same fit of the same samples, and the same weights with
samples of their own, to within their standard errors."""

from typing import Any

import numpy as np
import pytest
import torch
from lime.lime_base import LimeBase
from lime.lime_image import LimeImageExplainer
from lime.lime_tabular import LimeTabularExplainer
from lime.lime_text import LimeTextExplainer

import pellucid as pl
from pellucid.parts.columns import Bins
from pellucid.parts.neighbourhoods import kernel
from pellucid.parts.surrogates import Around, Surrogate


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def weights_of(exp: Any, label: int, count: int) -> np.ndarray:
    found = np.zeros(count)
    for feature, weight in exp.local_exp[label]:
        found[feature] = weight
    return found


def assert_close(e: pl.Explanation, weights: np.ndarray, share: float = 0.03) -> None:
    """To within five standard errors and `share` of the greatest weight (lime has errors too)."""
    size = np.abs(weights).max()
    assert size > 0.01
    found, error = e.coarse[0], np.unique(e.std_error).max()
    assert np.abs(found - weights).max() <= share * size + 5 * error, (found, weights)


# The fit


@pytest.mark.parametrize(
    ("count", "selection"),
    [(12, "none"), (4, "forward_selection"), (8, "highest_weights"), (5, "auto"), (8, "auto"),
     (4, "lasso_path")],
)  # fmt: skip
def test_the_same_samples_give_the_same_fit(count: int, selection: str) -> None:
    rng = generator()
    z = rng.integers(0, 2, (300, 12)).astype(float)
    z[0] = 1
    y = np.tanh(z @ rng.normal(size=12)) + z[:, 0] * z[:, 1]
    distance = 1 - np.sqrt(z.mean(1))
    base = LimeBase(
        lambda d: np.sqrt(np.exp(-(d**2) / 0.25**2)), random_state=np.random.RandomState(0)
    )
    intercept, pairs, score, local = base.explain_instance_with_data(
        z, y[:, None], distance, 0, count, feature_selection=selection
    )
    names = {"forward_selection": "forward", "highest_weights": "highest"}
    kind = "lasso" if selection == "lasso_path" else "ridge"
    surrogate = Surrogate(kind, 1.0, count, names.get(selection, "auto"))  # type: ignore[arg-type]
    near = kernel(torch.from_numpy(distance), 0.25)
    seen = Around(torch.from_numpy(z), near, torch.from_numpy(y)[:, None], torch.arange(300))
    fit = surrogate.fit(seen)
    wanted = np.zeros(12)
    for feature, weight in pairs:
        wanted[feature] = weight
    if kind == "lasso":  # ours is fitted by least squares afterwards
        assert set(np.flatnonzero(wanted)) == set(fit.weights[0].nonzero().flatten().tolist())
        return
    np.testing.assert_allclose(fit.weights[0], wanted, atol=1e-9)
    assert fit.intercept.item() == pytest.approx(intercept)
    assert fit.r_squared.item() == pytest.approx(score)
    assert fit.local.item() == pytest.approx(local.item())


# Pictures


def classify(pictures: np.ndarray) -> np.ndarray:
    """Two probabilities of pictures `(N, H, W, 3)`: a bright corner beside a dark one."""
    p = np.asarray(pictures, dtype=np.float64)
    light = (p[:, :8, :8] ** 2).mean((1, 2, 3)) - p[:, 8:16, 8:16].mean((1, 2, 3))
    both = p[:, 8:16, 16:].mean((1, 2, 3)) * p[:, 16:, :8, 0].mean((1, 2))
    chance = 1 / (1 + np.exp(-(4 * light + 3 * both)))
    return np.stack([1 - chance, chance], 1)


def as_torch(x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(classify(x.movedim(1, -1).numpy()))


@pytest.mark.parametrize("baseline", ["segment_mean", 0.0])
@pytest.mark.parametrize("preset", ["reference", "pellucid"])
def test_pictures(baseline: Any, preset: Any) -> None:
    picture = generator(1).random((24, 24, 3))
    picture[:8, :8] = 0.3 + 0.7 * picture[:8, :8]
    row, column = np.indices((24, 24)) // 8
    segments = 3 * row + column
    exp = LimeImageExplainer(random_state=0).explain_instance(
        picture, classify, labels=(1,), top_labels=None, num_samples=6000, batch_size=6000,
        hide_color=None if baseline == "segment_mean" else 0,
        segmentation_fn=lambda image: segments,
    )  # fmt: skip
    x = torch.from_numpy(picture).movedim(-1, 0)[None].float()
    method = pl.LIME(
        preset=preset, segments=segments, baseline=baseline, n_samples=3000, stop="budget"
    )
    e = pl.explain(as_torch, x, method, target=1)
    assert_close(e, weights_of(exp, 1, 9))


# Tables


DATA = np.column_stack(
    [generator(2).normal(size=400), generator(3).gamma(2, size=400),
     generator(4).integers(0, 3, 400), generator(5).normal(2, 5, size=400)]
)  # fmt: skip


def table_chance(rows: np.ndarray) -> np.ndarray:
    r = np.asarray(rows, dtype=np.float64)
    logit = 1.2 * r[:, 0] - 0.4 * r[:, 1] + 1.5 * (r[:, 2] == 1) + 0.1 * r[:, 3] * r[:, 0]
    chance = 1 / (1 + np.exp(-logit))
    return np.stack([1 - chance, chance], 1)


@pytest.mark.parametrize(
    ("discretize", "centre"), [("quartile", "mean"), ("none", "mean"), ("none", "instance")]
)
@pytest.mark.parametrize("preset", ["reference", "pellucid"])
def test_tables(discretize: Any, preset: Any, centre: Any) -> None:
    row = DATA[7].copy()
    row[2] = 1
    explainer = LimeTabularExplainer(
        DATA, categorical_features=[2], discretize_continuous=discretize == "quartile",
        sample_around_instance=centre == "instance", random_state=0, feature_selection="none",
    )  # fmt: skip
    exp = explainer.explain_instance(row, table_chance, labels=(1,), num_samples=40000)
    method = pl.LIME(
        preset=preset, background=DATA, columns={2: "categorical"}, discretize=discretize,
        centre=centre, n_samples=6000, stop="budget", n_features=4,
    )  # fmt: skip
    e = pl.explain(
        lambda t: torch.from_numpy(table_chance(t.numpy())), torch.from_numpy(row)[None], method,
        target=1,
    )  # fmt: skip
    assert_close(e, weights_of(exp, 1, 4))
    assert e.record["r_squared"][0] == pytest.approx(exp.score, abs=0.05)


def test_bins_are_those_of_lime() -> None:
    explainer = LimeTabularExplainer(DATA, categorical_features=[2], random_state=0)
    for column in (0, 1, 3):
        bins = Bins.of(torch.from_numpy(DATA[:, column]).contiguous())
        theirs = explainer.discretizer
        np.testing.assert_allclose(bins.means, theirs.means[column], atol=1e-9)
        np.testing.assert_allclose(bins.spreads, theirs.stds[column], atol=1e-9)
        wanted = theirs.discretize(DATA)[:, column]
        assert np.array_equal(bins.bin(torch.from_numpy(DATA[:, column])).numpy(), wanted)


# Text


WORDS = "the film was not bad at all but far too long"


def text_chance(texts: list[str]) -> np.ndarray:
    logit = []
    for text in texts:
        words = set(text.split())
        not_bad = 2.0 * ("not" in words) * ("bad" in words) - 1.5 * ("bad" in words)
        logit.append(not_bad - 1.2 * ("long" in words) - 0.7 * ("too" in words))
    chance = 1 / (1 + np.exp(-np.array(logit)))
    return np.stack([1 - chance, chance], 1)


@pytest.mark.parametrize("preset", ["reference", "pellucid"])
def test_text(preset: Any) -> None:
    words = WORDS.split()
    explainer = LimeTextExplainer(random_state=0, feature_selection="none")
    exp = explainer.explain_instance(WORDS, text_chance, labels=(1,), num_samples=20000)
    wanted = dict(exp.as_list(label=1))

    def on_ids(ids: torch.Tensor) -> torch.Tensor:
        texts = [" ".join(words[i - 1] for i in row if i > 0) for row in ids.tolist()]
        return torch.from_numpy(text_chance(texts))

    ids = torch.arange(1, len(words) + 1)[None]
    method = pl.LIME(
        preset=preset, n_samples=5000, stop="budget", n_features=len(words), design="removals"
    )
    e = pl.explain(on_ids, ids, method, target=1)
    assert_close(e, np.array([wanted[word] for word in words]))
