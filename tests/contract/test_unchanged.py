"""`unchanged` notices every kind of thing that a call could leave behind."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.testing import unchanged
from pellucid.testing.nets import BatchNormDropout, built


def _fill(net: nn.Module) -> None:
    with torch.no_grad():
        next(net.parameters()).fill_(1.0)


def _buffer(net: nn.Module) -> None:
    next(net.buffers()).add_(1)


def _hook(net: nn.Module) -> None:
    attach = next(net.children()).register_forward_hook
    attach(lambda *_: None)


def _grad(net: nn.Module) -> None:
    parameter = next(net.parameters())
    parameter.grad = torch.ones_like(parameter)


CHANGES: dict[str, Callable[[nn.Module], object]] = {
    "parameter": _fill,
    "buffer": _buffer,
    "hooks of": _hook,
    "grad of": _grad,
    "requires_grad of": lambda net: next(net.parameters()).requires_grad_(False),
    "training of": lambda net: net.train(not net.training),
    "module": lambda net: net.add_module("more", nn.Identity()),
    "torch's random state": lambda net: torch.rand(1),
    "numpy's random state": lambda net: np.random.rand(1),  # noqa: NPY002
    "grad mode": lambda net: torch.set_grad_enabled(False),
    "default dtype": lambda net: torch.set_default_dtype(torch.float64),
    "fast path of attention": lambda net: torch.backends.mha.set_fastpath_enabled(False),
    "cudnn flags": lambda net: setattr(torch.backends.cudnn, "benchmark", True),
}


@pytest.fixture
def process_restored():
    """What these tests change in the process, put back."""
    cudnn, numpy = torch.backends.cudnn.benchmark, np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        yield
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)
    torch.backends.mha.set_fastpath_enabled(True)
    torch.backends.cudnn.benchmark = cudnn
    np.random.set_state(numpy)  # noqa: NPY002


@pytest.mark.usefixtures("process_restored")
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed(name: str) -> None:
    net = built(BatchNormDropout)
    with pytest.raises(AssertionError, match=f"changed by the call: .*{name}"), unchanged(net):
        CHANGES[name](net)


def test_a_change_is_noticed_beside_an_exception() -> None:
    net = built(BatchNormDropout)

    def changed_then_failed() -> None:
        with unchanged(net):
            net.train(not net.training)
            raise ValueError

    with pytest.raises(AssertionError, match="training"):
        changed_then_failed()


def test_a_forward_pass_changes_nothing() -> None:
    net = built(BatchNormDropout).eval()
    with unchanged(net):
        net(torch.zeros(1, 3, 16, 16))
