"""The private copy for many passes: folded, checked, and never in the way of the original."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.model import Model
from pellucid.core.prepared import prepared
from pellucid.testing.nets import BatchNormDropout, Plain, built
from pellucid.testing.quirks import QUIRKS

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def copied(net: nn.Module, x: Any = X) -> tuple[nn.Module, str]:
    model = Model(net.eval())
    with torch.no_grad():
        inputs = model.inputs(x, None)
        found, note = prepared(model, inputs, model.run(inputs))
    return found.module, note


@pytest.mark.parametrize("name", ["resnet_like", "mobilenet_like"])
def test_folds_batch_normalisation(name: str) -> None:
    quirk = QUIRKS[name]
    net = quirk.build()
    copy, note = copied(net, quirk.inputs())
    assert copy is not net, note
    folded, norms = (
        sum(isinstance(m, nn.BatchNorm2d) for m in one.modules()) for one in (copy, net)
    )
    assert folded < norms
    with torch.no_grad():
        torch.testing.assert_close(copy(quirk.inputs()), net(quirk.inputs()), rtol=1e-4, atol=1e-5)


def test_shares_the_weights_that_need_not_change() -> None:
    net = built(Plain)
    copy, _ = copied(net)
    own = {t.data_ptr() for t in net.parameters()}
    assert any(t.data_ptr() in own for t in copy.parameters())
    assert not any(t.requires_grad for t in copy.parameters())
    assert all(t.requires_grad for t in net.parameters())


def test_new_weights_make_a_new_copy() -> None:
    net = built(BatchNormDropout)
    before = copied(net)[0]
    with torch.no_grad():
        next(net.parameters()).mul_(2)
    copy, _ = copied(net)
    assert copy is not before
    with torch.no_grad():
        torch.testing.assert_close(copy(X), net(X), rtol=1e-4, atol=1e-5)


class KnowsItself(nn.Module):
    """Does something else once it is copied, as a network may that looks itself up by identity."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.me = built(Plain), id(self)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net(x)
        return found if id(self) == self.me else found + 1


class NoCopy(Plain):
    """Cannot be copied: holds a lock or an open file."""

    def __deepcopy__(self, memo: object) -> "NoCopy":
        raise TypeError("cannot pickle '_thread.lock' object")


@pytest.mark.parametrize(
    ("make", "words"), [(KnowsItself, "gave other outputs"), (NoCopy, "was not copied")]
)
def test_a_copy_that_is_not_the_network_is_not_used(make: type[nn.Module], words: str) -> None:
    net = built(make) if make is NoCopy else make()
    found, note = copied(net)
    assert found is net
    assert words in note
    e = pl.explain(net, X, "smooth_grad", n_samples=4)
    assert any(words in check.meaning for check in e.checks)
