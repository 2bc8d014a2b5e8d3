"""Networks whose weights are spread over processes, so that no single one can run them."""

from torch import nn
from torch.distributed.fsdp import FullyShardedDataParallel
from torch.distributed.tensor import DTensor


def sharded(net: nn.Module | None) -> bool:
    """Whether running the network alone would wait for other processes for ever."""
    if net is None:
        return False
    if any(isinstance(module, FullyShardedDataParallel) for module in net.modules()):
        return True
    return any(isinstance(parameter, DTensor) for parameter in net.parameters())
