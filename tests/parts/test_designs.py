"""Designs: Hadamard matrices, fold-over, uniform rows, and prefixes that do not change."""

import pytest
import torch

from pellucid.ops.hadamard import hadamard
from pellucid.parts.designs import Design, everything

KINDS = ("hadamard", "paired", "random", "removals")


@pytest.mark.parametrize(
    ("least", "order"), [(1, 1), (2, 2), (3, 4), (9, 12), (13, 16), (19, 20), (61, 64), (65, 68)]
)
def test_hadamard_matrices_are_orthogonal(least: int, order: int) -> None:
    matrix = hadamard(least)
    assert matrix.shape == (order, order)
    assert set(matrix.unique().tolist()) <= {-1.0, 1.0}
    assert torch.equal(matrix.T @ matrix, order * torch.eye(order).double())
    assert bool((matrix[:, 0] == 1).all())


@pytest.mark.parametrize("features", [1, 2, 3, 7, 18, 60])
def test_a_hadamard_block_estimates_main_effects_free_of_pairs(features: int) -> None:
    design = Design("hadamard", features, seed=3)
    signs = 2 * design.rows(0, design.block).double() - 1
    assert torch.equal(signs.T @ signs, design.block * torch.eye(features).double())
    assert bool((signs.sum(0) == 0).all())
    # Complements: the product of two features is orthogonal to every feature.
    products = signs[:, :, None] * signs[:, None, :]
    assert float(torch.einsum("rf,rgh->fgh", signs, products).abs().max()) == 0


@pytest.mark.parametrize("kind", ["hadamard", "paired"])
def test_rows_come_in_complements(kind: str) -> None:
    rows = Design(kind, 11, seed=0).rows(0, 100)
    assert bool((rows[::2] ^ rows[1::2]).all())


@pytest.mark.parametrize("kind", ["hadamard", "paired"])
def test_few_rows_come_without_complements(kind: str) -> None:
    """60 features: 64 rows in pairs would span 32 directions; as they are they span all."""
    design = Design(kind, 60, seed=0)
    assert not design.within(64).paired
    assert design.within(128).paired
    rows = design.within(64).rows(0, 64)
    assert not (rows[::2] ^ rows[1::2]).all(1).any()
    if kind == "hadamard":
        assert int(torch.linalg.matrix_rank(2 * rows.double() - 1)) == 60


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("features", [1, 5, 40])
def test_a_longer_design_begins_with_the_shorter(kind: str, features: int) -> None:
    design = Design(kind, features, seed=8)
    whole = design.rows(0, 300)
    parts = [design.rows(a, b) for a, b in ((0, 7), (7, 130), (130, 130), (130, 300))]
    assert whole.shape == (300, features)
    assert torch.equal(torch.cat(parts), whole)
    assert torch.equal(Design(kind, features, seed=8).rows(0, 300), whole)
    if features > 1:
        assert not torch.equal(Design(kind, features, seed=9).rows(0, 300), whole)


@pytest.mark.parametrize("kind", ["hadamard", "paired", "random"])
def test_every_row_is_uniform(kind: str) -> None:
    """Over seeds, each of the 2³ choices is as likely as any other in any given row."""
    rows = torch.stack([Design(kind, 3, seed).rows(0, 4) for seed in range(2000)])
    index = (rows * torch.tensor([1, 2, 4])).sum(2)
    shares = torch.stack([(index == choice).float().mean(0) for choice in range(8)])
    assert float((shares - 1 / 8).abs().max()) < 0.035  # 4.7 standard deviations


def test_removals_take_away_one_to_all() -> None:
    removed = (~Design("removals", 6, 0).rows(0, 6000)).sum(1)
    assert int(removed.min()) == 1
    shares = torch.bincount(removed, minlength=7)[1:] / 6000
    assert float((shares - 1 / 6).abs().max()) < 0.025


@pytest.mark.parametrize("kind", ["hadamard", "paired", "random"])
def test_levels_are_uniform_and_lie_where_the_rows_say(kind: str) -> None:
    design = Design(kind, 5, seed=1)
    levels, rows = design.levels(0, 4000), design.rows(0, 4000)
    assert torch.equal(levels < 0.5, rows)
    assert float(levels.min()) >= 0
    assert float(levels.max()) < 1
    shares = torch.histc(levels.float(), 10, 0, 1) / levels.numel()
    assert float((shares - 0.1).abs().max()) < 0.01


def test_everything_lists_each_choice_but_the_whole_once() -> None:
    rows = everything(3)
    assert rows.shape == (7, 3)
    assert len(rows.unique(dim=0)) == 7
    assert not rows.all(1).any()
