"""Shapley values: every feature's mean contribution over all coalitions, exact by enumeration."""

from typing import Annotated, Any, final

import pydantic
import torch

from ..core.call import Call
from ..core.inputs import Inputs
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..errors import NotApplicable
from ..parts.backgrounds import backgrounds
from ..parts.coalition_game import Game
from ..parts.coalition_sampling import paired_plan
from ..parts.coalitions import Features
from ..parts.segments import features_of
from ..parts.shapley_sampling import Sampling

MOST = 12
"""Features up to which all coalitions are evaluated: 4096 of them."""


@method(
    Card(
        name="shapley",
        title="Shapley values",
        paper="Shapley 1953; Štrumbelj & Kononenko 2010, JMLR 11",
        access="black_box",
        modalities=("table", "text", "series", "image", "volume"),
        promises=("completeness", "linear_exact", "implementation_invariance"),
        axes="space",
        space="probability",
        many_targets=True,
    )
)
@final
class Shapley(Method):
    """φ_i = Σ_S |S|! (M − |S| − 1)! / M! · (v(S ∪ i) − v(S)), S over all sets of other features.

    v(S) is the mean score of the input with the features outside S taken from the background. The
    values add up to the change of the score from the background to the input. Features that equal
    the background everywhere have the value 0 and cost nothing; of the others there may be 12. If
    the model fails midway, what is kept are estimates from the coalitions so far.

    **Units:** those of the target. **Cost:** 2^M passes per sample and row of the background.
    **Source:** Shapley 1953; Lundberg & Lee 2017, eq. 4 and 8.
    """

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
    """Cells along every axis of a grid; left out, as many as give at most 12 features."""

    def attribute(self, call: Call) -> Attribution:
        features = _features(call.inputs, self.segments, self.count)
        off = backgrounds(call.inputs, self.baseline, self.background, call.seed)
        game = Game(call, features, off)
        _need_few(game)
        sizes = [len(players) for players in game.players]
        plans = {size: paired_plan(size, 2**size, seed=0) for size in sizes}
        sampling = Sampling(game, [plans[size] for size in sizes], None, "Shapley values")
        sampling.spend()
        return sampling.attribution()


def _features(inputs: Inputs, segments: Any, count: int | None) -> Features:
    """The features; of a grid of the user's choice or the finest one that is few enough."""
    if count is not None or not isinstance(segments, str) or segments == "each":
        return features_of(inputs, segments, count)
    first = inputs.take(torch.zeros(1, dtype=torch.long))
    for cells in range(MOST, 1, -1):
        if features_of(first, segments, cells).most <= MOST:
            return features_of(inputs, segments, cells)
    return features_of(inputs, segments, 1)


def _need_few(game: Game) -> None:
    most = max(len(players) for players in game.players)
    if most > MOST:
        raise NotApplicable(
            f"Exact Shapley values of {most} features take 2^{most} passes; the most is {MOST} "
            "features.",
            "Use kernel_shap, which samples coalitions, or put features together with segments=.",
        )
