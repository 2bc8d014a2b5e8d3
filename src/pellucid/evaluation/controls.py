"""Maps that ask no network: what a method has to beat."""

from typing import Any, final

import torch

from ..core.axes import CHANNEL
from ..core.call import Call
from ..core.method import Attribution, Card, Method, method
from ..errors import NotApplicable


@method(
    Card(
        name="random_map",
        title="Random map",
        paper="control",
        access="black_box",
        modalities=("image", "volume", "series", "table", "text"),
        axes="space",
        signed=False,
        randomised=True,
    )
)
@final
class RandomMap(Method):
    """Every place has a value drawn uniformly: what chance scores."""

    def attribute(self, call: Call) -> Attribution:
        return _of_places(call, lambda x: torch.rand(x.shape, generator=call.generator()))


@method(
    Card(
        name="input_alone",
        title="Input alone",
        paper="control",
        access="black_box",
        modalities=("image", "volume", "series", "table"),
        axes="space",
        signed=False,
    )
)
@final
class InputAlone(Method):
    """How far every value lies from the mean of its input: what is marked by who sees only what
    stands out."""

    def attribute(self, call: Call) -> Attribution:
        if any(not x.is_floating_point() for x in call.inputs.changeable.values()):
            raise NotApplicable("Ids have no size.", "Use the random map.")
        return _of_places(
            call, lambda x: (x - x.mean(tuple(range(1, x.ndim)), keepdim=True)).abs().cpu()
        )


CONTROLS: tuple[Method, ...] = (RandomMap(), InputAlone())


def _of_places(call: Call, draw: Any) -> Attribution:
    """What `draw` makes of every input, summed over the channels."""
    call.clean()  # makes the targets concrete
    values, axes = {}, {}
    for name, x in call.inputs.changeable.items():
        known, found = call.inputs.axes(name), draw(x).float()
        if CHANNEL in known:
            found = found.sum(known.index(CHANNEL))
        values[name], axes[name] = found, tuple(a for a in known if a != CHANNEL)
    return Attribution(values, axes)
