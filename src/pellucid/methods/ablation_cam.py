"""Ablation-CAM: channels weighted by the score that is lost when they are switched off."""

from collections.abc import Callable
from functools import partial
from typing import final

import torch
from torch import Tensor

from ..core.axes import CHANNEL, SAMPLE
from ..core.call import Call
from ..core.heads import PooledHead
from ..core.layers import Choice
from ..core.maps import choose_map, layer_map
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..core.targets import Class, class_of
from ..ops.precision import full
from ..ops.weighting import weighted_sum


@method(
    Card(
        name="ablation_cam",
        title="Ablation-CAM",
        paper="Ramaswamy & Desai 2020, WACV",
        access="layers",
        modalities=("image", "volume", "series", "text"),
        axes="space",
        signed=False,
    )
)
@final
class AblationCAM(Method):
    """Σ_k (y − y_k)/|y| A_k with y_k the score when channel k of the layer is zero.

    Needs no gradient; one pass per channel, with the part before the layer run once. After global
    average pooling and one linear layer no pass is needed: y − y_k = w_k mean(A_k).

    **Source:** Ramaswamy & Desai 2020, eq. 3; |y| keeps positive = supports when y < 0.
    """

    layer: LayerLike = None
    """Layer with the feature map; chosen by tracing shapes when left out."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""
    upsample: bool = True
    """Interpolate to the input's size; the map at the layer's own size is kept as `coarse`."""

    def attribute(self, call: Call) -> Attribution:
        choice = choose_map(call, self.layer, self.layout)

        def weighted(maps: Tensor, lost: Tensor) -> Attribution:
            maps, scale = full(maps), full(call.clean()[:, :1]).abs().clamp_min(1e-12)
            weights = (full(lost) / scale).to(maps)
            return layer_map(call, choice, [weighted_sum(weights, maps)], self.upsample)

        pooled = _pooled(call, choice)
        if pooled is not None:
            return weighted(*pooled)
        call.clean()
        activation = call.activations([choice.visit])[choice.visit.place]
        maps = choice.layout.maps(activation)
        return weighted(maps, lost_scores(call, choice, activation, partial(weighted, maps)))


def _pooled(call: Call, choice: Choice) -> tuple[Tensor, Tensor] | None:
    """Maps and lost scores in closed form, where pooling and a linear layer follow."""
    head = call.head()
    if not isinstance(head, PooledHead) or head.visit.same_as != choice.visit.same_as:
        return None
    maps = call.pooled_maps(head)
    targets = [row[0] for row in call.targets]
    if call.space != "logit" or not all(isinstance(target, Class) for target in targets):
        return None
    index = torch.tensor([class_of(target) for target in targets], device=maps.device)
    return maps, head.weight(maps)[index] * maps.flatten(2).mean(2)


def lost_scores(
    call: Call, choice: Choice, activation: Tensor, so_far: Callable[[Tensor], object]
) -> Tensor:
    """y − y_k, shape `(N, C)`, by running the network behind the layer once per channel; `so_far`
    is given zeros for the channels that have yet to be ablated."""
    order = [choice.layout.axes.index(axis) for axis in (SAMPLE, CHANNEL)]
    channels, n = activation.shape[order[1]], call.n
    clean = call.clean()[:, 0].float()
    lost = torch.zeros_like(clean)[:, None].repeat(1, channels)
    alone = call.expands_at(choice.visit)

    def ablate(sample: int, rows: slice) -> None:
        ablated = torch.arange(rows.start, rows.stop)
        samples = torch.full_like(ablated, sample)

        def without(output: Tensor) -> Tensor:
            turned = output.movedim(order, (0, 1))
            changed = turned.expand(len(ablated), *turned.shape[1:]).clone()
            changed[torch.arange(len(ablated)), ablated] = 0
            return changed.movedim((0, 1), order)

        batch = call.inputs.take(samples[:1] if alone else samples)
        raw = call.replacing(choice.visit, without, batch)
        lost[sample, rows] = clean[sample] - call.scores(raw, samples)[:, 0].float()

    def work(rows: slice) -> None:
        for sample in range(rows.start // channels, -(-rows.stop // channels)):
            first = sample * channels
            ablate(sample, slice(max(rows.start - first, 0), min(rows.stop - first, channels)))

    call.batches().each(n * channels, work, "Ablation-CAM", lambda: so_far(lost))
    return lost
