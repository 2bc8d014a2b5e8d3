"""Score-CAM: channels weighted by the score that the input keeps when seen through them."""

from collections.abc import Callable
from typing import final

import torch
from torch import Tensor

from ..core.call import Call
from ..core.maps import choose_map, layer_map
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..errors import NotApplicable
from ..ops.precision import full
from ..ops.spatial import resize, unit_range
from ..ops.weighting import weighted_sum


@method(
    Card(
        name="score_cam",
        title="Score-CAM",
        paper="Wang et al. 2020, arXiv:1910.01279",
        access="layers",
        modalities=("image", "volume", "series"),
        axes="space",
        signed=False,
    )
)
@final
class ScoreCAM(Method):
    """Σ_k softmax_k(y(x ⊙ H_k)) A_k with H_k the channel upsampled, then scaled to
    [0, 1].

    Needs no gradient; costs one forward pass per distinct channel. Channels that are constant give
    an empty mask and share one pass.

    **Source:** Wang et al. 2020, algorithm 1; its softmax makes the score of the baseline cancel.
    """

    layer: LayerLike = None
    """Layer with the feature map; chosen by tracing shapes when left out."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""
    upsample: bool = True
    """Interpolate to the input's size; the map at the layer's own size is kept as `coarse`."""

    def attribute(self, call: Call) -> Attribution:
        choice = choose_map(call, self.layer, self.layout)
        if not call.inputs.paths or len(call.inputs.space) != len(choice.layout.grid):
            raise NotApplicable(
                "Score-CAM multiplies the input by a mask, which token ids and features do not "
                "allow.",
                "Use grad_cam.",
            )
        call.clean()
        activation = call.activations([choice.visit])[choice.visit.place]
        maps = full(choice.layout.maps(activation))

        def weighted(scores: Tensor) -> Attribution:
            weights = scores.softmax(1).nan_to_num().to(maps)
            return layer_map(call, choice, [weighted_sum(weights, maps)], self.upsample)

        return weighted(channel_scores(call, maps, weighted))


def channel_scores(call: Call, maps: Tensor, partial: Callable[[Tensor], object]) -> Tensor:
    """The target's score `(N, C)` of the input seen through every channel's mask; −∞ for channels
    that have yet to be seen in what `partial` is given."""
    n, channels = maps.shape[:2]
    flat = maps.flatten(2)
    alive = flat.amax(2) > flat.amin(2)
    # One pass per live channel; all constant channels of a sample see nothing and share one.
    jobs = [(s, c) for s in range(n) for c in _distinct(alive[s])]
    scores = maps.new_full((n, channels), -torch.inf, dtype=torch.float32)
    name, model = call.inputs.main, call.fast()

    def work(rows: slice) -> None:
        samples = torch.tensor([s for s, _ in jobs[rows]])
        seen = torch.stack([maps[s, c] for s, c in jobs[rows]])
        grown = unit_range(resize(seen, call.inputs.space), len(call.inputs.space))
        batch = call.inputs.take(samples)
        whole = batch.explained[name]
        masked = whole * call.over_space(grown).to(whole)
        found = call.scores(call.forward(batch.replaced({name: masked}), model), samples)
        for (s, c), score in zip(jobs[rows], found[:, 0].float(), strict=True):
            scores[s, c] = score

    call.batches().each(len(jobs), work, "Score-CAM", lambda: partial(scores))
    for s in range(n):
        dead = (~alive[s]).nonzero().flatten()
        if len(dead):
            scores[s, dead] = scores[s, dead[0]].clone()
    return scores


def _distinct(alive: Tensor) -> list[int]:
    dead = (~alive).nonzero().flatten().tolist()
    return [*alive.nonzero().flatten().tolist(), *dead[:1]]
