"""The network inside what wraps it."""

from typing import Any

from torch import nn

from .keras_layers import KerasLayers, is_keras


def unwrapped(net: Any) -> tuple[Any, list[str]]:
    """The network inside `torch.compile`, DataParallel and the like, and notes on what was left
    out; a Keras model with its layers as children."""
    parallel = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    notes: list[str] = []
    while True:
        if hasattr(net, "_orig_mod"):
            net = net._orig_mod
            notes.append("torch.compile was left out: its graph has no layers")
        elif isinstance(net, parallel):
            net = net.module
            notes.append("the wrapper for several devices was left out")
        else:
            return (KerasLayers(net) if is_keras(net) else net), notes
