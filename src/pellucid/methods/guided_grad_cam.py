"""Guided Grad-CAM: guided backpropagation where Grad-CAM sees positive evidence."""

from typing import final

from ..core.call import Call
from ..core.maps import choose_map, layer_map, need_evidence
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..core.pixels import input_maps
from ..core.rectified import guided, rectified_gradient
from ..errors import NotApplicable
from ..ops.colour import Reduction
from ..ops.precision import full
from ..ops.spatial import resize
from ..ops.weighting import grad_cam


@method(
    Card(
        name="guided_grad_cam",
        title="Guided Grad-CAM",
        paper="Selvaraju et al. 2017, arXiv:1610.02391",
        access="layers",
        modalities=("image", "volume", "series"),
        slopes=True,
        caution="Its detail comes from guided backpropagation, which looks much the same for a "
        "network with random weights (Adebayo et al. 2018); trust its places, not its texture.",
    )
)
@final
class GuidedGradCAM(Method):
    """Guided backpropagation ⊙ ReLU(Grad-CAM) upsampled linearly to the input.

    **Source:** Selvaraju et al. 2017, section 3.2.
    """

    layer: LayerLike = None
    """Layer of Grad-CAM; chosen by tracing shapes when left out."""
    layout: str | None = None
    """Axes of the layer's output (NCHW, NHWC, NLC+1 …) where they cannot be inferred."""
    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        choice = choose_map(call, self.layer, self.layout)
        main = call.inputs.main
        if len(call.inputs.space) != len(choice.layout.grid):
            raise NotApplicable(
                f"The layer's map has {len(choice.layout.grid)} spatial axes, the input "
                f"{len(call.inputs.space)}.",
                "Use grad_cam.",
            )
        fine = rectified_gradient(call, guided, "Guided Grad-CAM")[main]
        cut = call.cut(choice.visit)
        gradient = full(choice.layout.maps(cut.gradients()[0]))
        need_evidence(call, choice, gradient)
        cam = grad_cam(full(choice.layout.maps(cut.activation.detach())), gradient)
        grown = resize(cam.relu(), call.inputs.space)
        attribution = input_maps(call, {main: fine * call.over_space(grown).to(fine)}, self.reduce)
        described = layer_map(call, choice, [cam], upsample=True)
        attribution.notes, attribution.checks = described.notes, described.checks
        return attribution
