"""Input × gradient: the share of every input value in a linearised target."""

from typing import final

from ..core.call import Call
from ..core.method import Attribution, Card, Method, method
from ..core.pixels import input_maps
from ..ops.colour import Reduction


@method(
    Card(
        name="input_x_gradient",
        title="Input × gradient",
        paper="Shrikumar et al. 2016, arXiv:1605.01713",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("linear_exact",),
    )
)
@final
class InputXGradient(Method):
    """x · ∂y/∂x. Exact for linear models; equals LRP-0 on ReLU networks.

    **Units:** those of the target. **Source:** Shrikumar et al. 2016.
    """

    reduce: Reduction | None = None
    """One value per place from its colours: `sum`, `sum_abs` or `max_abs`; left out, none."""

    def attribute(self, call: Call) -> Attribution:
        _, gradients = call.input_gradient()
        inputs = call.inputs.explained
        return input_maps(call, {n: inputs[n] * g for n, g in gradients.items()}, self.reduce)
