"""Which layers hold all that a network knows at a depth: a map, or a stream of tokens."""

from torch import nn

from .axes import CHANNEL, TOKEN
from .layout import Layout
from .trace import Visit

POOLING = (
    nn.modules.pooling._MaxPoolNd,
    nn.modules.pooling._AvgPoolNd,
    nn.modules.pooling._AdaptiveAvgPoolNd,
    nn.modules.pooling._AdaptiveMaxPoolNd,
    nn.modules.pooling._LPPoolNd,
)
_PASSING = (nn.Dropout, nn.modules.dropout._DropoutNd, nn.Identity, nn.Flatten)
_PARTIAL = (nn.Linear, nn.Embedding)
"""Projections inside a token stream hold a part of it, not the stream."""


def is_stream(visit: Visit) -> bool:
    """Whether a layer's output is a map or a stream, and the layer is more than a passage."""
    layout = visit.layout
    if isinstance(visit.module, _PASSING):
        return False
    if layout is None or not layout.spatial or not layout.certain:
        return False
    if TOKEN not in layout.axes or is_words(layout):
        return not isinstance(visit.module, _PARTIAL)
    container = visit.module is not None and any(True for _ in visit.module.children())
    return container or isinstance(visit.module, nn.LayerNorm | nn.Embedding)


def is_words(layout: Layout | None) -> bool:
    """Whether convolutions over the words of a text gave it: their channels come first."""
    return layout is not None and layout.space == (TOKEN,) and layout.axes[1] == CHANNEL
