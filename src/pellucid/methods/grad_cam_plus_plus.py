"""Grad-CAM++: Grad-CAM with weights that favour every instance of an object."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from ..core.call import Call
from ..core.maps import choose_map, layer_map, need_evidence
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..ops.precision import full
from ..ops.weighting import weighted_sum


def grad_cam_plus_plus(
    maps: Float[Tensor, "sample channel *space"], gradient: Float[Tensor, "sample channel *space"]
) -> Float[Tensor, "sample *space"]:
    """Σ_k w_k A_k with w_k = Σ_ij α_ij relu(g_ij) and α_ij = g²/(2g² + g³ Σ_ab A_ab) (eq. 10, 19,
    for the score exp(y), whose higher derivatives are powers of g)."""
    flat, g = maps.flatten(2), gradient.flatten(2)
    below = 2 * g**2 + g**3 * flat.sum(2, keepdim=True)
    alpha = torch.where(below != 0, g**2 / below.where(below != 0, torch.ones_like(below)), 0.0)
    return weighted_sum((alpha * g.relu()).sum(2), maps)


@method(
    Card(
        name="grad_cam_plus_plus",
        title="Grad-CAM++",
        paper="Chattopadhay et al. 2018, arXiv:1710.11063",
        access="layers",
        modalities=("image", "volume", "series", "text"),
        axes="space",
        signed=False,
        many_targets=True,
    )
)
@final
class GradCAMPlusPlus(Method):
    """Like Grad-CAM, with every place weighted by the curvature of exp(y): covers several objects
    and whole objects better.

    **Source:** Chattopadhay et al. 2018, eq. 10 and 19, before the ReLU.
    """

    layer: LayerLike = None
    """Layer with the feature map; chosen by tracing shapes when left out."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""
    upsample: bool = True
    """Interpolate to the input's size; the map at the layer's own size is kept as `coarse`."""

    def attribute(self, call: Call) -> Attribution:
        choice = choose_map(call, self.layer, self.layout)
        cut = call.cut(choice.visit)
        activation = full(choice.layout.maps(cut.activation.detach()))
        maps = []
        for gradient in cut.gradients():
            places = full(choice.layout.maps(gradient))
            need_evidence(call, choice, places)
            maps.append(grad_cam_plus_plus(activation, places))
        return layer_map(call, choice, maps, self.upsample)
