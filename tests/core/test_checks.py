"""Every sample has its own verdict: what is wrong with one is not said of another."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import pellucid as pl
from pellucid.core.checks import Check, check_each, woven
from pellucid.core.completeness import completeness
from pellucid.render.reading import read
from pellucid.testing.nets import built, gap_net


class Gate(nn.Module):
    """Sees nothing in pictures that are black."""

    def __init__(self) -> None:
        super().__init__()
        self.net = built(lambda: gap_net(2))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net(x) * (x.amax((1, 2, 3)) > 0)[:, None]
        return found


X = torch.cat([torch.zeros(1, 2, 8, 8), torch.rand(1, 2, 8, 8)])


def test_a_dead_sample_does_not_condemn_the_others() -> None:
    e = pl.explain(Gate(), X, "gradient", 0)
    assert e.verdict == e[0].verdict == "failed"
    assert e[1].verdict == "ok"
    assert not any(check.name == "zero map" for check in e[1].checks)
    assert "zero" in read(e, 0).note.lower()
    assert read(e, 1).note == ""


def test_completeness_judges_every_sample() -> None:
    """A sample whose score does not change does not hide another that misses."""
    values = {"input": torch.tensor([[0.0], [0.5]])}
    gap, nothing = completeness(values, torch.tensor([0.0, 1.0]), torch.ones(2), 0.01)
    assert gap.verdicts == ("ok", "failed")
    assert gap.value == (0.0, 0.5)
    assert nothing.verdicts == ("poor", None)


def test_a_sum_without_a_change_is_wrong() -> None:
    values = {"input": torch.tensor([[0.5]])}
    gap, _ = completeness(values, torch.zeros(1), torch.ones(1), 0.01)
    assert gap.verdict == "failed"


def test_many_targets_are_woven_sample_by_sample() -> None:
    net = built(lambda: gap_net(2))
    both = pl.explain(net, torch.rand(2, 2, 8, 8), "integrated_gradients", pl.Class([0, 1]))
    (gap,) = [check for check in both.checks if check.name == "completeness gap"]
    assert len(gap.verdicts) == 4
    for target in (0, 1):
        alone = pl.explain(net, both.display, "integrated_gradients", target)
        (own,) = [check for check in alone.checks if check.name == "completeness gap"]
        np.testing.assert_allclose(gap.value[target::2], own.value, atol=1e-6)


def test_weaving_keeps_what_is_about_all_alike_once() -> None:
    note = Check("prepared copy", None, "ok", "…")
    groups = [[note, check_each("gap", [1, 2], ["ok", "poor"], "…")], [note]]
    alike, gap = woven(groups, 2)
    assert alike == note
    assert gap.verdicts == ("ok", None, "poor", None)


@pytest.mark.parametrize("index", [[1], np.array([False, True]), -1, slice(1, 2), np.int64(1)])
def test_samples_are_picked_as_from_an_array(index: object) -> None:
    e = pl.explain(Gate(), X, "gradient", 0)
    assert np.array_equal(e[index].values, e.values[1:])
    assert e[index].verdict == "ok"


@pytest.mark.parametrize("index", ["1", (0, 1), 1.0, [7], None])
def test_what_is_no_sample(index: object) -> None:
    with pytest.raises(pl.InputError):
        pl.explain(Gate(), X, "gradient", 0)[index]
