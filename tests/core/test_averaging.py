"""Rectifiers averaged over the cells of a path, and cells that follow the gradient's changes."""

import numpy as np
import pytest
import torch
from torch import nn

from pellucid.core.averaging import averaged, rows_lead
from pellucid.core.inputs import Inputs
from pellucid.core.model import Model
from pellucid.core.trace import record
from pellucid.ops.kinks import mean_passing
from pellucid.ops.quadrature import equidistributed, gauss_legendre, midpoint


@pytest.mark.parametrize("top", [None, 6.0])
def test_the_share_of_a_cell_in_which_a_rectifier_passes(top: float | None) -> None:
    """Against 10 000 points of each cell."""
    z = torch.linspace(-3, 9, 41, dtype=torch.float64)
    change = torch.linspace(-5, 5, 41, dtype=torch.float64).roll(13)
    within = z[:, None] + change[:, None] * (torch.arange(10_000) / 10_000 - 0.49995)
    on = (within > 0) & (within < (top or torch.inf))
    found = mean_passing(z, change, top)
    torch.testing.assert_close(found, on.double().mean(1), atol=2e-4, rtol=0)


def test_a_unit_that_does_not_change_is_on_or_off() -> None:
    z = torch.tensor([-1.0, 0.0, 1.0])
    assert mean_passing(z, torch.zeros(3)).tolist() == [0, 0, 1]


def test_one_kink_is_integrated_exactly() -> None:
    """relu(3t − 1) on [0, 1] in four cells: its slope is 3 on two thirds of the path."""
    edges = torch.linspace(0, 1, 5, dtype=torch.float64)
    at, width = midpoint(edges)
    t = at.clone().requires_grad_()
    with averaged(torch.zeros(4, dtype=torch.long), at, width):
        y = torch.relu(3 * t - 1)
    (slope,) = torch.autograd.grad(y.sum(), t)
    assert float((slope * width).sum()) == pytest.approx(2.0, abs=1e-12)


def test_runs_do_not_see_each_other() -> None:
    """Rows of another path next to a row change nothing."""
    at = torch.tensor([0.25, 0.75, 0.25, 0.75], dtype=torch.float64)
    width = torch.full((4,), 0.5, dtype=torch.float64)
    z = torch.tensor([-1.0, 2.0, 50.0, -70.0], dtype=torch.float64)

    def slopes(rows: slice) -> torch.Tensor:
        leaf = z[rows].clone().requires_grad_()
        with averaged(torch.tensor([0, 0, 1, 1])[rows], at[rows], width[rows]):
            y = torch.relu(leaf)
        return torch.autograd.grad(y.sum(), leaf)[0]

    both = slopes(slice(0, 4))
    torch.testing.assert_close(both, torch.cat([slopes(slice(0, 2)), slopes(slice(2, 4))]))


class Turned(nn.Module):
    """Steps first, samples second, as recurrent networks like it."""

    def __init__(self, turned: bool) -> None:
        super().__init__()
        self.linear, self.turned = nn.Linear(3, 4), turned

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.linear(x.transpose(0, 1) if self.turned else x).relu()
        return y.mean(0) if self.turned else y.mean(1)


@pytest.mark.parametrize("turned", [False, True])
def test_only_rectifiers_with_samples_first_are_averaged(turned: bool) -> None:
    net = Model(Turned(turned))
    assert rows_lead(record(net, Inputs.of(torch.randn(2, 7, 3)))) is not turned


def test_cells_follow_the_changes() -> None:
    """All change lies in the first tenth: there the cells are small, and a few stay elsewhere."""
    edges = torch.linspace(0, 1, 11, dtype=torch.float64)
    change = torch.tensor([5.0] + 8 * [0.0], dtype=torch.float64)
    found = equidistributed(edges, change, 20)
    assert found[0] == 0
    assert found[-1] == pytest.approx(1)
    assert (found.diff() > 0).all()
    assert 12 <= int((found < 0.2).sum()) < 20


def test_cells_without_a_change_are_equal() -> None:
    edges = torch.tensor([0, 0.1, 1.0], dtype=torch.float64)
    found = equidistributed(edges, torch.zeros(1, dtype=torch.float64), 4)
    np.testing.assert_allclose(found, [0, 0.25, 0.5, 0.75, 1])


@pytest.mark.parametrize("n", [1, 2, 7, 64, 65, 200])
def test_gauss_legendre_weights_add_up_and_integrate_a_cubic(n: int) -> None:
    at, weight = gauss_legendre(n)
    assert len(at) == n
    assert float(weight.sum()) == pytest.approx(1)
    if n > 1:
        assert float((weight * at**3).sum()) == pytest.approx(0.25)
