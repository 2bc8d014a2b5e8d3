"""Guided backpropagation: the gradient through positive paths only."""

from typing import final

from ..core.call import Call
from ..core.method import Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..core.rectified import guided, rectified_gradient
from ..ops.colour import Reduction


@method(
    Card(
        name="guided_backprop",
        title="Guided backpropagation",
        paper="Springenberg et al. 2015, arXiv:1412.6806",
        modalities=("image", "volume", "series", "table"),
        slopes=True,
        caution="Looks much the same for other classes and for a network with random weights "
        "(Adebayo et al. 2018): it shows edges that the network can see, not why a class.",
    )
)
@final
class GuidedBackprop(Method):
    """The gradient, with negative gradients cut off at every ReLU: (x > 0)(g > 0) g.

    Works for ReLU and ReLU6, as modules, functions, in place or reused; refused, with their names,
    for networks with other rectifiers. **Source:** Springenberg et al. 2015, arXiv:1412.6806.
    """

    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        gradients = rectified_gradient(call, guided, "Guided backpropagation")
        return input_maps(call, gradients, self.reduce, of_vectors="sum_abs")
