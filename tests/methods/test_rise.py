"""RISE: its masks by an independent route, its estimand by enumeration, its promises."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.inputs import Inputs
from pellucid.ops import soft_masks
from pellucid.ops.cross_fit import cross_fitted, ridge
from pellucid.parts.soft_masks import SoftMasks


class Curved(nn.Module):
    """A saturating score with interactions, seeded."""

    def __init__(self, places: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(5)
        self.weights = nn.Parameter(torch.randn(places, 3, generator=generator) / places**0.5)

    def forward(self, x: Tensor) -> Tensor:
        hidden = 2 * x.flatten(1) @ self.weights
        return torch.stack([torch.tanh(hidden[:, 0]) + hidden[:, 1] * hidden[:, 2].sigmoid(),
                            hidden[:, 2].exp()], 1)  # fmt: skip


class Linear(nn.Module):
    """A weighted sum of the places and a constant, for two targets."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        self.weights = nn.Parameter(torch.randn(2, *shape, generator=generator))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self.weights.flatten(1).T + 7


def image(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(seed)) + 0.5


def every_mask(cells: int, size: int, p: float, shift: bool) -> tuple[Tensor, Tensor]:
    """All masks of a square picture as the paper makes them, and the probability of each."""
    cell = -(-size // cells)
    side = (cells + 1) * cell if shift else size
    masks, weights = [], []
    for bits in itertools.product([0.0, 1.0], repeat=cells * cells):
        low = torch.tensor(bits).reshape(1, 1, cells, cells)
        high = F.interpolate(low, (side, side), mode="bilinear", align_corners=False)[0, 0]
        starts = range(cell) if shift else [0]
        for top, left in itertools.product(starts, starts):
            masks.append(high[top : top + size, left : left + size])
            weights.append(p ** sum(bits) * (1 - p) ** (len(bits) - sum(bits)) / len(starts) ** 2)
    return torch.stack(masks).double(), torch.tensor(weights).double()


def exact(net: nn.Module, x: Tensor, p: float, shift: bool, original: bool = False) -> np.ndarray:
    """Cov(f, M(λ)) / p of two cells along every axis by enumeration; E[f M(λ)] / p if original."""
    masks, weights = every_mask(2, x.shape[-1], p, shift)
    with torch.no_grad():
        scores = net((x * masks[:, None]).float())[:, 0].double()
    centred = scores if original else scores - weights @ scores
    return torch.einsum("n,n,nij->ij", weights, centred, masks).numpy() / p


def rise(**more: object) -> pl.Explanation:
    return pl.RISE(**{"n_masks": 200, "tolerance": 0.0, "cells": 2, **more})


def explained(net: nn.Module, x: Tensor, method: pl.RISE, **more: object) -> pl.Explanation:
    return pl.explain(net, x, method, **{"target": 0, "space": "logit", **more})


@pytest.mark.parametrize("shift", [True, False])
@pytest.mark.parametrize("p", [0.5, 0.3])
def test_a_linear_score_is_explained_exactly(shift: bool, p: float) -> None:
    net, x = Linear(4, 4), image(4, 4)
    found = explained(net, x, rise(p=p, shift=shift))
    wanted = exact(net, x, p, shift)
    np.testing.assert_allclose(found.values[0], wanted, atol=2e-4 * np.abs(wanted).max())
    assert found.std_error.max() < 1e-3 * np.abs(wanted).max()


def test_the_law_of_linear_scores_notices_a_wrong_covariance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = SoftMasks.covariance
    monkeypatch.setattr(SoftMasks, "covariance", lambda *given: 1.01 * right(*given))
    with pytest.raises(AssertionError):
        test_a_linear_score_is_explained_exactly(True, 0.5)


@pytest.mark.parametrize("shift", [True, False])
def test_two_rows_of_three_cells_by_all_64_masks(shift: bool) -> None:
    """Cells that are pixels take no interpolation, so that every mask is a choice of pixels."""
    net, x = Linear(2, 3), image(2, 3)
    weight = (net.weights[0] * x[0, 0]).detach().numpy()
    found = explained(net, x, rise(cells=3, shift=shift))
    np.testing.assert_allclose(found.values[0], weight / 2, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("estimator", "p", "shift"),
    [
        ("adjusted", 0.5, True),
        ("adjusted", 0.5, False),
        ("adjusted", 0.3, True),
        ("centred", 0.3, True),
        ("original", 0.5, True),
    ],
)
def test_unbiased_with_a_standard_error_that_is_true(estimator: str, p: float, shift: bool) -> None:
    net, x, seeds = Curved(16), image(4, 4), 100
    wanted = exact(net, x, p, shift, estimator == "original")
    method = rise(n_masks=64, p=p, shift=shift, estimator=estimator)
    runs = [explained(net, x, method, seed=seed) for seed in range(seeds)]
    errors = np.stack([e.values[0] - wanted for e in runs])
    told = np.stack([e.std_error[0] ** 2 for e in runs]).mean()
    assert 0.8 < told / (errors**2).mean() < 1.3
    bias = errors.mean(0) / (errors.std(0) / seeds**0.5)
    assert np.abs(bias).max() < 3.5
    assert np.sqrt((bias**2).mean()) < 1.9


def test_adjusting_saves_most_of_the_masks() -> None:
    net, x = Curved(256), image(16, 16)
    truth = explained(net, x, rise(n_masks=20_000, cells=4)).values

    def error(estimator: str, wanted: np.ndarray) -> float:
        method = rise(n_masks=300, cells=4, estimator=estimator)
        found = [explained(net, x, method, seed=s).values - wanted for s in range(1, 11)]
        return float(np.mean(np.square(found)))

    assert error("centred", truth) > 8 * error("adjusted", truth)


@pytest.mark.parametrize("shape", [(1, 17, 12), (2, 30), (1, 6, 9, 7)])
def test_masks_are_means_of_cells_in_every_number_of_axes(shape: tuple[int, ...]) -> None:
    masks = SoftMasks(Inputs.of(torch.zeros(1, *shape)), 3, 0.4, True, seed=0)
    made = masks.centred("input", 0, 3000, torch.device("cpu")) + 0.4
    assert made.shape[1:] == shape[1:]
    assert made.min() > -1e-6
    assert made.max() < 1 + 1e-6
    assert (made.mean(0) - 0.4).abs().max() < 0.06


def test_a_mask_depends_on_seed_and_number_alone() -> None:
    whole = soft_masks.uniform(5, 3, 0, 200)
    torch.testing.assert_close(soft_masks.uniform(5, 3, 60, 130), whole[60:130], rtol=0, atol=0)
    assert not torch.equal(soft_masks.uniform(5, 4, 0, 200), whole)


@pytest.mark.parametrize("estimator", ["adjusted", "centred"])
def test_a_constant_score_gives_zero(estimator: str) -> None:
    found = explained(nn.Sequential(nn.Flatten(), nn.Linear(16, 2)).apply(_emptied), image(4, 4),
                      rise(estimator=estimator))  # fmt: skip
    np.testing.assert_array_equal(found.values, 0)
    np.testing.assert_array_equal(found.std_error, 0)


def _emptied(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.weight)


def test_the_size_of_a_batch_does_not_matter() -> None:
    net, x = Curved(64), torch.cat([image(8, 8, seed=s) for s in (1, 2, 3)])
    method = rise(cells=4, tolerance=0.3, n_masks=600)
    one, many = (explained(net, x, method, batch_size=size) for size in (7, 500))
    np.testing.assert_allclose(one.values, many.values, atol=1e-5 * np.abs(many.values).max())
    assert one.record["masks"] == many.record["masks"]


def test_every_sample_stops_on_its_own() -> None:
    """The second picture is seen almost linearly, the first is not."""
    net = Curved(64)
    x = torch.cat([3 * image(8, 8, seed=2), 0.05 * image(8, 8, seed=3)])
    method = rise(cells=4, tolerance=0.05, n_masks=1000)
    both = explained(net, x, method)
    alone = [explained(net, x[i : i + 1], method) for i in (0, 1)]
    assert both.record["masks"] == [e.record["masks"][0] for e in alone]
    assert both.record["masks"][1] < both.record["masks"][0]
    assert both.cost["forwards"] < 1000 + 2
    for i in (0, 1):
        np.testing.assert_allclose(both.values[i], alone[i].values[0], rtol=1e-3, atol=1e-6)
    checks = {check.name: check for check in both.checks}
    assert max(checks["standard error"].value) <= 0.05
    assert checks["sampling"].value == tuple(both.record["masks"])


def test_a_budget_that_does_not_suffice_is_said() -> None:
    found = explained(Curved(256), 4 * image(16, 16), rise(cells=7, n_masks=40))
    check = next(c for c in found.checks if c.name == "standard error")
    assert check.verdict != "ok"


def test_targets_share_the_evaluations() -> None:
    net, x = Curved(16), image(4, 4)
    both = explained(net, x, rise(), target=[0, 1])
    assert both.cost["forwards"] == explained(net, x, rise()).cost["forwards"]
    one = explained(net, x, rise(), target=1)
    np.testing.assert_allclose(both.values[1], one.values[0], rtol=1e-4, atol=1e-6)


def test_what_is_seen_instead_is_the_baseline() -> None:
    net, x, b = Linear(4, 4), image(4, 4), image(4, 4, seed=9)
    found = explained(net, x, rise(baseline=b))
    wanted = explained(net, x - b, rise())
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-3)


class Planted(nn.Module):
    """Class 1 is as probable as the planted places are bright, with noise from all others."""

    def __init__(self, where: Tensor) -> None:
        super().__init__()
        self.where = nn.Buffer(where.float())
        generator = torch.Generator().manual_seed(0)
        self.rest = nn.Buffer(0.1 * torch.randn(where.shape, generator=generator))

    def forward(self, x: Tensor) -> Tensor:
        seen = x.mean(1) if x.ndim > 2 else x
        inside = (seen * self.where).flatten(1).sum(1) / self.where.sum()
        logit = 6 * inside + (seen * self.rest).flatten(1).mean(1) - 3
        return torch.stack([-logit, logit], 1)


def area_under_curve(values: np.ndarray, where: np.ndarray) -> float:
    inside, outside = values[where], values[~where]
    return float((inside[:, None] > outside[None]).mean())


@pytest.mark.parametrize(
    ("shape", "planted"),
    [
        ((3, 28, 35), (slice(8, 16), slice(20, 30))),
        ((2, 60), (slice(21, 30),)),
        ((1, 8, 12, 8), (slice(2, 6), slice(6, 9), slice(0, 4))),
        ((9,), (slice(4, 5),)),
    ],
)
def test_what_is_planted_is_found(shape: tuple[int, ...], planted: tuple[slice, ...]) -> None:
    places = shape[1:] or shape
    where = torch.zeros(places, dtype=torch.bool)
    where[planted] = True
    x = torch.rand(1, *shape, generator=torch.Generator().manual_seed(1)) / 2 + 0.5
    found = pl.explain(Planted(where), x, pl.RISE(n_masks=1000), target=1)
    assert area_under_curve(found.values[0], where.numpy()) >= 0.95
    assert found.values[0][where.numpy()].mean() > 0


def test_masks_are_never_all_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made, right = [], soft_masks.grow

    def counted(low: Tensor, weights: list[Tensor]) -> Tensor:
        grown = right(low, weights)
        if grown.shape[1:] == (16, 16):
            made.append(len(grown))
        return grown

    monkeypatch.setattr("pellucid.parts.soft_masks.grow", counted)
    explained(Curved(256), image(16, 16), rise(n_masks=1000, cells=4), batch_size=32)
    assert sum(made) >= 1000
    assert max(made) <= 64


def test_ids_are_refused_with_what_to_use() -> None:
    with pytest.raises(pl.NotApplicable, match="token ids") as caught:
        pl.explain(lambda ids: np.ones((len(ids), 2)), np.ones((1, 5), np.int64), pl.RISE())
    assert "occlusion" in caught.value.remedy


def test_a_predictor_that_fails_loses_nothing_done_before() -> None:
    calls = []

    def failing(x: np.ndarray) -> np.ndarray:
        calls.append(len(x))
        if sum(calls) > 150:
            raise TimeoutError("no answer")
        return np.stack([x.mean((1, 2, 3)), x.max((1, 2, 3))], 1)

    with pytest.raises(pl.PredictorError, match="TimeoutError") as caught:
        pl.explain(failing, image(8, 8).numpy(), rise(), batch_size=10, target=0)
    assert np.isfinite(caught.value.partial.values).all()
    assert caught.value.partial.record["masks"][0] >= 100


def test_cross_fitting_predicts_from_the_other_rows() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(60, 4, generator=generator, dtype=torch.float64)
    y = rows @ torch.tensor([[1.0], [2.0], [0.0], [-1.0]], dtype=torch.float64)
    residuals, coefficients = cross_fitted(rows, y + 5, centre=True)
    assert residuals.abs().max() < 1e-1
    torch.testing.assert_close(coefficients[0], torch.tensor([1.0, 2, 0, -1]).double(),
                               atol=1e-2, rtol=0)  # fmt: skip
    before = cross_fitted(rows, y, centre=False)[0]
    y[10] += 100
    changed = cross_fitted(rows, y, centre=False)[0] - before
    assert abs(changed[10].item() - 100) < 1e-6
    assert (changed[::10].flatten()[[0, 2, 3, 4, 5]].abs() < 1e-6).all()


def test_fewer_rows_than_features_give_the_same_ridge() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(6, 9, generator=generator, dtype=torch.float64)
    y = torch.randn(6, 1, generator=generator, dtype=torch.float64)
    weights = ridge(rows, y)
    left = rows.T @ (y - rows @ weights)
    strength = (left / weights).median()
    torch.testing.assert_close(left, strength * weights)
