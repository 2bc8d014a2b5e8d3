"""How much of the data a map keeps, and how well it parts classes."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .neighbours import nearest_neighbours

_MOST = 2000
"""Points that are looked at; more would not change the mean visibly."""


def some_points(n: int, most: int = _MOST) -> Int[Tensor, " chosen"]:
    """At most `most` of n points, evenly spread over their order."""
    count = min(n, most)
    return torch.arange(count) * n // count


def neighbours_of(
    points: Float[Tensor, "point axis"], chosen: Int[Tensor, " chosen"], k: int
) -> Int[Tensor, "chosen {k}"]:
    """The k nearest others of some points."""
    chosen = chosen.to(points.device)
    found = nearest_neighbours(points, k + 1, points[chosen])[1]
    own = found == chosen[:, None]
    own[~own.any(1), -1] = True  # more duplicates than neighbours: the last one goes
    return found[~own].view(len(chosen), k)


def neighbour_recall(
    features: Float[Tensor, "point feature"], points: Float[Tensor, "point axis"], k: int = 10
) -> float:
    """Share of the k nearest neighbours in feature space that are among the k nearest in the
    map."""
    chosen = some_points(len(points))
    before, after = (neighbours_of(space, chosen, k) for space in (features, points))
    kept = (before[:, :, None] == after[:, None, :]).any(2)
    return float(kept.double().mean())


def neighbourhood_hit(
    points: Float[Tensor, "point axis"], labels: Int[Tensor, " point"], k: int = 10
) -> float:
    """Mean share of a point's k nearest neighbours that have its label.

    **Source:** Paulovich et al. 2008.
    """
    chosen = some_points(len(points))
    near = labels[neighbours_of(points, chosen, k)]
    return float((near == labels[chosen.to(labels.device)][:, None]).double().mean())


def silhouette(points: Float[Tensor, "point axis"], labels: Int[Tensor, " point"]) -> float:
    """Mean of (b − a) / max(a, b): a is the mean distance to the own label's other points, b the
    least mean distance to another label's. From −1 to 1; a label of one point counts 0.

    **Source:** Rousseeuw 1987.
    """
    values, index = torch.unique(labels, return_inverse=True)
    if len(values) < 2:
        return float("nan")
    member = torch.nn.functional.one_hot(index, len(values)).to(points.dtype)
    sizes = member.sum(0)
    chosen = some_points(len(points)).to(points.device)
    mine = index[chosen]
    totals = torch.cat(
        [torch.cdist(points[part], points) @ member for part in torch.split(chosen, 256)]
    )
    here = torch.arange(len(chosen), device=points.device)
    own = totals[here, mine] / (sizes[mine] - 1).clamp_min(1)
    means = totals / sizes
    means[here, mine] = torch.inf
    other = means.amin(1)
    scores = (other - own) / torch.maximum(own, other).clamp_min(1e-30)
    return float(scores.where(sizes[mine] > 1, 0.0).double().mean())


def nearest_label_error(
    points: Float[Tensor, "point axis"], labels: Int[Tensor, " point"]
) -> float:
    """Share of points whose nearest neighbour has another label: leave-one-out 1-NN error."""
    chosen = some_points(len(points))
    near = labels[neighbours_of(points, chosen, 1)[:, 0]]
    return float((near != labels[chosen.to(labels.device)]).double().mean())
