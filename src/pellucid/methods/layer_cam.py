"""LayerCAM: every place of every channel weighted by its own positive gradient."""

from typing import final

from jaxtyping import Float
from torch import Tensor

from ..core.call import Call
from ..core.maps import choose_map, layer_map, need_evidence
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..ops.precision import full


def layer_cam(
    maps: Float[Tensor, "sample channel *space"], gradient: Float[Tensor, "sample channel *space"]
) -> Float[Tensor, "sample *space"]:
    """Σ_k relu(∂y/∂A_k) A_k, place by place (eq. 5 and 6, before the last ReLU)."""
    return (gradient.relu() * maps).sum(1)


@method(
    Card(
        name="layer_cam",
        title="LayerCAM",
        paper="Jiang et al. 2021, IEEE TIP 30, 5875-5888",
        access="layers",
        modalities=("image", "volume", "series", "text"),
        axes="space",
        signed=False,
        many_targets=True,
    )
)
@final
class LayerCAM(Method):
    """Finer than Grad-CAM, and usable at earlier layers, since no place lends its weight to others.

    **Source:** Jiang et al. 2021, eq. 5 and 6.
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
            maps.append(layer_cam(activation, places))
        return layer_map(call, choice, maps, self.upsample)
