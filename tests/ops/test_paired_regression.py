"""The regression on pairs of coalitions: exact where it must be, honest about its errors."""

import pytest
import torch
from torch import Tensor

from pellucid.ops import paired_regression as regression
from pellucid.ops.paired_regression import Drawn, Estimator, estimate, estimators
from pellucid.ops.shapley import all_coalitions, exact_values, values_of_pairs
from pellucid.parts.coalition_sampling import paired_plan


def random_game(features: int, seed: int, scale: float = 1.0) -> Tensor:
    """Scores `(2^M,)` of all coalitions: an additive part and independent noise."""
    g = torch.Generator().manual_seed(seed)
    additive = all_coalitions(features).double() @ torch.randn(features, generator=g).double()
    return additive + scale * torch.randn(2**features, generator=g).double()


def smooth_game(features: int, seed: int) -> Tensor:
    """Scores of a network with two layers on the bits of the coalition."""
    g = torch.Generator().manual_seed(seed)
    first = torch.randn(features, 30, generator=g).double()
    hidden = torch.tanh(all_coalitions(features).double() @ first / 2)
    return hidden @ torch.randn(30, generator=g).double()


def drawn_scores(game: Tensor, drawn: Drawn) -> Tensor:
    features = drawn.pairs.shape[1]
    index = (drawn.pairs.long() << torch.arange(features)).sum(1)
    return torch.stack([game[index], game[2**features - 1 - index]], 1)[:, :, None]


def of(game: Tensor, drawn: Drawn, chosen: list[Estimator]) -> tuple[Tensor, Tensor]:
    change = (game[-1] - game[0])[None]
    responses = drawn.responses(drawn_scores(game, drawn), change)
    values, errors = estimate(chosen, responses, drawn)
    return change / drawn.pairs.shape[1] + values, errors


def test_all_pairs_give_the_exact_values() -> None:
    game = random_game(9, 0)
    drawn = paired_plan(9, 10_000, 0)
    wanted = exact_values(game[:, None])
    found = values_of_pairs(drawn.pairs, drawn_scores(game, drawn), game[:1], game[-1:])
    torch.testing.assert_close(found, wanted)
    for one in estimators(drawn):  # each of them is consistent
        values, errors = of(game, drawn, [one])
        torch.testing.assert_close(values, wanted, atol=1e-7, rtol=1e-7)
        assert not errors.any()


@pytest.mark.parametrize("features", [3, 4, 5, 6, 9])
def test_values_of_the_prior_are_those_by_enumeration(features: int) -> None:
    """Every covariance is a set function with known Shapley values."""
    signs = all_coalitions(features).double() * 2 - 1
    kernel = regression._kernel(signs)
    found = regression._values_of_kernel(signs)
    torch.testing.assert_close(found.T, exact_values(kernel), atol=1e-9, rtol=1e-9)


def test_additive_games_are_exact_from_few_pairs() -> None:
    game = random_game(12, 1, scale=0.0)
    drawn = paired_plan(12, 20, 0)
    for one in estimators(drawn):
        values, errors = of(game, drawn, [one])
        torch.testing.assert_close(values, exact_values(game[:, None]), atol=1e-4, rtol=1e-4)
        assert errors.max() < 1e-3


@pytest.mark.parametrize("make", [random_game, smooth_game])
@pytest.mark.parametrize("pairs", [24, 60, 300])
def test_standard_errors_are_calibrated(make, pairs: int) -> None:
    """z-scores over 200 seeds have a standard deviation near 1."""
    game = make(10, 5)
    wanted = exact_values(game[:, None])
    z = []
    for seed in range(200):
        drawn = paired_plan(10, pairs, seed)
        values, errors = of(game, drawn, estimators(drawn))
        z.append((values - wanted) / errors)
    z = torch.stack(z)
    assert 0.7 < z.std() < 1.4
    assert z.mean(0).abs().max() < 0.4  # no feature is biased


def test_interactions_lower_the_error_of_smooth_games() -> None:
    game = smooth_game(12, 3)
    wanted = exact_values(game[:, None])
    errors = {"linear": 0.0, "both": 0.0}
    for seed in range(20):
        drawn = paired_plan(12, 300, seed)
        every = estimators(drawn)
        for name, chosen in (("linear", every[:1]), ("both", every)):
            errors[name] += float((of(game, drawn, chosen)[0] - wanted).square().mean())
    assert errors["both"] < 0.5 * errors["linear"]


def test_sampling_without_replacement_ends_without_error() -> None:
    """The closer to all coalitions, the smaller the errors, faster than 1/√n."""
    game = random_game(10, 2)
    spread = []
    for pairs in (120, 480, 505):
        drawn = paired_plan(10, pairs, 0)
        spread.append(float(of(game, drawn, estimators(drawn))[1].mean()))
    assert spread[1] < spread[0] / 4
    assert spread[2] < spread[1] / 2
