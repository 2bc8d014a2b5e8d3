"""Grad-CAM: which places of a feature map raise the target."""

from typing import final

import torch
from torch import Tensor

from ..core.call import Call
from ..core.heads import PooledHead
from ..core.layers import Choice
from ..core.maps import choose_map, layer_map, need_evidence
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..core.targets import Class, class_of
from ..ops.precision import full
from ..ops.weighting import grad_cam


@method(
    Card(
        name="grad_cam",
        title="Grad-CAM",
        paper="Selvaraju et al. 2017, arXiv:1610.02391",
        access="layers",
        modalities=("image", "volume", "series", "text"),
        axes="space",
        signed=False,
        many_targets=True,
    )
)
@final
class GradCAM(Method):
    """Coarse map of the places that raise the target: Σ_k α_k A_k with α_k = mean ∂y/∂A_k.

    Signed values; the ReLU of the paper is drawing. One forward pass and one backward pass from the
    target to the layer. After global average pooling and one linear layer it is CAM divided by the
    number of places, and all classes come from one product.

    **Source:** Selvaraju et al. 2017, eq. 1 and 2.
    """

    layer: LayerLike = None
    """Layer with the feature map; chosen by tracing shapes when left out."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""
    upsample: bool = True
    """Interpolate to the input's size; the map at the layer's own size is kept as `coarse`."""

    def attribute(self, call: Call) -> Attribution:
        choice = choose_map(call, self.layer, self.layout)
        closed = closed_form(call, choice)
        if closed is not None:
            return layer_map(call, choice, closed, self.upsample)
        cut = call.cut(choice.visit)
        activation = full(choice.layout.maps(cut.activation.detach()))
        maps = []
        for gradient in cut.gradients():
            places = full(choice.layout.maps(gradient))
            need_evidence(call, choice, places)
            maps.append(grad_cam(activation, places))
        return layer_map(call, choice, maps, self.upsample)


def closed_form(call: Call, choice: Choice) -> list[Tensor] | None:
    """The maps of many classes at once: ∂y_c/∂A = W_c / Z after pooling and a linear layer."""
    classes = [target for target in call.targets[0] if isinstance(target, Class)]
    if len(call.targets[0]) < 4 or len(classes) < len(call.targets[0]) or call.space != "logit":
        return None
    head = call.head()
    if not isinstance(head, PooledHead) or head.visit.same_as != choice.visit.same_as:
        return None
    maps = full(call.pooled_maps(head))
    index = torch.tensor([[class_of(t) for t in row] for row in call.targets], device=maps.device)
    weights = head.weight(maps)[index] / maps[0, 0].numel()
    found = torch.einsum("nkc,nc...->nk...", weights, maps)
    return list(found.unbind(1))
