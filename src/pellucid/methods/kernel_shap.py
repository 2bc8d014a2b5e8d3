"""KernelSHAP: Shapley values of many features, estimated from sampled coalitions."""

from typing import Annotated, final

import pydantic

from ..core.call import Call
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..errors import NotApplicable, ParameterError
from ..parts.backgrounds import backgrounds
from ..parts.coalition_game import Game
from ..parts.coalition_sampling import paired_plan
from ..parts.segments import FEWER, features_of
from ..parts.shapley_sampling import Sampling

MOST = 2000
"""Features up to which the regression is solved."""

BEYOND = 2048
"""Coalitions beyond two a feature, as in the reference implementation of KernelSHAP."""


@method(
    Card(
        name="kernel_shap",
        title="KernelSHAP (leverage sampling)",
        paper="Lundberg & Lee 2017, arXiv:1705.07874; Musco & Witter 2024, arXiv:2410.01917",
        access="black_box",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("completeness", "linear_exact", "implementation_invariance"),
        axes="space",
        space="probability",
        randomised=True,
        many_targets=True,
    )
)
@final
class KernelSHAP(Method):
    """Shapley values as the regression of coalitions' scores on the features they hold.

    Coalitions are drawn in pairs with their complements, without replacement, evenly over the
    sizes; where the budget allows for all of them the values are exact. The values always add up to
    the change of the score from the background to the input. What three and five features do
    together is estimated along with it where that lowers the standard errors. All samples with as
    many features share one plan of coalitions; features that equal the background have the value 0
    and cost nothing.

    **Units:** those of the target. **Source:** Lundberg & Lee 2017, theorem 2; sampling and solve:
    Musco & Witter 2024; stopping: Covert & Lee 2021.
    """

    n_samples: Annotated[int, pydantic.Field(ge=4)] | None = None
    """Coalitions for every sample at most; left out 2048 + 2 · features, or all if they are fewer:
    what the reference implementation takes, so that a sample that stops early is never worse."""
    tolerance: Annotated[float, pydantic.Field(gt=0)] | None = 0.05
    """Stop a sample where, for every target, the largest standard error is at most this share of
    the range of its values; None takes the whole budget."""
    baseline: ArrayLike = "zero"
    """What absent features become, without a background: `zero`, `mean`, `blur`, `noise`, a
    number, or an array of the input's shape; of ids, the id that stands for nothing."""
    background: ArrayLike = None
    """At most 100 rows of the data `(B, …)` to take absent features from; the score is the mean
    over them."""
    segments: ArrayLike = "auto"
    """What is one feature: every column and token, and cells of a grid of anything else; or
    `grid`, `each`, or whole numbers `(*places)`, −1 where nothing is taken away."""
    count: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Cells along every axis of a grid (20 of a series, 7 of a picture, 4 of a volume)."""

    def attribute(self, call: Call) -> Attribution:
        features = features_of(call.inputs, self.segments, self.count)
        off = backgrounds(call.inputs, self.baseline, self.background, call.seed)
        game = Game(call, features, off)
        sizes = [len(players) for players in game.players]
        budgets = {size: self._pairs(size) for size in sizes}
        plans = {size: paired_plan(size, pairs, call.seed) for size, pairs in budgets.items()}
        sampling = Sampling(game, [plans[size] for size in sizes], self.tolerance, "KernelSHAP")
        sampling.spend()
        return sampling.attribution()

    def _pairs(self, features: int) -> int:
        """How many pairs of coalitions the budget has for a sample with so many features; the
        empty and the whole coalition are evaluated in any case."""
        if features > MOST:
            raise NotApplicable(
                f"KernelSHAP of {features} features solves for as many unknowns; the most is "
                f"{MOST}.",
                FEWER,
            )
        total = 2**features
        budget = total if self.n_samples is None else self.n_samples
        if self.n_samples is None:
            budget = min(total, 2 * features + BEYOND)
        least = min(total, 2 * features + 2)
        if budget < least:
            raise ParameterError(
                f"n_samples={budget} coalitions are too few for {features} features.",
                f"Give n_samples={least} or more, or fewer features with segments= or count=.",
            )
        return (min(budget, total) - 2) // 2 if features > 1 else 0
