"""Each law must fail under a plausible slip, or its test proves nothing."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import pellucid as pl

from . import test_golden as golden
from . import test_identities as law


def _heavy_weights(edges: Tensor) -> tuple[Tensor, Tensor]:
    from pellucid.ops.quadrature import midpoint

    at, weights = midpoint(edges)
    return at, 1.05 * weights


def _sigmoid_for_softmax(view: Any) -> Tensor:
    return view.scores if view.space == "logit" else view.scores.sigmoid()


def _passing_where_the_input_is_negative(passing: Tensor, gradient: Tensor) -> Tensor:
    return (1 - passing) * gradient.relu()


SLIPS: dict[str, tuple[Callable[[], None], str, Any]] = {
    "quadrature weights that do not add up to one": (
        lambda: law.test_integrated_gradients_are_complete("midpoint", "zero"),
        "pellucid.methods.integrated_gradients.midpoint",
        _heavy_weights,
    ),
    "rectifiers that are on where they are off": (
        lambda: law.test_adaptive_steps_need_fewer_passes(),
        "pellucid.core.averaging.mean_passing",
        lambda z, change, top: 1.0 - (z > 0).to(z),
    ),
    "noise that does not vary": (
        lambda: law.test_smooth_grad_of_a_square("variance"),
        "pellucid.methods.smooth_grad.gaussian",
        lambda shape, seed, draws: torch.zeros(len(draws), *shape),
    ),
    "noise of half the size": (
        lambda: law.test_smooth_grad_of_a_relu_is_the_normal_distribution_function(),
        "pellucid.methods.smooth_grad._range",
        lambda x: torch.full((len(x), *(1,) * (x.ndim - 1)), 0.5),
    ),
    "a background that is forgotten": (
        lambda: law.test_expected_gradients_of_a_linear_model_average_the_background(),
        "pellucid.methods.expected_gradients._background",
        lambda call, given: {"input": torch.zeros(20, 6)},
    ),
    "the gradient instead of input times gradient": (
        lambda: law.test_linear_models("input_x_gradient"),
        "pellucid.methods.input_x_gradient.InputXGradient.attribute",
        pl.Gradient.attribute,
    ),
    "a sigmoid for a softmax": (
        lambda: law.test_a_probability_is_the_logits_seen_through_the_softmax(),
        "pellucid.core.target.View.over_classes",
        _sigmoid_for_softmax,
    ),
    "a logit that keeps its sign": (
        lambda: law.test_negative_is_the_gradient_of_the_turned_logit(),
        "pellucid.core.targets.Negative.of",
        lambda target, view: view.scores[:, 0],
    ),
    "guided backpropagation for a deconvnet": (
        lambda: golden.test_one_conv(
            "deconvnet", [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]]
        ),
        "pellucid.methods.deconvnet.deconvolved",
        lambda passing, gradient: passing * gradient.relu(),
    ),
    "a mask that is turned round": (
        lambda: golden.test_one_conv(
            "guided_backprop", [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]]
        ),
        "pellucid.methods.guided_backprop.guided",
        _passing_where_the_input_is_negative,
    ),
    "Grad-CAM with positive gradients only": (
        lambda: golden.test_one_conv_grad_cam("relu1", [[0, 4], [28, 32.5]]),
        "pellucid.methods.grad_cam.grad_cam",
        lambda maps, gradient: (gradient.relu().flatten(2).mean(2)[..., None, None] * maps).sum(1),
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_the_law_notices(slip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check, place, wrong = SLIPS[slip]
    check()
    monkeypatch.setattr(place, wrong)
    with pytest.raises(AssertionError):
        check()
