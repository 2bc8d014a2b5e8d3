"""Every metric on models whose answer can be worked out by hand."""

import math

import pytest
import torch
from torch import nn

import pellucid as pl

X = torch.tensor([[4.0, 3.0, 2.0, 1.0]])


class Sum(nn.Module):
    """f(x) = Σ x, so that input × gradient is x itself."""

    def forward(self, x):
        return x.flatten(1).sum(1, keepdim=True)


class HalfSquare(nn.Module):
    """f(x) = Σ x²/2, whose gradient is x."""

    def forward(self, x):
        return x.square().flatten(1).sum(1, keepdim=True) / 2


def shares(x=X, net=None, target=None):
    return pl.explain(net or Sum(), x, "input_x_gradient", target)


def one(metric, e, model=None, **options) -> float:
    return float(pl.evaluate(model or Sum(), e, metric, **options)[metric.card.name])


def test_deletion_and_insertion_are_areas_below_the_score() -> None:
    e = shares()
    found = pl.evaluate(Sum(), e, [pl.Deletion(space="logit"), pl.Insertion(space="logit")], x=X)
    assert found["deletion"].curve[0].tolist() == [10, 6, 3, 1, 0]
    assert found["insertion"].curve[0].tolist() == [0, 4, 7, 9, 10]
    assert found["deletion"].mean == pytest.approx((20 - 5) / 4)
    assert found["insertion"].mean == pytest.approx((30 - 5) / 4)


@pytest.mark.parametrize("metric", [pl.FaithfulnessCorrelation(), pl.SensitivityN()])
def test_values_that_add_up_correlate_perfectly_with_what_subsets_take(metric) -> None:
    net = Sum()
    x = torch.tensor([[4.0, -3.0, 2.0, 1.0, 0.5, -0.2]])
    assert one(metric, shares(x, net), net) == pytest.approx(1)
    wrong = pl.explain(net, x, pl.Occlusion(window=3, stride=3))  # three columns share one value
    assert one(metric, wrong, net) < 0.99


def test_infidelity_is_the_mean_square_of_what_is_missed() -> None:
    from dataclasses import replace

    e = shares()
    assert one(pl.Infidelity(), e, e.origin.model) == pytest.approx(0, abs=1e-10)
    doubled = replace(e, values=2 * e.values)
    # twice too much: (2 Σ_S x − Σ_S x)² = (Σ_S x)² with every feature in S half of the time,
    # so its mean is (Σ x / 2)² + Σ x² / 4
    wanted = 25 + 30 / 4
    found = one(pl.Infidelity(n_perturbations=4000), doubled, e.origin.model)
    assert found == pytest.approx(wanted, rel=0.05)
    assert one(pl.Infidelity(scaled=True), doubled, e.origin.model) == pytest.approx(0, abs=1e-9)


def test_infidelity_under_noise_tests_slopes() -> None:
    net = Sum()
    e = pl.explain(net, X, "gradient")
    assert one(pl.Infidelity(perturbation="noise"), e, net) == pytest.approx(0, abs=1e-9)
    with pytest.raises(pl.NotApplicable, match="not slopes"):
        one(pl.Infidelity(perturbation="noise"), shares(net=net), net)


def test_completeness_is_the_relative_gap_of_the_sum() -> None:
    net = HalfSquare()
    e = pl.explain(net, X, "input_x_gradient")  # Σ x² = 30 where the score changes by 15
    assert one(pl.Completeness(), e, net) == pytest.approx(1)
    assert one(pl.Completeness(baseline=1.0), e, net) == pytest.approx(30 / 13 - 1)
    whole = pl.explain(net, X, "integrated_gradients")
    assert one(pl.Completeness(), whole, net) < 1e-4


def test_robustness_of_a_gradient_that_is_the_input() -> None:
    net = HalfSquare()
    e = pl.explain(net, X, "gradient")
    assert one(pl.LocalLipschitz(), e, net) == pytest.approx(1, rel=1e-4)
    found = one(pl.MaxSensitivity(radius=0.1), e, net)
    most = 0.1 * float(X.std()) * 2 / float(X.norm())  # four numbers, each moved by the radius
    assert 0.3 * most < found <= most
    still = pl.explain(Sum(), X, "gradient")
    assert one(pl.MaxSensitivity(), still, Sum(), x=X) == 0


def test_a_constant_shift_moves_what_multiplies_with_the_input() -> None:
    net = Sum()
    assert one(pl.InputInvariance(), pl.explain(net, X, "gradient"), net) == 0
    wanted = float(X.std()) * 2 / float(X.norm())  # c in each of four values, c = one deviation
    assert one(pl.InputInvariance(), shares(net=net), net) == pytest.approx(wanted, rel=1e-5)


def test_sparseness_and_complexity_at_their_ends() -> None:
    net = Sum()
    alone = shares(torch.tensor([[0.0, 0.0, 7.0, 0.0]]), net)
    even = shares(torch.ones(1, 4), net)
    found = pl.evaluate(net, [alone, even], ["sparseness", "complexity"])
    assert [float(s) for s in found["sparseness"]] == pytest.approx([0.75, 0])
    assert [float(s) for s in found["complexity"]] == pytest.approx([0, math.log(4)])


def test_localisation_counts_what_lies_inside() -> None:
    net = Sum()
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 0] = torch.tensor([8.0, 1.0, 0.0, -5.0])
    x[0, 0, 1, 0] = 3.0
    e = shares(x, net)
    inside = torch.zeros(4, 4)
    inside[:2, :1] = 1
    inside[3, 3] = 1
    found = pl.evaluate(net, e, masks=inside)
    assert found["pointing_game"].mean == 1
    assert found["relevance_mass_accuracy"].mean == pytest.approx(11 / 12)
    assert found["relevance_rank_accuracy"].mean == pytest.approx(2 / 3)
    # above a fifth of 8 lie 8 and 3; both are inside the mask of 3
    assert found["iou"].mean == pytest.approx(2 / 3)


def test_boxes_mean_the_mask_of_the_same_places() -> None:
    net = Sum()
    e = shares(torch.rand(2, 1, 5, 6), net)
    masks = torch.zeros(2, 5, 6)
    masks[0, 1:3, 2:6] = 1  # x from 2 to 6, y from 1 to 3
    masks[1, :2, :1] = 1
    boxes = [(2, 1, 6, 3), [(0, 0, 1, 2)]]
    by_mask, by_box = (
        pl.evaluate(net, e, "relevance_mass_accuracy", **given)
        for given in ({"masks": masks}, {"boxes": boxes})
    )
    where = "relevance_mass_accuracy"
    assert by_mask[where].values.tolist() == by_box[where].values.tolist()


def test_road_fills_a_ramp_so_that_nothing_is_missed() -> None:
    ramp = torch.linspace(0, 1, 9).expand(1, 1, 9, 9).clone()
    net = Sum()
    inner = torch.zeros(1, 1, 9, 9)
    inner[..., 3:6, 3:6] = 1
    e = pl.explain(net, ramp, "gradient")
    from dataclasses import replace

    e = replace(e, values=inner.numpy())
    road = pl.Road(percentages=(11.0,), noise=0.0)
    assert one(road, e, net, x=ramp) == pytest.approx(float(ramp.sum()), rel=1e-4)
    holes = pl.Deletion(steps=9, space="logit")
    assert pl.evaluate(net, e, holes)["deletion"].curve[0, 1] < float(ramp.sum()) - 4


def test_without_a_mask_localisation_says_what_to_give() -> None:
    with pytest.raises(pl.ParameterError, match="masks="):
        pl.evaluate(Sum(), shares(), "pointing_game", x=X)
    with pytest.raises(pl.ParameterError, match="empty"):
        pl.evaluate(Sum(), shares(), "pointing_game", masks=torch.zeros(4), x=X)


def test_the_declarations_are_complete() -> None:
    from pellucid.evaluation import registry

    for name, text in pl.metrics().items():
        card = registry.get(name).card
        assert card.name == name
        assert text.endswith((".", "?"))
        assert card.range[0] < card.range[1]
        assert card.flaw.endswith(".")
        assert any(letter.isdigit() for letter in card.paper)
