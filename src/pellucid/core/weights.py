"""What a network is made of: its modules, its parameters and buffers."""

from collections.abc import Iterator

from torch import Tensor, nn


def identity(net: nn.Module) -> int:
    """Changes with the modules that a network is made of."""
    return hash(tuple((name, type(module), id(module)) for name, module in net.named_modules()))


def weights(net: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Every parameter and buffer by name; one that is shared comes under each of its names."""
    for prefix, module in net.named_modules():
        for own in (module._parameters, module._buffers):
            for name, tensor in own.items():
                if tensor is not None:
                    yield f"{prefix}.{name}" if prefix else name, tensor
