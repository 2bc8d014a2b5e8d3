"""Activations: what layers put out, the feature maps of one input."""

from collections.abc import Sequence
from typing import Any, final

from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, SAMPLE
from ..core.call import Call
from ..core.checks import Check
from ..core.exposing import axes_of_layer, exposed, exposing
from ..core.layout import describe
from ..core.maps import choose_map
from ..core.method import Attribution, Card, LayerLike, Method, method
from ..core.trace import Visit, resolve
from ..errors import LayerError


@method(
    Card(
        name="activations",
        title="Activations",
        paper="Zeiler & Fergus 2014, arXiv:1311.2901",
        access="layers",
        modalities=("image", "volume", "series", "table", "text"),
        axes="layer",
        needs_target=False,
        caution="Shows what a layer responds to, not what the decision rests on.",
    )
)
@final
class Activations(Method):
    """The output of one or many layers, unscaled, in a single forward pass.

    The pass stops at the deepest layer asked for. Maps come as `(sample, channel, *space)` at the
    layer's own size, without class and register tokens; vectors as `(sample, feature)`. Several
    layers, or several calls of one, are in `parts` by name.
    """

    layer: LayerLike = None
    """A layer, a glob such as `layer*`, or a list; chosen by tracing shapes when left out."""

    def attribute(self, call: Call) -> Attribution:
        shown = exposing(call.model)
        if shown is not None:
            found = exposed(shown, call.inputs.value, self.layer)
            named = {name: axes_of_layer(shown, name, tensor) for name, tensor in found.items()}
            flat = {n: t if CHANNEL in named[n] else t.flatten(1) for n, t in found.items()}
            return Attribution(values=flat, axes=named, notes={"layer": list(found)})
        visits, reason = self._visits(call)
        tensors = call.activations(visits)
        values, axes = {}, {}
        for visit in visits:
            values[visit.address], axes[visit.address] = _named(visit, tensors[visit.place])
        notes: dict[str, Any] = {"layer": list(values)}
        checks = []
        if reason:
            text = f"Layer {visits[0].address} was chosen: {reason}."
            checks.append(Check("layer chosen automatically", visits[0].address, "ok", text))
        return Attribution(values=values, axes=axes, checks=checks, notes=notes)

    def _visits(self, call: Call) -> tuple[list[Visit], str]:
        if self.layer is None:
            choice = choose_map(call, None, None)
            return [choice.visit], choice.reason
        several = isinstance(self.layer, Sequence) and not isinstance(self.layer, str)
        net, trace = call.model.module, call.structure.trace
        specs = self.layer if several else [self.layer]
        found = [visit for spec in specs for visit in resolve(net, trace, spec)]
        per_sample = [v for v in found if v.layout is not None or v.shape[:1] == (trace.n,)]
        if not per_sample:
            raise LayerError(
                f"Layer {found[0].name!r} gives {describe(found[0].shape)} for {trace.n} samples: "
                "its rows are not samples.",
                "Choose a layer before or after it.",
            )
        return list({visit.place: visit for visit in per_sample}.values()), ""


def _named(visit: Visit, tensor: Tensor) -> tuple[Tensor, tuple[str, ...]]:
    """The activation with its axes; what is neither a map nor a vector is flattened."""
    layout = visit.layout
    if layout is not None and layout.certain and CHANNEL in layout.axes:
        return layout.maps(tensor), (SAMPLE, CHANNEL, *layout.space)
    return tensor.reshape(tensor.shape[0], -1), (SAMPLE, FEATURE)
