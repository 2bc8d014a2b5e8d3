"""Shapley values by regression on pairs of complementary coalitions, with standard errors.

Of a set function v only its odd part counts: y(S) = ½(v(S) − v(rest)) less what an equal share of
the whole change would give. Everything here is linear in y and depends on the coalitions alone, so
one factorisation serves every row of a table and every target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

MOST_INTERACTING = 3000
"""Pairs up to which interactions are modelled: the time grows with the cube of their number."""

LINEAR, CUBIC, QUINTIC, NOISE = 30.0, 0.8, 0.2, 0.03
"""Prior variances: of what single features do, of what three and five do together (one pair's
variance from interactions is 1), and of the rest. Even orders cancel within a pair."""


@dataclass(frozen=True)
class Drawn:
    """Pairs `(P, M)` as bool, one coalition of each, drawn without replacement from strata by size.

    `strata` `(P,)` numbers each pair's stratum, `population` how many pairs each stratum has.
    """

    pairs: Tensor
    strata: Tensor
    population: Tensor

    @property
    def counts(self) -> Tensor:
        """Pairs drawn from every stratum."""
        return self.strata.bincount(minlength=len(self.population)).double()

    @property
    def share(self) -> Tensor:
        """The share of its stratum that is drawn, for every pair."""
        return (self.counts / self.population)[self.strata]

    @property
    def whole(self) -> bool:
        """Whether all pairs are here."""
        return len(self.pairs) == int(self.population.sum())

    def first(self, count: int) -> "Drawn":
        """The first `count` pairs."""
        return Drawn(self.pairs[:count], self.strata[:count], self.population)

    def coalitions(self, start: int, stop: int) -> Tensor:
        """Pairs `start` to `stop` as coalitions `(2 · pairs, M)`: each, then its complement."""
        part = self.pairs[start:stop]
        return torch.stack([part, ~part], 1).flatten(0, 1)

    def responses(self, scores: Tensor, change: Tensor) -> Tensor:
        """y `(P, K)` from scores `(P, 2, K)` of coalitions and complements, and the change `(K,)`
        from no feature to all."""
        features = self.pairs.shape[1]
        more = (2 * self.pairs.sum(1).double() - features) / features
        return (scores[:, 0] - scores[:, 1] - more[:, None] * change) / 2


@dataclass(frozen=True)
class Estimator:
    """One linear estimator of the Shapley values from responses.

    `operator` `(M, P)` gives their deviations from an equal share; `pull` `(M, P)` is what one
    response's misfit does to them; `misfit(responses)` is what each response differs by from what
    the others predict.
    """

    operator: Tensor
    pull: Tensor
    misfit: Callable[[Tensor], Tensor]

    def deviations(self, responses: Tensor) -> Tensor:
        """`(M, K)` from responses `(P, K)`; they add up to 0."""
        found = self.operator @ responses
        return found - found.mean(0)

    def variances(self, responses: Tensor, drawn: Drawn) -> Tensor:
        """Variances `(M, K)` over draws of the pairs: those of stratified sampling without
        replacement, linearised, of misfits to the other pairs (Särndal et al. 1992, section 6.6).

        A stratum that is all there has none.
        """
        misfit = self.misfit(responses)
        total = misfit.new_zeros(len(self.operator), misfit.shape[1])
        counts = drawn.counts
        for stratum in range(len(counts)):
            count = float(counts[stratum])
            rest = 1 - count / float(drawn.population[stratum])
            if rest <= 0 or not count:
                continue
            chosen = (drawn.strata == stratum).nonzero().flatten()
            pull, e = self.pull[:, chosen], misfit[chosen]
            squares = pull.square() @ e.square()
            if count > 1:  # about the stratum's own mean
                squares = (squares - (pull @ e).square() / count) * (count / (count - 1))
            total += rest * squares.clamp_min(0)
        return total


def linear_estimator(drawn: Drawn) -> Estimator:
    """Weighted least squares of an additive function; each pair stands for as many as its stratum
    has for one drawn.

    The constraint that the values add up to the whole change is eliminated by projection, so it
    holds exactly (Musco & Witter 2024, section 3).
    """
    rows, weights = _design(drawn)
    scaled = rows * weights.sqrt()[:, None]
    inverse = torch.linalg.pinv(scaled.T @ scaled, rtol=1e-10, hermitian=True)
    pull = inverse @ (rows * weights[:, None]).T
    own = (rows * pull.T).sum(1)
    # A fit is too close to what it was fitted to: without the pair itself it misses by 1/(1 − h).
    left = (1 - own).clamp_min(1e-3)[:, None]
    return Estimator(pull, pull, lambda y: (y - rows @ (pull @ y)) / left)


def interaction_estimator(drawn: Drawn, linear: Estimator) -> Estimator:
    """The linear one, corrected for interactions of three and five features.

    A Gaussian process over coalitions predicts y; the values of its prediction are known in closed
    form, and the regression is left with the misfits (a generalised difference estimator: it stays
    consistent however wrong the process is).
    """
    count, features = drawn.pairs.shape
    # The pair of no feature and all is known: its response is 0.
    pairs = torch.cat([drawn.pairs, torch.ones(1, features, dtype=torch.bool)])
    noise = torch.full((count + 1,), NOISE, dtype=torch.float64)
    noise[-1] = 1e-6
    signs = pairs.double() * 2 - 1
    kernel = _kernel(signs) + noise.diag()
    inverse = torch.linalg.inv(kernel)[:, :count]
    predicted = _values_of_kernel(signs).T @ inverse
    inverse = inverse[:count]
    alone = inverse.diagonal()
    # Of those drawn the misfit is known; for those not drawn it is that to the other pairs.
    factor = drawn.share * NOISE + (1 - drawn.share) / alone
    operator = predicted + linear.pull @ (factor[:, None] * inverse)
    return Estimator(operator, linear.pull, lambda y: (inverse @ y) / alone[:, None])


def estimate(
    estimators: Sequence[Estimator], responses: Tensor, drawn: Drawn
) -> tuple[Tensor, Tensor]:
    """Deviations from an equal share and standard errors, `(M, K)` each, from responses `(P, K)`:
    for every column those of the estimator that has the smaller errors."""
    values = torch.stack([one.deviations(responses) for one in estimators])
    variances = torch.stack([one.variances(responses, drawn) for one in estimators])
    best = variances.sum(1).argmin(0)  # (K,)
    index = best.expand(1, values.shape[1], -1)
    return values.gather(0, index)[0], variances.gather(0, index)[0].sqrt()


def estimators(drawn: Drawn) -> list[Estimator]:
    """What to choose from: without interactions, and with them where that is affordable."""
    linear = linear_estimator(drawn)
    if drawn.pairs.shape[1] < 3 or len(drawn.pairs) > MOST_INTERACTING:
        return [linear]
    return [linear, interaction_estimator(drawn, linear)]


def _design(drawn: Drawn) -> tuple[Tensor, Tensor]:
    """Centred coalitions `(P, M)` and the weights `(P,)` of their pairs."""
    features = drawn.pairs.shape[1]
    size = drawn.pairs.sum(1).double()
    rows = drawn.pairs.double() - size[:, None] / features
    # The kernel of one coalition is 1 / (C(M, k) k (M − k)) (Lundberg & Lee 2017, theorem 2), and
    # one drawn stands for C(M, k) / m; of half the features there are half as many pairs.
    halved = torch.where(2 * size == features, 0.5, 1.0)
    return rows, halved / (size * (features - size) * drawn.counts[drawn.strata])


def _kernel(signs: Tensor) -> Tensor:
    """Covariance `(Q, Q)` of y between coalitions with signs `(Q, M)`, before noise."""
    features = signs.shape[1]
    orders = _krawtchouk(signs @ signs.T / features, features)
    return sum((variance * orders[j] for j, variance in _orders(features)), torch.zeros(()))


def _values_of_kernel(signs: Tensor) -> Tensor:
    """Shapley values `(Q, M)` of the covariance with each coalition, as a function of the other.

    A product of j signs gives each of its members 2/j (j odd); summed over all products of j
    signs that is again a Krawtchouk polynomial, of the other M − 1 features.
    """
    features = signs.shape[1]
    orders = _krawtchouk((signs.sum(1, keepdim=True) - signs) / (features - 1), features - 1)
    found = sum((variance * orders[j - 1] for j, variance in _orders(features)), torch.zeros(()))
    return 2 / features * signs * found


def _orders(features: int) -> list[tuple[int, float]]:
    return [(j, v) for j, v in ((1, LINEAR), (3, CUBIC), (5, QUINTIC)) if j <= features]


def _krawtchouk(t: Tensor, features: int) -> list[Tensor]:
    """The mean over all products of j of M signs, j from 0 to 5, where the signs' mean is t."""
    found = [torch.ones_like(t), t]
    for j in range(1, min(5, features)):
        found.append((features * t * found[j] - j * found[j - 1]) / (features - j))
    return found
