"""Affinities of t-SNE: who counts as a neighbour, and how much."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

_MOST_STEPS = 60


class Affinities(NamedTuple):
    """The symmetric matrix P by rows: row i holds `columns[starts[i]:starts[i + 1]]`."""

    starts: Int[Tensor, " point+1"]
    columns: Int[Tensor, " entry"]
    values: Float[Tensor, " entry"]

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.starts) - 1

    def rows(self) -> Int[Tensor, " entry"]:
        """The row of every entry."""
        return torch.repeat_interleave(
            torch.arange(self.n, device=self.starts.device), self.starts.diff()
        )

    def dense(self) -> Float[Tensor, "point point"]:
        """The whole matrix, for few points."""
        full = self.values.new_zeros(self.n, self.n)
        full[self.rows(), self.columns.long()] = self.values
        return full


def conditional_affinities(
    distances: Float[Tensor, "point neighbour"], perplexity: float, tolerance: float = 1e-5
) -> Float[Tensor, "point neighbour"]:
    """p_{j|i} ∝ exp(−β_i d_ij²) with β_i such that 2^H(p_i) = perplexity, over known neighbours.

    Newton steps on ln β, or halves of the bracket where those leave it or do not bring the entropy
    twice as near; `tolerance` is of the entropy in nats. Where no β reaches the perplexity (more
    duplicates than that, or all neighbours equally far), the nearest possible: equal shares.

    **Source:** van der Maaten & Hinton 2008, eq. 1.
    """
    squares = distances.square()
    squares = squares - squares.amin(1, keepdim=True)
    scale = squares.mean(1, keepdim=True)
    squares = squares / scale.where(scale > 0, torch.ones_like(scale))
    wanted = math.log(perplexity)
    log_beta = torch.zeros_like(scale)
    low, high = torch.full_like(scale, -30.0), torch.full_like(scale, 30.0)
    missed = torch.full_like(scale, torch.inf)
    active = torch.arange(len(squares), device=squares.device)
    for _ in range(_MOST_STEPS):
        part = squares[active] if len(active) < len(squares) else squares
        at = log_beta[active]
        weights = torch.exp(-at.exp() * part)
        total = weights.sum(1, keepdim=True)
        mean = (weights * part).sum(1, keepdim=True) / total
        spread = (weights * part * part).sum(1, keepdim=True) / total - mean * mean
        excess = total.log() + at.exp() * mean - wanted
        below, above = low[active], high[active]
        below, above = below.where(excess < 0, at), above.where(excess > 0, at)
        step = at + excess / (at.exp().square() * spread).clamp_min(1e-12)
        inside = (step > below) & (step < above) & (excess.abs() < missed[active] / 2)
        low[active], high[active], missed[active] = below, above, excess.abs()
        left = ((excess.abs() > tolerance) & (above - below > 1e-6))[:, 0]
        active = active[left]
        if not len(active):
            break
        log_beta[active] = step.where(inside, (below + above) / 2)[left]
    weights = torch.exp(-log_beta.exp() * squares)
    shares: Tensor = weights / weights.sum(1, keepdim=True)
    return shares


def reached_perplexity(conditional: Float[Tensor, "point neighbour"]) -> Float[Tensor, " point"]:
    """2^H(p_i) of every row."""
    entropy: Tensor = torch.special.entr(conditional).sum(1)
    return entropy.exp()


def symmetric_affinities(
    conditional: Float[Tensor, "point neighbour"], indices: Int[Tensor, "point neighbour"]
) -> Affinities:
    """p_ij = (p_{j|i} + p_{i|j}) / 2n; the sum over all is 1."""
    n, k = conditional.shape
    rows = torch.arange(n, device=indices.device)[:, None].expand(n, k).reshape(-1)
    columns = indices.reshape(-1)
    halves = conditional.reshape(-1) / (2 * n)
    keys = torch.cat([rows * n + columns, columns * n + rows])
    keys, order = keys.sort(stable=True)
    values = torch.cat([halves, halves])[order]
    unique, inverse = torch.unique_consecutive(keys, return_inverse=True)
    summed = torch.zeros(len(unique), dtype=values.dtype, device=values.device)
    summed.index_add_(0, inverse, values)
    starts = torch.zeros(n + 1, dtype=torch.int32, device=values.device)
    starts[1:] = torch.bincount(unique // n, minlength=n).cumsum(0)
    summed /= summed.sum(dtype=torch.float64)
    return Affinities(starts, (unique % n).int(), summed)
