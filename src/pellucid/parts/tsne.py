"""t-SNE: a map in which near neighbours stay near neighbours."""

import math
import time
from dataclasses import asdict, dataclass
from typing import Any, final

import torch
from torch import Tensor

from ..core.checks import Check
from ..core.item_map import ItemMap
from ..core.progress import Event, Progress
from ..core.record import versions
from ..errors import InputError, ParameterError
from ..ops.affinities import (
    Affinities,
    conditional_affinities,
    reached_perplexity,
    symmetric_affinities,
)
from ..ops.map_quality import neighbour_recall
from ..ops.neighbours import nearest_neighbours
from ..ops.principal import principal_axes
from ..ops.tsne import normaliser
from .approximate_neighbours import approximate_neighbours, is_installed
from .attraction import Attraction
from .descent import Descent
from .map_features import Features, matrix_of, reduced
from .repulsion import ExactRepulsion, MeshRepulsion, Repulsion

_ALL_PAIRS = 700
"""Points up to which repulsion runs over all pairs: there it is quicker than a grid."""

_EXACT_NEIGHBOURS = 200_000
"""Points up to which neighbours are exact by default."""

_EXACT_SUM = 20_000
"""Points up to which the last KL sums over all pairs; beyond, on a grid that errs by 1e-5."""

_REPORT = 25
"""Steps between two entries of the history."""

_MOMENTUM = 0.8
"""Momentum of the first phase."""

_WEIGH = 2
"""Steps for which the weights of the attraction serve: where the map rests, they are the same."""

_START = 1e-4
"""Standard deviation of the start along its first axis."""


@final
@dataclass(frozen=True, kw_only=True)
class TSNE:
    """t-SNE with exact neighbours, a start from principal components, repulsion by a particle mesh.

    **Source:** van der Maaten & Hinton 2008; rate n / exaggeration by Belkina et al. 2019; start
    from principal components by Kobak & Berens 2019; mesh after Linderman et al. 2019, with one
    charge and cubic B-splines.
    """

    perplexity: float = 30.0
    """Effective number of neighbours; lowered to (n − 1) / 3 for few items."""
    exaggeration: float = 12.0
    """Factor of the attraction in the first phase."""
    early_iterations: int = 80
    """Steps of the first phase."""
    iterations: int = 250
    """Steps after it."""
    learning_rate: float | None = None
    """n / exaggeration of the phase where none is given."""
    start: str = "pca"
    """Principal components, or noise from the seed."""
    components: int | None = 50
    """Principal components that stand for the features where there are more; None keeps all."""
    neighbours: str | None = None
    """`exact` or `approximate` (extra `neighbours`); left out, approximate above 200 000 items
    where its library is installed."""
    early_stopping: bool = False
    """End when the KL divergence changes by less than 1 / 5000 of itself in 25 steps."""

    def __post_init__(self) -> None:
        for name in ("perplexity", "exaggeration"):
            if not getattr(self, name) >= 1:
                raise ParameterError(f"{name}={getattr(self, name)!r}.", "Give at least 1.")
        for name in ("early_iterations", "iterations"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 0:
                raise ParameterError(f"{name}={getattr(self, name)!r}.", "Give 0 or more.")
        choices = {"start": ("pca", "random"), "neighbours": (None, "exact", "approximate")}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ParameterError(f"{name}={getattr(self, name)!r}.", f"Choose among {known}.")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise ParameterError(f"learning_rate={self.learning_rate!r}.", "Give more than 0.")
        if self.components is not None and self.components < 2:
            raise ParameterError(f"components={self.components!r}.", "Give at least 2, or None.")

    def fit(self, x: Any, *, seed: int = 0, progress: Progress | None = None) -> ItemMap:
        """Map the items of `x`, an array or tensor `(n, …)`, on the device it is on.

        The same seed, machine and versions give the same bits on a CPU.
        Raises `InputError` for fewer than 2 items or values that are not finite.
        """
        began = time.perf_counter()
        matrix = matrix_of(x)
        n = len(matrix)
        if n < 2:
            raise InputError("One item has no neighbours to lie beside.", "Give at least 2.")
        features = reduced(matrix, self.components, seed)
        with torch.no_grad():
            p, checks = self.affinities(features.values, seed)
            descent = Descent(self._start(features, seed), Attraction(p), repulsion_of(n))
            history = self._descend(descent, progress or Progress())
            points = descent.points
            kl = exact_divergence(p, points)
            recall = neighbour_recall(features.values, points, min(10, n - 1))
        checks += _convergence(history, self.early_stopping)
        history[-1:] = [(step, kl) for step, _ in history[-1:]]
        return ItemMap(
            points=_array(points),
            features=_array(features.values),
            method="tsne",
            params=asdict(self),
            seed=seed,
            kl=kl,
            recall=recall,
            history=_array(torch.tensor(history).reshape(-1, 2)),
            centre=None if features.centre is None else _array(features.centre),
            axes=None if features.axes is None else _array(features.axes),
            checks=checks,
            record={"versions": dict(versions()), "seconds": time.perf_counter() - began},
        )

    def effective_perplexity(self, n: int) -> float:
        """The perplexity that n items allow."""
        return max(1.0, min(self.perplexity, max((n - 1) / 3, min(n - 1, 2))))

    def affinities(self, features: Tensor, seed: int = 0) -> tuple[Affinities, tuple[Check, ...]]:
        """The symmetric matrix P of features `(n, d)`, and what is to be said about it."""
        n = len(features)
        perplexity = self.effective_perplexity(n)
        k = min(n - 1, max(1, math.ceil(3 * perplexity)))
        way = self.neighbours
        if way is None:
            way = "approximate" if n > _EXACT_NEIGHBOURS and is_installed() else "exact"
        find = approximate_neighbours if way == "approximate" else None
        distances, indices = (
            nearest_neighbours(features, k) if find is None else find(features, k, seed)
        )
        conditional = conditional_affinities(distances, perplexity)
        checks = _perplexity_checks(self.perplexity, perplexity, reached_perplexity(conditional))
        return symmetric_affinities(conditional, indices), checks

    def _start(self, features: Features, seed: int) -> Tensor:
        """Points of standard deviation 1e-4; noise stands in for axes without variance."""
        values = features.values
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(len(values), 2, generator=generator).to(values) * _START
        if self.start == "random":
            return noise
        centre, axes = principal_axes(values, 2, seed)
        points = (values - centre) @ axes
        flat = points.std(0, correction=0) == 0
        scale = points[:, 0].std(correction=0)
        points = points / scale.where(scale > 0, torch.ones_like(scale)) * _START
        return torch.where(flat, noise, points)

    def _descend(self, descent: Descent, progress: Progress) -> list[tuple[float, float]]:
        history: list[tuple[float, float]] = []
        total, began = self.early_iterations + self.iterations, time.perf_counter()
        for step in range(total):
            early = step < self.early_iterations
            if step == self.early_iterations:
                descent.rest()
            factor = self.exaggeration if early else 1.0
            rate = self.learning_rate or max(len(descent.points) / factor, 50.0)
            momentum = (
                _MOMENTUM if early else _growing(step - self.early_iterations, self.iterations)
            )
            descent.step(rate, momentum, factor, weigh=step % _WEIGH == 0)
            if (step + 1) % _REPORT == 0 or step + 1 == total:
                history.append((step + 1.0, descent.divergence()))
                progress.report(Event("t-SNE", step + 1, total, time.perf_counter() - began))
                if self.early_stopping and not early and _settled(history):
                    break
        return history


def _growing(step: int, steps: int) -> float:
    """Momentum of the second phase, from 0.92 towards 1 as the map settles: a constant 0.8 takes
    more than twice the steps to the same divergence."""
    return min(0.985, 0.92 + 0.085 * step / max(steps, 1))


def repulsion_of(n: int) -> Repulsion:
    """Over all pairs of few points, on a mesh for many."""
    return ExactRepulsion() if n <= _ALL_PAIRS else MeshRepulsion()


def exact_divergence(p: Affinities, points: Tensor) -> float:
    """KL(P‖Q) of a map, the normaliser over all pairs or on a fine grid."""
    z = normaliser(points) if len(points) <= _EXACT_SUM else MeshRepulsion(0.25)(points)[1]
    return Attraction(p).divergence(points, z)


def _perplexity_checks(asked: float, used: float, reached: Tensor) -> tuple[Check, ...]:
    found = []
    if used < asked:
        found.append(
            Check(
                "perplexity",
                used,
                "ok",
                f"perplexity {asked:g} was lowered to {used:.3g}, for there are few items",
            )
        )
    off = int(((reached - used).abs() > 0.01 * used).sum())
    if off:
        found.append(
            Check(
                "equal items",
                float(off),
                "poor" if off > 0.01 * len(reached) else "ok",
                f"{off} of {len(reached)} items have so many neighbours at one distance "
                "(duplicates) that no bandwidth gives the perplexity",
            )
        )
    return tuple(found)


def _settled(history: list[tuple[float, float]]) -> bool:
    if len(history) < 2:
        return False
    before, after = history[-2][1], history[-1][1]
    return before - after < after / 5000


def _convergence(history: list[tuple[float, float]], stopping: bool) -> tuple[Check, ...]:
    if len(history) < 2:
        return ()
    change = (history[-2][1] - history[-1][1]) / max(history[-1][1], 1e-12)
    steps = int(history[-1][0] - history[-2][0])
    return (
        Check(
            "convergence",
            change,
            "ok" if abs(change) < 0.01 else "poor",
            f"the KL divergence changed by {abs(change):.2%} in the last {steps} steps"
            + (", which ended early" if stopping and _settled(history) else ""),
        ),
    )


def _array(tensor: Tensor) -> Any:
    return tensor.detach().to("cpu", torch.float32).numpy()
