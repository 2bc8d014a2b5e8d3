"""The network and the process are as they were, whatever the network does to itself."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.testing import unchanged
from pellucid.testing.nets import Plain, built

X = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


class Restless(nn.Module):
    """Does something to itself in every forward pass."""

    def __init__(self, act: Callable[[Any], object]) -> None:
        super().__init__()
        self.net, self.drop, self.act = built(Plain), nn.Dropout(0.5), act
        self.register_buffer("mask", None)
        self.register_buffer("steps", torch.zeros(()))
        self.calls, self.hidden = 0, torch.zeros(3)
        self.generator = torch.Generator().manual_seed(0)

    def forward(self, x: Tensor) -> Tensor:
        self.act(self)
        found: Tensor = self.net(x)
        return found


ACTS: dict[str, Callable[[Any], object]] = {
    "counts in a buffer": lambda net: net.steps.add_(1),
    "counts past the version": lambda net: net.steps.data.add_(1),
    "fills an empty buffer": lambda net: setattr(net, "mask", torch.ones(3)),
    "registers a buffer": lambda net: net.register_buffer("late", torch.ones(3), persistent=False),
    "replaces a buffer": lambda net: setattr(net, "steps", torch.ones(3)),
    "makes a buffer longer": lambda net: net.steps.resize_(3).fill_(1),
    "drops out at test time": lambda net: net.drop.train(),
    "draws random numbers": lambda net: torch.rand(3),
}


ATTRIBUTES: dict[str, Callable[[Any], object]] = {
    "counts its calls": lambda net: setattr(net, "calls", net.calls + 1),
    "keeps a state": lambda net: setattr(net, "hidden", torch.ones(3)),
    "writes to its state": lambda net: net.hidden.add_(1),
    "keeps something new": lambda net: setattr(net, "late", 1),
    "draws from its own generator": lambda net: torch.rand(3, generator=net.generator),
}


@pytest.mark.parametrize("act", ATTRIBUTES)
def test_attributes_of_networks(act: str) -> None:
    net = Restless(ATTRIBUTES[act]).eval()
    pl.explain(net, X, "gradient", 0)
    assert net.calls == 0
    assert torch.equal(net.hidden, torch.zeros(3))
    assert not hasattr(net, "late")
    fresh = torch.Generator().manual_seed(0)
    assert torch.equal(net.generator.get_state(), fresh.get_state())


@pytest.mark.usefixtures("own_random_state")
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["gradient", "grad_cam", "smooth_grad"])
def test_restless_networks(act: str, name: str) -> None:
    net = Restless(ACTS[act]).eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with unchanged(net):
        pl.explain(net, X, name, 0)
    after = net.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[key]) for key, value in before.items())


def test_two_threads_on_two_networks() -> None:
    """Random states and backend flags belong to the process, so calls take turns."""
    first, second = Restless(lambda net: torch.rand(1)).eval(), built(Plain)
    alone = pl.explain(first, X, "smooth_grad", 0).values
    state, fast = torch.get_rng_state(), torch.backends.mha.get_fastpath_enabled()
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda net=net: found.append(pl.explain(net, X, "smooth_grad", 0)))
        for net in (first, second, first, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert sum((e.values == alone).all() for e in found) >= 2
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.backends.mha.get_fastpath_enabled() == fast


class Overwriting(nn.Module):
    """Normalises its input in place."""

    def __init__(self) -> None:
        super().__init__()
        self.net = built(Plain)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net(x.sub_(0.5).mul_(2))
        return found


class Normalising(Overwriting):
    """The same without writing to it."""

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net((x - 0.5) * 2)
        return found


@pytest.mark.parametrize(
    "name", ["gradient", "integrated_gradients", "grad_cam", "cam", "ablation_cam", "score_cam"]
)
def test_networks_that_write_to_their_input(name: str) -> None:
    for given in (X.clone(), X.numpy().copy()):
        found = pl.explain(Overwriting(), given, name, 0)
        assert (torch.as_tensor(given) == X).all()
        twin = pl.explain(Normalising(), X, name, 0)
        torch.testing.assert_close(torch.tensor(found.values), torch.tensor(twin.values))
