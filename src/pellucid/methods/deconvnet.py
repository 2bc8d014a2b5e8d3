"""Deconvnet: positive gradients projected back to the input."""

from typing import final

from ..core.call import Call
from ..core.method import Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..core.rectified import deconvolved, rectified_gradient
from ..ops.colour import Reduction


@method(
    Card(
        name="deconvnet",
        title="Deconvnet",
        paper="Zeiler & Fergus 2014, arXiv:1311.2901",
        modalities=("image", "volume", "series", "table"),
        slopes=True,
        caution="Looks much the same for other classes and for a network with random weights "
        "(Adebayo et al. 2018): it shows edges that the network can see, not why a class.",
    )
)
@final
class Deconvnet(Method):
    """What positive gradients project back to, whatever the ReLUs' inputs: (g > 0) g.

    Works for ReLU and ReLU6, as modules, functions, in place or reused; refused, with their names,
    for networks with other rectifiers. **Source:** Zeiler & Fergus 2014, arXiv:1311.2901.
    """

    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        gradients = rectified_gradient(call, deconvolved, "Deconvnet")
        return input_maps(call, gradients, self.reduce, of_vectors="sum_abs")
