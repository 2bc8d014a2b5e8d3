"""Keras models on torch as networks whose layers can be seen.

Such a model is a torch module, but its layers are not among its children, and they keep channels
last.
"""

from typing import Any, cast

from torch import Tensor, nn

_LAST = frozenset({"Dense", "LSTM", "GRU", "SimpleRNN", "Bidirectional", "MultiHeadAttention"})


def is_keras(net: Any) -> bool:
    """Whether a network is a Keras model that runs on torch."""
    homes = {kind.__module__.partition(".")[0] for kind in type(net).__mro__}
    return isinstance(net, nn.Module) and "keras" in homes and hasattr(net, "_flatten_layers")


def channels_last(module: nn.Module | None) -> bool:
    """Whether a Keras layer takes and gives channels along the last axis."""
    if module is None or not type(module).__module__.startswith("keras."):
        return False
    own = getattr(module, "data_format", None)
    return own == "channels_last" or (own is None and type(module).__name__ in _LAST)


def dense_weights(module: nn.Module) -> tuple[Tensor, Tensor | None] | None:
    """Weight `(K, C)` and bias `(K,)` of a Keras Dense layer; None for any other module."""
    kind, dense = type(module), cast(Any, module)
    if kind.__name__ != "Dense" or not kind.__module__.startswith("keras."):
        return None
    return dense.kernel.value.T, None if dense.bias is None else dense.bias.value


class KerasLayers(nn.Module):
    """A Keras model with its layers as children, by their Keras names, always in inference mode."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        object.__setattr__(self, "_whole", model)  # as a child it would list its weights twice
        self.__name__ = str(model.name)
        for layer in model._flatten_layers(include_self=False, recursive=True):
            if type(layer).__name__ == "InputLayer":
                continue
            name, count = str(layer.name).replace(".", "_"), 1
            while name in self._modules or hasattr(self, name):
                name, count = f"{str(layer.name).replace('.', '_')}_{count}", count + 1
            self.add_module(name, layer)

    def forward(self, inputs: Any) -> Any:
        """What the model gives."""
        return self._whole(inputs, training=False)  # type: ignore[operator]
