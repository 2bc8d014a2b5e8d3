"""Surrogates against scikit-learn, and their standard errors against what happens."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, Ridge
from torch import Tensor

from pellucid.ops.local_regression import fit_linear, forward_selection
from pellucid.parts.designs import Design
from pellucid.parts.ranking import Stop, order_holds
from pellucid.parts.surrogates import Around, Fit, Surrogate

BETA = torch.tensor([3.0, -2.0, 1.0, 0.0, 0.0, 0.5]).double()


def around(rows: int = 200, noise: float = 0.3, seed: int = 0, targets: int = 1) -> Around:
    generator = torch.Generator().manual_seed(seed)
    z = torch.cat([torch.ones(1, 6), torch.rand(rows, 6, generator=generator).round()]).double()
    y = z @ BETA + 1 + noise * torch.randn(rows + 1, generator=generator).double()
    weights = 0.1 + torch.rand(rows + 1, generator=generator).double()
    scores = torch.stack([y * (k + 1) for k in range(targets)], 1)
    return Around(z, weights, scores, torch.arange(rows + 1))


@pytest.mark.parametrize("kind", ["linear", "ridge"])
def test_equals_scikit_learn(kind: str) -> None:
    seen = around(targets=3)
    fit = Surrogate(kind, alpha=2.5).fit(seen)
    oracle = LinearRegression() if kind == "linear" else Ridge(alpha=2.5)
    oracle.fit(seen.z.numpy(), seen.scores.numpy(), seen.row_weights.numpy())
    np.testing.assert_allclose(fit.weights.numpy(), oracle.coef_, atol=1e-10)
    np.testing.assert_allclose(fit.intercept.numpy(), oracle.intercept_, atol=1e-10)
    score = oracle.score(seen.z.numpy(), seen.scores.numpy(), seen.row_weights.numpy())
    assert float(fit.r_squared.mean()) == pytest.approx(score)
    wanted = oracle.predict(seen.z[:1].numpy())[0]
    np.testing.assert_allclose(fit.local.numpy(), wanted, atol=1e-10)


def test_golden_fit_by_hand() -> None:
    """z = (0, 1, 1), y = (1, 2, 4), weights (1, 2, 2): means 0 → 1, 1 → 3; R² = 1 − 4 / 7.2."""
    z, y = torch.tensor([[0.0], [1], [1]]).double(), torch.tensor([[1.0], [2], [4]]).double()
    fit = fit_linear(z, y, torch.tensor([1.0, 2, 2]).double())
    assert fit.weights.item() == pytest.approx(2)
    assert fit.intercept.item() == pytest.approx(1)
    assert fit.r_squared.item() == pytest.approx(1 - 4 / 7.2)


def test_targets_from_one_factorisation_are_those_fitted_alone() -> None:
    seen = around(targets=3)
    together = fit_linear(seen.z, seen.scores, seen.row_weights)
    for k in range(3):
        alone = fit_linear(seen.z, seen.scores[:, k : k + 1], seen.row_weights)
        assert torch.allclose(together.weights[k], alone.weights[0], atol=1e-12)


@pytest.mark.parametrize(
    "surrogate",
    [Surrogate("lasso", n_features=3), Surrogate(n_features=3), Surrogate("ridge", 0.1, 3),
     Surrogate(n_features=3, selection="highest"), Surrogate("tree")],
    ids=["lasso", "forward", "ridge", "highest", "tree"],
)  # fmt: skip
def test_the_greatest_effects_are_selected(surrogate: Surrogate) -> None:
    fit = surrogate.fit(around(noise=0.05))
    assert set(fit.weights[0].abs().topk(3).indices.tolist()) == {0, 1, 2}
    assert torch.allclose(fit.weights[0, :3], BETA[:3], atol=0.4)
    if surrogate.n_features:
        assert int((fit.weights != 0).sum()) == 3
    assert torch.isfinite(fit.errors()).all()


def test_forward_selection_is_that_of_exhaustive_trying() -> None:
    seen = around(noise=1.0, seed=4)
    z, y, w = seen.z.numpy(), seen.scores[:, 0].numpy(), seen.row_weights.numpy()
    chosen: list[int] = []
    for _ in range(4):
        scores = {
            j: LinearRegression().fit(z[:, [*chosen, j]], y, w).score(z[:, [*chosen, j]], y, w)
            for j in range(6)
            if j not in chosen
        }
        chosen.append(max(scores, key=lambda j: scores[j]))
    assert forward_selection(seen.z, seen.scores[:, 0], seen.row_weights, 4) == chosen


def score_of(kept: Tensor) -> Tensor:
    """Main effects, interactions of two and three, and a bend."""
    z = kept.double()
    return (
        z @ torch.linspace(1, -1, 10).double()
        + 2 * z[:, 0] * z[:, 1]
        - z[:, 2] * z[:, 3]
        + (1.5 * z[:, 4] * z[:, 5] * z[:, 6])
    )


@pytest.mark.parametrize("kind", ["hadamard", "paired", "random"])
def test_standard_errors_are_those_of_repeated_samples(kind: str) -> None:
    """Over 150 seeds the spread of the weights is what their standard errors say, within 15 %."""
    weights, errors = [], []
    for seed in range(150):
        design = Design(kind, 10, seed)
        kept = torch.cat([torch.ones(1, 10, dtype=torch.bool), design.rows(0, 120)])
        index = torch.arange(121)
        clusters = (index + 1) // 2 if design.paired else index
        near = 0.5 + kept.double().mean(1)
        fit = Surrogate().fit(Around(kept.double(), near, score_of(kept)[:, None], clusters))
        weights.append(fit.weights[0])
        errors.append(fit.errors()[0])
    spread = torch.stack(weights).std(0).square().sum().sqrt()
    said = torch.stack(errors).square().mean(0).sum().sqrt()
    assert float(said / spread) == pytest.approx(1, abs=0.15)


def test_the_jackknife_of_a_tree_is_of_the_right_size() -> None:
    found = [Surrogate("tree").fit(around(100, 1.0, seed)) for seed in range(25)]
    spread = torch.stack([fit.weights[0] for fit in found]).std(0)[:3]
    said = torch.stack([fit.errors()[0] for fit in found]).mean(0)[:3]
    assert bool((said / spread > 0.5).all())
    assert bool((said / spread < 3).all())


def test_samples_that_do_not_determine_the_weights_give_the_shortest_ones() -> None:
    z = torch.tensor([[1.0, 1], [0, 0], [1, 1], [0, 0]]).double()
    fit = fit_linear(z, z.sum(1, keepdim=True), torch.ones(4).double())
    assert fit.rank == 1
    assert torch.allclose(fit.weights, torch.ones(1, 2).double())


def test_constant_scores_give_zero_weights_and_a_perfect_fit() -> None:
    seen = around()
    fit = Surrogate().fit(Around(seen.z, seen.row_weights, 0 * seen.scores + 0.3, seen.clusters))
    assert float(fit.weights.abs().max()) < 1e-12
    assert fit.r_squared.tolist() == [1.0]
    assert torch.isfinite(fit.errors()).all()


def test_the_order_holds_where_weights_differ_by_more_than_their_errors() -> None:
    stop = Stop(budget=0, top=3, tie=0.0, confidence=0.95)
    assert order_holds(Surrogate().fit(around(noise=0.1)), 0, stop) > 0.999
    assert order_holds(Surrogate().fit(around(noise=6.0)), 0, stop) < 0.9


def test_ties_need_no_order() -> None:
    seen = around(noise=0.2)
    noise = seen.scores - (seen.z @ BETA + 1)[:, None]
    alike = Surrogate().fit(replace(seen, scores=seen.z.sum(1, keepdim=True) + noise))
    assert order_holds(alike, 0, Stop(0, 3, tie=0.0, confidence=0.95)) < 0.5
    assert order_holds(alike, 0, Stop(0, 3, tie=0.2, confidence=0.95)) > 0.95


def test_a_stable_order_is_kept_with_the_probability_said() -> None:
    """Of the pairs of fits that are called stable at 0.9, at least 0.85 agree on the order."""
    stop, orders = Stop(0, 3, 0.0, 0.9), []
    for seed in range(80):
        fit = Surrogate().fit(around(60, 0.8, seed))
        if order_holds(fit, 0, stop) >= 0.9:
            orders.append(fit.weights[0].abs().topk(3).indices.tolist())
    assert len(orders) > 20
    assert np.mean([order == [0, 1, 2] for order in orders]) >= 0.85


def test_the_probability_of_an_order_by_hand() -> None:
    """Sizes 3 and 1, ties within 10 %: z = (2 + 0.3) / √(0.5² + 0.5²) = 3.2527, and Φ of it."""
    one = torch.ones(1).double()
    weights, influences = torch.tensor([[3.0, -1]]).double(), torch.eye(2).double() / 2
    fit = Fit(weights, one, one, one, 9, 2, lambda k: influences)
    wanted = NormalDist().cdf(2.3 / 0.5**0.5)
    assert order_holds(fit, 0, Stop(0, 1, 0.1, None)) == pytest.approx(wanted, abs=1e-9)
    assert order_holds(fit, 0, Stop(0, 2, 0.1, None)) == pytest.approx(wanted, abs=1e-9)
