"""The number of rows that go through a network at once: planned, bounded, halved."""

from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.batching import CPU_BYTES, CPU_MOST, FEW, MOST_ROWS, plan
from pellucid.testing import unchanged
from pellucid.testing.nets import Plain, built

CPU = torch.device("cpu")
X = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("row_bytes", "rows"),
    [
        (1, MOST_ROWS),
        (CPU_BYTES // 64, 64),
        (CPU_BYTES // 100, 64),
        (CPU_BYTES, FEW),
        (CPU_MOST // 3, 2),
        (CPU_MOST * 2, 1),
    ],
)
def test_plan_keeps_activations_small(row_bytes: int, rows: int) -> None:
    assert plan(row_bytes, CPU) == rows
    assert plan(row_bytes, CPU, passes=2) <= rows


class Narrow(nn.Module):
    """Runs out of memory on more than `most` rows; its copies note their batches with it."""

    sizes: ClassVar[list[int]] = []

    def __init__(self, most: int) -> None:
        super().__init__()
        self.net, self.most = built(Plain), most
        self.sizes.clear()

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(len(x))
        if len(x) > self.most:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        found: Tensor = self.net(x)
        return found


@pytest.mark.usefixtures("own_random_state")
@pytest.mark.parametrize("name", ["smooth_grad", "integrated_gradients", "score_cam"])
def test_halves_until_a_batch_fits(name: str) -> None:
    rule = {"rule": "midpoint"} if name == "integrated_gradients" else {}
    net = Narrow(5)
    with unchanged(net):
        found = pl.explain(net, X, name, 0, **rule)
    wanted = pl.explain(built(Plain), X, name, 0, **rule)
    assert max(net.sizes) > 5
    late = net.sizes[-len(net.sizes) // 4 :]
    assert max(late) <= 5  # a size that fitted is kept
    size = np.abs(wanted.values).max()
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-5 * size)


def test_a_single_row_that_does_not_fit_is_said() -> None:
    net = Narrow(3)  # the batch itself fits, so that the work begins
    x = X[:1]
    pl.explain(net, x, "gradient")
    net.most = 0
    with pytest.raises((pl.PellucidError, RuntimeError), match=r"[Mm]emory"):
        pl.explain(net, x, "smooth_grad")


@pytest.mark.parametrize("name", ["smooth_grad", "integrated_gradients", "score_cam"])
def test_the_user_bounds_the_rows(name: str) -> None:
    net = Narrow(100)
    pl.explain(net, X, name, 0, batch_size=4)
    pl.explain(net, X, name, 0, batch_size=1)
    assert max(net.sizes) <= 4


def test_all_steps_of_all_samples_never_go_at_once() -> None:
    """100 samples of 16 steps and more: the largest batch is the planned one."""
    net = Narrow(10**6)
    found = pl.explain(net, X[:1].repeat(100, 1, 1, 1), "integrated_gradients", 0)
    assert found.cost["peak_batch"] <= MOST_ROWS
    assert max(net.sizes) <= MOST_ROWS < 100 * 16
