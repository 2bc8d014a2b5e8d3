"""Eigen-CAM: the first principal component of a feature map; knows no class."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from ..core.call import Call
from ..core.maps import choose_map, layer_map
from ..core.method import Attribution, Card, LayerLike, Method, method


def eigen_cam(maps: Float[Tensor, "sample channel *space"]) -> Float[Tensor, "sample *space"]:
    """A v₁ with v₁ the first right singular vector of A (places × channels).

    A singular vector has no sign of its own: it is turned so that the map's total is positive.
    """
    places = maps.flatten(2).transpose(1, 2).float()
    _, _, right = torch.linalg.svd(places, full_matrices=False)
    projected: Tensor = (places @ right[:, 0, :, None])[..., 0]
    sign = torch.where(projected.sum(1, keepdim=True) < 0, -1.0, 1.0)
    return (sign * projected).reshape(maps.shape[0], *maps.shape[2:])


@method(
    Card(
        name="eigen_cam",
        title="Eigen-CAM",
        paper="Muhammad & Yeasin 2020, arXiv:2008.00299",
        access="layers",
        modalities=("image", "volume", "series", "text"),
        axes="space",
        signed=False,
        needs_target=False,
        caution="The same for every class: it shows what is salient in the layer, not why a class.",
    )
)
@final
class EigenCAM(Method):
    """What dominates a layer's feature map, whatever the class; needs no gradient.

    **Source:** Muhammad & Yeasin 2020, section 3.
    """

    layer: LayerLike = None
    """Layer with the feature map; chosen by tracing shapes when left out."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""
    upsample: bool = True
    """Interpolate to the input's size; the map at the layer's own size is kept as `coarse`."""

    def attribute(self, call: Call) -> Attribution:
        choice = choose_map(call, self.layer, self.layout)
        activation = call.activations([choice.visit])[choice.visit.place]
        return layer_map(call, choice, [eigen_cam(choice.layout.maps(activation))], self.upsample)
