"""Gradient: how the target changes with every input value."""

from typing import final

from ..core.call import Call
from ..core.method import Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..ops.colour import Reduction


@method(
    Card(
        name="gradient",
        title="Gradient",
        paper="Simonyan et al. 2014, arXiv:1312.6034",
        modalities=("image", "volume", "series", "table", "text"),
        slopes=True,
        promises=("implementation_invariance",),
    )
)
@final
class Gradient(Method):
    """∂y/∂x: sensitive places at full resolution, but noisy.

    Of token ids and categories, the sum of sizes over the vector that the network looks up: signed
    derivatives of a vector cancel where it is normalised.

    **Units:** target per unit of input. **Source:** Simonyan et al. 2014, section 3.
    """

    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, or the unsigned `sum_abs` and `max_abs` (as in
    Simonyan et al.); left out, every channel keeps its own."""

    def attribute(self, call: Call) -> Attribution:
        _, gradients = call.input_gradient()
        return input_maps(call, gradients, self.reduce, of_vectors="sum_abs")
