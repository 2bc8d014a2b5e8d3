"""Weights of features as maps of the inputs that they are features of."""

from torch import Tensor

from ..core.axes import CHANNEL
from ..core.call import Call
from ..core.method import Attribution
from .coalitions import Features


def feature_maps(
    call: Call, features: Features, weights: Tensor, errors: Tensor | None = None
) -> Attribution:
    """The attribution of weights `(N, K, features)`: every place has the weight of its feature.

    The weights themselves are `coarse`; where a feature is more than one place, `segments` says
    which places are its own. Axes are the input's, without channels that all go together.
    """
    targets = weights.shape[1]
    values, axes = features.paint(weights.float()), {}
    spread = {} if errors is None else features.paint(errors.float())
    segments = {}
    for name, painted in list(values.items()):
        names, labels = call.inputs.axes(name), features.labels[name].cpu()
        whole = painted.expand(-1, *_shape(labels, call.inputs.changeable[name], names))
        together = [i for i, a in enumerate(names) if a == CHANNEL and labels.shape[i] == 1]
        values[name] = _without(whole, together)
        if name in spread:
            spread[name] = _without(spread[name].expand_as(whole), together)
        axes[name] = tuple(a for i, a in enumerate(names) if i not in together)
        segments[name] = _without(labels.repeat_interleave(targets, 0).expand_as(whole), together)
    alone = all(len(set(own.flatten().tolist())) == own[0].numel() for own in segments.values())
    return Attribution(
        values=values,
        axes=axes,
        coarse=weights.float().flatten(0, 1),
        std_error=spread or None,
        segments=None if alone else segments,
    )


def _shape(labels: Tensor, x: Tensor, names: tuple[str, ...]) -> tuple[int, ...]:
    """The places of one sample, with a channel axis of size 1 where channels go together."""
    sizes = zip(names, labels.shape, x.shape, strict=True)
    return tuple(own if name == CHANNEL else full for name, own, full in sizes)[1:]


def _without(tensor: Tensor, axes: list[int]) -> Tensor:
    return tensor.squeeze(axes[0]) if axes else tensor
