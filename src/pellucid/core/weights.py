"""The parameters and buffers of a network, in one walk over its modules."""

from collections.abc import Iterator

from torch import Tensor, nn


def weights(net: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Every parameter and buffer by name; one that is shared comes under each of its names."""
    for prefix, module in net.named_modules():
        for own in (module._parameters, module._buffers):
            for name, tensor in own.items():
                if tensor is not None:
                    yield f"{prefix}.{name}" if prefix else name, tensor
