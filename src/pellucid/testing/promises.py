"""The laws that a method can promise on its card, each with the check that it holds."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .nets import built, gap_net, mlp
from .subject import Subject, Trial

_TABLE = Trial(lambda: built(lambda: nn.Linear(6, 3)), (6,), ("feature",))
_WIDE = Trial(mlp, (6,), ("feature",))


def completeness(subject: Subject) -> None:
    """Σ values = F(x) − F(0), to within the gap that the explanation itself reports.

    Where features are more than single places, the values are the features' (`coarse`).

    A method with other baselines by default is given as an object with the baseline zero.
    """
    net, x = subject.home.make(), subject.home.batch()
    e = subject.explain(net, x, target=1)
    reported = [check for check in e.checks if "completeness" in check.name]
    assert reported, "promises completeness, but no check of the explanation reports its gap"
    assert reported[0].verdict != "failed", f"its own check failed: {reported[0]}"
    with torch.no_grad():
        change = (_score(subject, net(x)) - _score(subject, net(torch.zeros_like(x)))).numpy()
    values = np.asarray(e) if e.segments is None or e.coarse is None else e.coarse
    total = values.reshape(len(x), -1).sum(1)
    gap = np.abs(total - change) / np.maximum(np.abs(change), 1e-6)
    allowed = np.max(reported[0].value) + 1e-3  # type: ignore[arg-type]
    assert (gap <= allowed).all(), (
        f"the sums {total} miss F(x) − F(0) = {change} by {gap.max():.3g}; reported {allowed:.3g}"
    )


def linear_exact(subject: Subject) -> None:
    """On a linear layer the values are w · (x − 0)."""
    found, wanted, _ = _linear(subject)
    _equal(found, wanted, 1e-4, "w · x on a linear layer")


def linear_exact_in_expectation(subject: Subject) -> None:
    """The same, to within five standard errors."""
    found, wanted, error = _linear(subject)
    assert error is not None, "promises an expectation, but gives no std_error"
    limit = 5 * error + 1e-4 * np.abs(wanted).max()
    assert (np.abs(found - wanted) <= limit).all(), "further than 5 standard errors from w · x"


def implementation_invariance(subject: Subject) -> None:
    """Two nets that are the same function get the same values, to within 1 %: the error of an
    integral taken in steps."""
    trial = _WIDE if "table" in subject.card.modalities else subject.home
    x = trial.batch()
    first = subject.explain(trial.make(), x)
    second = subject.explain(_rescaled(trial.make()), x)
    _equal(np.asarray(second), np.asarray(first), 0.01, "the values of an equal function")


def mean_plus_bias(subject: Subject) -> None:
    """After global mean and a linear layer, the mean of the map plus the bias is the logit."""
    net, x = gap_net(2), Trial(lambda: gap_net(2), (2, 8, 8), ()).batch()
    e = subject.explain(net, x, target=1)
    coarse = np.asarray(e) if e.coarse is None else e.coarse
    bias = float(net[-1].bias[1].detach())  # type: ignore[index]
    with torch.no_grad():
        wanted = net(x)[:, 1].numpy()
    _equal(coarse.reshape(len(x), -1).mean(1) + bias, wanted, 1e-4, "the logit")


PROMISES: dict[str, Callable[[Subject], None]] = {
    "completeness": completeness,
    "linear_exact": linear_exact,
    "linear_exact_in_expectation": linear_exact_in_expectation,
    "implementation_invariance": implementation_invariance,
    "mean_plus_bias": mean_plus_bias,
}
"""Every promise that a card may make; a promise without a check here is refused."""

Floats = NDArray[np.float32]


def _linear(subject: Subject) -> tuple[Floats, Floats, Floats | None]:
    net, x = _TABLE.make(), _TABLE.batch()
    assert isinstance(net, nn.Linear)
    e = subject.explain(net, x, target=1, space="logit")
    return np.asarray(e), (net.weight[1].detach() * x).numpy(), e.std_error


def _score(subject: Subject, logits: Tensor) -> Tensor:
    """Class 1 in the space that the method explains."""
    return (logits if subject.card.space == "logit" else logits.softmax(1))[:, 1]


class _Halves(nn.Module):
    """ReLU written as (x + |x|) / 2."""

    def forward(self, x: Tensor) -> Tensor:
        return (x + x.abs()) / 2


def _rescaled(net: nn.Module) -> nn.Module:
    """The same function: the first layer doubled, the second halved, ReLUs written otherwise."""
    weighted = [m for m in net.modules() if isinstance(getattr(m, "weight", None), nn.Parameter)]
    with torch.no_grad():
        for parameter in weighted[0].parameters():
            parameter.mul_(2)
        weighted[1].weight.mul_(0.5)  # type: ignore[operator]
    for name, module in list(net.named_modules()):
        if isinstance(module, nn.ReLU):
            parent, _, child = name.rpartition(".")
            setattr(net.get_submodule(parent) if parent else net, child, _Halves())
    return net


def _equal(found: Floats, wanted: Floats, tolerance: float, what: str) -> None:
    assert found.shape == wanted.shape, f"shape {found.shape} where {what} has {wanted.shape}"
    gap, size = float(np.abs(found - wanted).max()), float(np.abs(wanted).max())
    assert gap <= tolerance * max(size, 1e-6), f"differs from {what} by {gap:.3g} of {size:.3g}"
