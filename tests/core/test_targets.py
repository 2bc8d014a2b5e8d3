"""Every target, in both spaces, on every shape of output, against the formula it stands for."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing.nets import built

X = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
NAMES = ("cat", "dog", "fox")
MASK = torch.tensor([[True, False], [True, True]])
HALF = [2.0, 1.0, -1.0]


class Shaped(nn.Module):
    """A linear model whose output has the given shape per sample."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape
        self.linear = nn.Linear(5, int(np.prod(shape)))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.linear(x).reshape(len(x), *self.shape)
        return found


def probabilities(y: Tensor) -> Tensor:
    return y.softmax(1)


def predicted_region(y: Tensor) -> Tensor:
    """The mean of the commonest class over the places where it wins."""
    found = []
    for sample in y:
        winner = int(sample.argmax(0).flatten().bincount().argmax())
        found.append(sample[winner][sample.argmax(0) == winner].mean())
    return torch.stack(found)


ROWS: dict[str, tuple[tuple[int, ...], Any, str, Callable[[Tensor], Tensor]]] = {
    "class": ((3,), 1, "logit", lambda y: y[:, 1]),
    "class by name": ((3,), "Fox", "logit", lambda y: y[:, 2]),
    "class, probability": ((3,), pl.Class(1), "probability", lambda y: probabilities(y)[:, 1]),
    "predicted class": ((3,), None, "logit", lambda y: y.max(1).values),
    "a target each": ((3,), [0, 2], "logit", lambda y: torch.stack([y[0, 0], y[1, 2]])),
    "contrast": ((3,), pl.Contrast("cat", 2), "logit", lambda y: y[:, 0] - y[:, 2]),
    "label": ((3,), pl.Label("dog"), "logit", lambda y: y[:, 1]),
    "label, probability": ((3,), pl.Label(1), "probability", lambda y: y[:, 1].sigmoid()),
    "function": ((3,), lambda y: y.logsumexp(1), "logit", lambda y: y.logsumexp(1)),
    "similarity": ((3,), pl.Similarity(HALF), "logit",
                   lambda y: torch.cosine_similarity(y, torch.tensor(HALF)[None])),
    "dot product": ((3,), pl.Similarity(HALF, "dot"), "logit", lambda y: y @ torch.tensor(HALF)),
    "value of (N, 1)": ((1,), pl.Value(), "logit", lambda y: y[:, 0]),
    "value of (N,)": ((), pl.Value(sign=-1), "logit", lambda y: -y),
    "positive": ((1,), pl.Positive(), "probability", lambda y: y[:, 0].sigmoid()),
    "negative": ((), pl.Negative(), "probability", lambda y: 1 - y.sigmoid()),
    "negative, logit": ((), pl.Negative(), "logit", lambda y: -y),
    "one entry": ((3, 2, 2), pl.Output((1, 0, 1)), "logit", lambda y: y[:, 1, 0, 1]),
    "region": ((3, 2, 2), pl.Region("dog", "all"), "logit", lambda y: y[:, 1].mean((1, 2))),
    "region under a mask": ((3, 2, 2), pl.Region(2, MASK, "sum"), "logit",
                            lambda y: y[:, 2][:, MASK].sum(1)),
    "region in a box": ((3, 2, 2), pl.Region(2, (1, 0, 2, 2)), "probability",
                        lambda y: probabilities(y)[:, 2, 1].mean(1)),
    "predicted region": ((3, 2, 2), None, "logit", predicted_region),
    "region of one logit": ((1, 2, 2), pl.Region(0, "all"), "probability",
                            lambda y: y[:, 0].sigmoid().mean((1, 2))),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_score_and_gradient(case: str) -> None:
    """The score is the formula's value, and the gradient is the formula's gradient."""
    shape, target, space, formula = ROWS[case]
    net = built(partial(Shaped, *shape))
    classes = NAMES if shape[:1] == (3,) else None
    x = X.clone().requires_grad_()
    wanted = formula(net(x))
    (gradient,) = torch.autograd.grad(wanted.sum(), x)
    found = pl.explain(pl.Model(net, classes=classes), X, "gradient", target, space=space)
    np.testing.assert_allclose(found.score, wanted.detach().numpy(), rtol=1e-5)
    np.testing.assert_allclose(found.values, gradient.numpy(), rtol=1e-4, atol=1e-6)


def test_several_targets_of_one_sample() -> None:
    """A list of classes gives one explanation each, in the order in which they are asked for."""
    model = pl.Model(built(partial(Shaped, 3)), classes=NAMES)
    found = pl.explain(model, X, "gradient", pl.Class([2, 0]))
    assert found.target == ("fox (class 2)", "cat (class 0)") * 2
    assert found.record["input_of_sample"] == [0, 0, 1, 1]
    alone = [pl.explain(model, X, "gradient", target).values for target in (2, 0)]
    np.testing.assert_allclose(found.values, np.stack(alone, 1).reshape(4, 5), rtol=1e-6)


def test_predicted_is_fixed_on_the_clean_input() -> None:
    """Steps along a path may predict another class; the target stays that of the input."""
    net = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[1.0, 0.0], [-3.0, 4.0]]))
    x = torch.tensor([[1.0, 0.9]])
    found = pl.explain(net, x, "integrated_gradients", baseline=torch.tensor([[0.0, 2.0]]))
    assert found.target == ("class 0",)
    np.testing.assert_allclose(found.values, [[1.0, 0.0]], atol=1e-6)


@pytest.mark.parametrize(("classes", "label"), [(None, "value"), (("no", "yes"), "(yes)")])
def test_one_output_is_a_value_unless_it_has_two_names(classes: Any, label: str) -> None:
    net = nn.Linear(5, 1)
    torch.nn.init.ones_(net.weight)
    found = pl.explain(pl.Model(net, classes=classes), X.abs() + 1, "gradient")
    assert all(label in text for text in found.target)
