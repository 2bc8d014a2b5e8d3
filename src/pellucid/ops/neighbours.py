"""Nearest neighbours, exact: distances by matrix product, selection by groups."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

_BLOCK = 2**24
"""Distances at a time, 64 MB: with fewer the product is slow, with more what follows it."""

_SPARE = 8
"""Neighbours that are measured again beyond those asked for: the product rounds."""


def nearest_neighbours(
    points: Float[Tensor, "point feature"],
    k: int,
    queries: Float[Tensor, "query feature"] | None = None,
) -> tuple[Float[Tensor, "query {k}"], Int[Tensor, "query {k}"]]:
    """Euclidean distances to the k nearest points and their numbers, nearest first.

    Without `queries`, the points' own neighbours, none its own. Ties go to the lower number.
    The product |b|² − 2a·b ranks the candidates, differences of coordinates measure the winners,
    so cancellation does not reach the distances.
    """
    centre = points.mean(0)
    own = queries is None
    known = points - centre
    asked = known if queries is None else queries - centre
    n = len(known)
    kept = min(n, k + own + _SPARE)
    folds = max(1, min(16, int(0.7 * math.sqrt(n / kept))))
    width = -(-n // folds)
    right = known.new_zeros(width * folds, known.shape[1] + 1)
    right[:n, :-1], right[:n, -1] = known, known.square().sum(1)
    right[n:, -1] = torch.inf
    left = torch.cat([-2 * asked, asked.new_ones(len(asked), 1)], 1)
    rows = max(1, min(len(asked), _BLOCK // (width * folds)))
    room = known.new_empty(rows, width * folds)  # taken anew, its pages cost as much as the product
    distances = known.new_empty(len(asked), k)
    indices = torch.empty(len(asked), k, dtype=torch.int64, device=known.device)
    for start in range(0, len(asked), rows):
        part = slice(start, start + rows)
        scores = torch.mm(left[part], right.T, out=room[: len(asked[part])])
        if own:
            here = torch.arange(len(scores), device=known.device)
            scores[here, here + start] = torch.inf
        found = _lowest(scores, folds, min(kept, n - own))
        distances[part], indices[part] = _measured(asked[part], known, found, k)
    return distances, indices


def _lowest(scores: Tensor, folds: int, k: int) -> Tensor:
    """Columns of the k lowest scores of every row.

    Column c belongs to group c mod width. The k lowest scores lie in the k groups with the lowest
    minima, so only those are sorted.
    """
    rows, columns = scores.shape
    width = columns // folds
    if folds == 1 or k >= width:
        return scores.topk(k, 1, largest=False, sorted=False).indices
    folded = scores.view(rows, folds, width)
    groups = folded.amin(1).topk(k, 1, largest=False, sorted=False).indices
    candidates = (
        groups[:, None, :] + torch.arange(folds, device=scores.device)[None, :, None] * width
    ).flatten(1)
    best = scores.gather(1, candidates).topk(k, 1, largest=False, sorted=False).indices
    return candidates.gather(1, best)


def _measured(asked: Tensor, known: Tensor, found: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k nearest among those `found`, by differences; equal distances by number."""
    found = found.sort(1).values
    gaps = known[found].sub_(asked[:, None])
    lengths = torch.linalg.vector_norm(gaps, dim=2)
    order = lengths.argsort(dim=1, stable=True)[:, :k]
    return lengths.gather(1, order), found.gather(1, order)
