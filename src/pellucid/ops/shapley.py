"""Shapley values of set functions: exact from the scores of all coalitions."""

from math import comb

import torch
from torch import Tensor


def all_coalitions(features: int) -> Tensor:
    """Every coalition `(2^M, M)` as bool; row r holds the bits of r, so the first is empty and the
    last is whole."""
    rows = torch.arange(2**features)[:, None]
    return (rows >> torch.arange(features)) & 1 == 1


def exact_values(scores: Tensor) -> Tensor:
    """Shapley values `(M, …)` from the scores `(2^M, …)` of `all_coalitions`.

    φ_i = Σ_S |S|! (M − |S| − 1)! / M! · (v(S ∪ i) − v(S)) over the S without i (Shapley 1953).
    """
    features = (len(scores) - 1).bit_length()
    if not features:
        return scores.new_zeros(0, *scores.shape[1:], dtype=torch.float64)
    present = all_coalitions(features)
    size = present.sum(1)
    share = torch.tensor([1.0 / (features * comb(features - 1, k)) for k in range(features)])
    # A coalition of size k adds with the weight of k − 1 to its members, takes with k from others.
    member = torch.cat([torch.zeros(1), share]).double()
    other = torch.cat([share, torch.zeros(1)]).double()
    weights = torch.where(present, member[size][:, None], -other[size][:, None])
    flat = weights.T @ scores.double().flatten(1)
    return flat.view(features, *scores.shape[1:])


def values_of_pairs(pairs: Tensor, scores: Tensor, empty: Tensor, whole: Tensor) -> Tensor:
    """Shapley values `(M, K)` from the scores `(P, 2, K)` of all pairs `(P, M)` of a coalition and
    its complement, and those `(K,)` of no feature and of all."""
    features = pairs.shape[1]
    index = (pairs.long() << torch.arange(features)).sum(1)
    every = torch.zeros(2**features, len(empty), dtype=torch.float64)
    every[index], every[2**features - 1 - index] = scores[:, 0], scores[:, 1]
    every[0], every[-1] = empty, whole
    return exact_values(every)
