"""The features before a network's last layer."""

from torch import nn

from ..core.inputs import Inputs
from ..core.layers import structure_of
from ..core.model import Model
from ..core.trace import Visit
from ..errors import LayerError


def penultimate(model: Model, inputs: Inputs) -> str:
    """The address of the last layer whose output is not of the scores' shape.

    A rectifier is passed over: what it cuts off tells usual items from others. Raises `LayerError`
    where there is none, or where no layer gives the scores.
    """
    trace = structure_of(model, inputs).trace
    shape = trace.scores_shape
    named = [visit for visit in trace.visits if visit.name and visit.shape != shape]
    usable = [v for v in named if v.layout is not None and v.layout.certain and not _cuts(v)]
    if shape is None or not usable:
        raise LayerError("There is no layer before the scores.", "Say which one: layer=….")
    return usable[-1].address


def _cuts(visit: Visit) -> bool:
    return isinstance(visit.module, nn.ReLU | nn.ReLU6) or visit.name.endswith("relu()")
