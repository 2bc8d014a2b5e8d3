"""Small seeded networks: the plain convolutional net, its variants, and the golden nets.

Every net has under 50 000 parameters, is built in code and runs in milliseconds. `built` makes two
builds equal and leaves the global random state alone; `with_weights` gives a twin the same weights.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)

CONVS: dict[int, type[nn.Conv1d | nn.Conv2d | nn.Conv3d]] = {
    1: nn.Conv1d,
    2: nn.Conv2d,
    3: nn.Conv3d,
}
POOLS: dict[int, Callable[[int], nn.Module]] = {
    1: nn.AdaptiveAvgPool1d,
    2: nn.AdaptiveAvgPool2d,
    3: nn.AdaptiveAvgPool3d,
}


def built(make: Callable[[], M], seed: int = 0) -> M:
    """`make()` in eval mode with weights drawn from `seed`; the global random state is untouched.

    Norm layers get non-trivial scales, shifts and running statistics.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.default_generator.manual_seed(seed)
        net = make()
        for module in net.modules():
            _initialise(module)
    return net.eval()


def quietly(make: Callable[[], M]) -> M:
    """`make()` in eval mode with the weights that it sets itself; the global random state is
    untouched."""
    with torch.random.fork_rng(devices=[]):
        return make().eval()


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.modules.conv._ConvNd | nn.Linear):
        nn.init.kaiming_normal_(module.weight)
        if module.bias is not None:
            nn.init.uniform_(module.bias, -0.2, 0.2)
    elif isinstance(module, nn.modules.batchnorm._BatchNorm | nn.GroupNorm | nn.LayerNorm):
        nn.init.uniform_(module.weight, 0.5, 1.5)
        nn.init.uniform_(module.bias, -0.2, 0.2)
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        assert module.running_mean is not None
        assert module.running_var is not None
        module.running_mean.uniform_(-0.3, 0.3)
        module.running_var.uniform_(0.5, 1.5)


def with_weights(net: M, source: nn.Module) -> M:
    """`net` in eval mode with the weights of `source`, paired in order and reshaped.

    Names may differ, and so may the shapes of a linear layer and its 1×1 convolution.
    """
    with torch.no_grad():
        pairs = zip(net.state_dict().values(), source.state_dict().values(), strict=True)
        for own, other in pairs:
            own.copy_(other.reshape(own.shape))
    return net.eval()


class Plain(nn.Module):
    """conv, ReLU, max-pool, conv, ReLU, global mean, linear: `(N, C, H, W)` to `(N, K)`.

    `rank` 1 and 3 give the same for `(N, C, T)` and `(N, C, D, H, W)`. Subclasses change how the
    same weights are used.
    """

    def __init__(self, channels: int = 3, classes: int = 3, rank: int = 2) -> None:
        super().__init__()
        conv = CONVS[rank]
        self.conv1 = conv(channels, 8, 3, padding=1)
        self.relu1: nn.Module = nn.ReLU()
        self.pool = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[rank - 1](2)
        self.conv2 = conv(8, 12, 3, padding=1)
        self.relu2: nn.Module = nn.ReLU()
        self.gap = POOLS[rank](1)
        self.fc = nn.Linear(12, classes)

    def maps(self, x: Tensor) -> Tensor:
        """The last feature map `(N, 12, …)`, rectified."""
        found: Tensor = self.relu2(self.conv2(self.pool(self.relu1(self.conv1(x)))))
        return found

    def head(self, maps: Tensor) -> Tensor:
        """The logits `(N, K)` of a feature map."""
        logits: Tensor = self.fc(self.gap(maps).flatten(1))
        return logits

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, K)`."""
        return self.head(self.maps(x))


class InPlace(Plain):
    """ReLUs that overwrite the output of the convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.relu1, self.relu2 = nn.ReLU(inplace=True), nn.ReLU(inplace=True)


class Reuse(Plain):
    """One ReLU module called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.relu1 = self.relu2 = nn.ReLU()


class Functional(Plain):
    """ReLU as a function, without a module."""

    def maps(self, x: Tensor) -> Tensor:
        """As in `Plain`."""
        return F.relu(self.conv2(self.pool(F.relu(self.conv1(x)))))


class SiLU(Plain):
    """SiLU as a function in place of ReLU: no rule for rectifiers applies."""

    def maps(self, x: Tensor) -> Tensor:
        """As in `Plain`, with SiLU."""
        return F.silu(self.conv2(self.pool(F.silu(self.conv1(x)))))


class SiLUModules(Plain):
    """The twin of `SiLU` with modules."""

    def __init__(self) -> None:
        super().__init__()
        self.relu1, self.relu2 = nn.SiLU(), nn.SiLU()


class BatchNormDropout(Plain):
    """Batch norm and dropout, which must not act as in training."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(8), nn.BatchNorm2d(12)
        self.dropout = nn.Dropout(0.5)

    def maps(self, x: Tensor) -> Tensor:
        """As in `Plain`, normalised before each ReLU."""
        low = self.pool(self.relu1(self.norm1(self.conv1(x))))
        found: Tensor = self.relu2(self.norm2(self.conv2(low)))
        return found

    def head(self, maps: Tensor) -> Tensor:
        """As in `Plain`, with dropout before the linear layer."""
        logits: Tensor = self.fc(self.dropout(self.gap(maps).flatten(1)))
        return logits


class NoGradForward(Plain):
    """A forward pass that no gradient can leave."""

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """As in `Plain`."""
        return super().forward(x)


class Halved(Plain):
    """The twin of a net whose user halves the output of `conv2` in a forward hook."""

    def maps(self, x: Tensor) -> Tensor:
        """As in `Plain`, with half the second convolution."""
        low = self.pool(self.relu1(self.conv1(x)))
        found: Tensor = self.relu2(0.5 * self.conv2(low))
        return found


class Tied(nn.Module):
    """One block called twice in sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.block = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, 3, H, W)` to `(N, 3)`."""
        maps: Tensor = self.block(self.block(self.stem(x)))
        logits: Tensor = self.fc(maps.mean((2, 3)))
        return logits


class Untied(nn.Module):
    """The twin of `Tied`: two blocks with the same weights."""

    def __init__(self, source: Tied) -> None:
        super().__init__()
        self.stem, self.fc = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 3)
        self.block1 = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.block2 = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.stem.load_state_dict(source.stem.state_dict())
        self.fc.load_state_dict(source.fc.state_dict())
        self.block1.load_state_dict(source.block.state_dict())
        self.block2.load_state_dict(source.block.state_dict())

    def forward(self, x: Tensor) -> Tensor:
        """As `Tied`."""
        maps: Tensor = self.block2(self.block1(self.stem(x)))
        logits: Tensor = self.fc(maps.mean((2, 3)))
        return logits


def gap_net(rank: int, channels: int = 2, classes: int = 3, seed: int = 0) -> nn.Sequential:
    """conv, ReLU, global mean, linear over 1, 2 or 3 spatial axes: the net that CAM asks for."""
    return built(
        lambda: nn.Sequential(
            CONVS[rank](channels, 6, 3, padding=1),
            nn.ReLU(),
            POOLS[rank](1),
            nn.Flatten(),
            nn.Linear(6, classes),
        ),
        seed,
    )


def mlp(seed: int = 0) -> nn.Sequential:
    """Three linear layers over `(N, 6)`: no layer has places."""
    return built(
        lambda: nn.Sequential(
            nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3)
        ),
        seed,
    )


class TwoReLUs(nn.Module):
    """f(x) = ReLU(ReLU(x1 − 1) − ReLU(x2)), `(N, 2)` to `(N,)`; f(3, 1) = 1.

    **Source:** the toy network of the DeepExplain tests.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The lone score `(N,)`."""
        return torch.relu(torch.relu(x[:, 0] - 1) - torch.relu(x[:, 1]))


class OneConv(nn.Module):
    """conv 2×3×3 of ones with biases −50 and −75, ReLU, one row of ±1, ReLU.

    `(N, 1, 4, 4)` to `(N, 1)`; 0 … 15 gives 54. **Source:** a test model of Captum.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu1 = nn.ReLU()
        self.fc = nn.Linear(8, 1, bias=False)
        self.relu2 = nn.ReLU()
        with torch.no_grad():
            self.conv.weight.fill_(1.0)
            assert self.conv.bias is not None
            self.conv.bias.copy_(torch.tensor([-50.0, -75.0]))
            self.fc.weight.copy_(torch.tensor([[1.0, 1, 1, 1, 1, -1, -1, -1]]))

    def forward(self, x: Tensor) -> Tensor:
        """The lone score `(N, 1)`."""
        score: Tensor = self.relu2(self.fc(self.relu1(self.conv(x)).flatten(1)))
        return score


def one_conv() -> OneConv:
    """`OneConv` in eval mode."""
    return quietly(OneConv)


def two_relu_toy() -> TwoReLUs:
    """`TwoReLUs` in eval mode."""
    return TwoReLUs().eval()
