"""Checks of what a method does: its results do not depend on what they must not depend on, and
nothing is left behind."""

import math
import tempfile
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..core.explanation import Explanation
from ..errors import PellucidError, TargetError
from .nets import BatchNormDropout, built
from .subject import TRIALS, Subject
from .untouched import unchanged

CLOSE = 1e-4
"""How far maps that must be equal may differ, relative to the largest value."""


def batch_equals_singles(subject: Subject) -> None:
    """A batch of three gives what its samples give alone."""
    x = subject.home.batch()
    singles = [subject.explain(subject.net, x[i : i + 1]) for i in range(3)]
    for path, values in arrays(subject.explained).items():
        alone = np.concatenate([arrays(e)[path] for e in singles])
        assert_close(values, alone, f"{path} of a batch and of its samples alone")


def order_does_not_matter(subject: Subject) -> None:
    """Samples in another order give the same maps in that order."""
    turned = arrays(subject.explain(subject.net, subject.home.batch().flip(0)))
    for path, values in arrays(subject.explained).items():
        assert_close(turned[path][::-1], values, f"{path} of the reversed batch")


def leaves_no_trace(subject: Subject) -> None:
    """Model and process are as before: after success, a bad target, a network that raises."""
    trial = subject.home
    net = _lived_in(trial.make())
    with unchanged(net):
        subject.explain(net, trial.batch())
    if "image" in subject.card.modalities:
        training = _lived_in(built(BatchNormDropout).train())
        with unchanged(training):
            _explained_or_refused(subject, training, TRIALS["image"].batch(), (PellucidError,))
    with unchanged(net):
        _explained_or_refused(subject, net, trial.batch(), (PellucidError,), target=99)
    for passes in range(4):
        failing = _Failing(trial.make(), passes)
        with unchanged(failing):
            _explained_or_refused(subject, failing, trial.batch(), (PellucidError, _Failure))


def refuses_bad_target(subject: Subject) -> None:
    """A class that the model does not have is a TargetError."""
    if not subject.card.needs_target:
        return
    try:
        subject.at_home(target=99)
    except TargetError:
        return
    raise AssertionError("class 99 of a model with 3 classes was explained")


def seed_decides(subject: Subject) -> None:
    """The same seed gives the same bits; another one differs if and only if randomised."""
    first, again, other = (arrays(subject.at_home(seed=seed)) for seed in (3, 3, 4))
    for path, values in first.items():
        assert np.array_equal(values, again[path]), f"the same seed gives other bits in {path}"
    differs = any(not np.array_equal(values, other[path]) for path, values in first.items())
    if subject.card.randomised:
        assert differs, "declared randomised, but another seed gives the same bits"
    else:
        assert not differs, "not declared randomised, but another seed gives other bits"


def refuses_unmet_needs(subject: Subject) -> None:
    """No layers or gradients of a function, no layers of TorchScript, no gradients of counts."""
    access = subject.card.access
    if access == "black_box":
        return
    net, x = subject.net, subject.home.batch()
    _refused(subject, lambda given: net(given), x, "a plain function")
    if access == "layers":
        with warnings.catch_warnings():  # tracing is deprecated, but users still have such models
            warnings.simplefilter("ignore", DeprecationWarning)
            traced = torch.jit.trace(net, x, check_trace=False)  # type: ignore[no-untyped-call]
        _refused(subject, traced, x, "layers of a TorchScript module")
    else:
        counts = _OfCounts(TRIALS["table"].make())
        _refused(subject, counts, torch.ones(3, 6, dtype=torch.long), "gradients of whole numbers")


def constant_model(subject: Subject) -> None:
    """A model whose output never changes gets a finite map or a refusal, never NaN."""
    net = subject.home.make()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    for x in (subject.home.batch(), torch.zeros_like(subject.home.batch())):
        try:
            e = subject.explain(net, x, target=0 if subject.card.needs_target else None)
        except PellucidError:
            continue
        bad = [path for path, values in arrays(e).items() if not np.isfinite(values).all()]
        assert not bad, f"{', '.join(bad)} not finite on a model without weights"


def survives_saving(subject: Subject) -> None:
    """What is saved is what is loaded."""
    e = subject.explained
    with tempfile.TemporaryDirectory() as folder:
        back = Explanation.load(e.save(Path(folder) / "explanation.npz"))
    assert arrays(back).keys() == arrays(e).keys()
    for path, values in arrays(e).items():
        assert np.array_equal(values, arrays(back)[path]), f"{path} changed in the file"
    for name in ("axes", "method", "target", "seed", "params"):
        assert getattr(back, name) == getattr(e, name), f"{name} changed in the file"
    assert [c.name for c in back.checks] == [c.name for c in e.checks], "checks changed"


def can_be_drawn(subject: Subject) -> None:
    """It can be drawn as a figure and as a page."""
    from matplotlib import pyplot

    e = subject.explained
    open_before = pyplot.get_fignums()
    figure = e.plot()
    assert figure.axes, "an empty figure"
    for number in set(pyplot.get_fignums()) - set(open_before):
        pyplot.close(number)
    assert "<" in e._repr_html_(), "no HTML"


def context_does_not_matter(subject: Subject) -> None:
    """Inside no_grad and inference_mode, and with frozen weights, the values are the same."""
    x = subject.home.batch()
    wanted = arrays(subject.explained)
    contexts: dict[str, Any] = {"no_grad": torch.no_grad, "inference_mode": torch.inference_mode}
    for name, context in {**contexts, "frozen weights": nullcontext}.items():
        net = subject.home.make().requires_grad_(context is not nullcontext)
        with context():
            found = arrays(subject.explain(net, x))
        for path, values in found.items():
            assert_close(values, wanted[path], f"{path} with {name}")


def cost_is_recorded(subject: Subject) -> None:
    """Passes, seconds and the largest batch are in the result."""
    cost = subject.explained.cost
    for name in ("forwards", "forward_equivalents", "peak_batch", "seconds"):
        value = cost.get(name, math.nan)
        assert value > 0, f"cost[{name!r}] is {value}"


def arrays(e: Explanation, path: str = "") -> dict[str, Any]:
    """Every array of an explanation and of its parts, by a name for messages."""
    found = {} if e.parts else {f"{path}values": e.values}
    for name in ("coarse", "std_error"):
        if getattr(e, name) is not None:
            found[f"{path}{name}"] = getattr(e, name)
    for name, part in e.parts.items():
        found |= arrays(part, f"{path}{name} ")
    return found


def assert_close(found: Any, wanted: Any, what: str, tolerance: float = CLOSE) -> None:
    """Assert two maps equal to within `tolerance` of the largest value."""
    assert found.shape == wanted.shape, f"{what}: shapes {found.shape} and {wanted.shape}"
    size = float(np.abs(wanted).max(initial=0))
    gap = float(np.abs(found - wanted).max(initial=0))
    assert gap <= tolerance * size or gap < 1e-12, f"{what}: differ by {gap:.3g} of {size:.3g}"


class _Failure(Exception):
    """What a failing network raises."""


class _Failing(nn.Module):
    """A network that raises after some passes."""

    def __init__(self, net: nn.Module, passes: int) -> None:
        super().__init__()
        self.net, self.left = net, passes

    def forward(self, x: Tensor) -> Any:
        self.left -= 1
        if self.left < 0:
            raise _Failure
        return self.net(x)


class _OfCounts(nn.Module):
    """A network whose input is whole numbers that it computes with, and looks nothing up by."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Any:
        return self.net(x.float())


def _lived_in(net: nn.Module) -> nn.Module:
    """As in the middle of a training: one weight frozen, one with a gradient."""
    first, *others = net.parameters()
    first.requires_grad_(False)
    others[-1].grad = torch.ones_like(others[-1])
    return net


def _explained_or_refused(
    subject: Subject, net: nn.Module, x: Tensor, errors: tuple[type[Exception], ...], **more: Any
) -> None:
    try:
        subject.explain(net, x, **more)
    except errors:
        return


def _refused(subject: Subject, model: Callable[..., Any], x: Tensor, what: str) -> None:
    try:
        subject.explain(model, x)
    except PellucidError:
        return
    raise AssertionError(f"{what}: explained, though the card says access {subject.card.access!r}")
