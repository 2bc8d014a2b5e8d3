"""Small convolutional nets in the style of the well-known families.

Each takes `quirky`: True writes it as the family is usually written (in-place ReLUs, sums in place,
functions in place of modules); False is the twin with modules that leave their inputs alone.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """conv, norm, ReLU, conv, norm, plus the input, ReLU."""

    def __init__(self, width: int, quirky: bool) -> None:
        super().__init__()
        self.quirky = quirky
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu: nn.Module = nn.ReLU(inplace=quirky)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2: nn.Module = self.relu if quirky else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to the same."""
        out: Tensor = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.quirky:
            out += x
        else:
            out = out + x
        rectified: Tensor = self.relu2(out)
        return rectified


class ResNetLike(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)`: a stem and two residual layers, the second at half the size."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=quirky)
        self.layer1 = nn.Sequential(ResidualBlock(8, quirky))
        self.down = nn.Conv2d(8, 16, 1, stride=2)
        self.layer2 = nn.Sequential(ResidualBlock(16, quirky), ResidualBlock(16, quirky))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        low = self.layer1(self.relu(self.bn1(self.conv1(x))))
        logits: Tensor = self.fc(self.avgpool(self.layer2(self.down(low))).flatten(1))
        return logits


class DenseLayer(nn.Module):
    """norm, ReLU, conv; the result is appended to the input."""

    def __init__(self, channels: int, quirky: bool) -> None:
        super().__init__()
        self.norm, self.relu = nn.BatchNorm2d(channels), nn.ReLU(inplace=quirky)
        self.conv = nn.Conv2d(channels, 6, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to `(N, C + 6, H, W)`."""
        return torch.cat([x, self.conv(self.relu(self.norm(x)))], 1)


class DenseNetLike(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)`; the last ReLU and the pooling are functions."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
            DenseLayer(8, quirky),
            DenseLayer(14, quirky),
            nn.BatchNorm2d(20),
        )
        self.relu = None if quirky else nn.ReLU()
        self.pool = None if quirky else nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(20, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        maps = self.features(x)
        maps = F.relu(maps, inplace=True) if self.relu is None else self.relu(maps)
        pooled = F.adaptive_avg_pool2d(maps, 1) if self.pool is None else self.pool(maps)
        logits: Tensor = self.classifier(pooled.flatten(1))
        return logits


class VGGLike(nn.Module):
    """`(N, 3, 16, 16)` to `(N, 3)`: ends in max-pooling, flattening and two linear layers."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(quirky), nn.MaxPool2d(2)),
            *(nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(quirky), nn.MaxPool2d(2)),
        )
        self.classifier = nn.Sequential(
            nn.Linear(12 * 16, 24), nn.ReLU(quirky), nn.Dropout(), nn.Linear(24, 3)
        )

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        logits: Tensor = self.classifier(torch.flatten(self.features(x), 1))
        return logits


class Fire(nn.Module):
    """A narrow 1×1 convolution, then 1×1 and 3×3 ones side by side."""

    def __init__(self, channels: int, width: int, quirky: bool) -> None:
        super().__init__()
        self.squeeze, self.squeezed = nn.Conv2d(channels, 4, 1), nn.ReLU(quirky)
        self.expand1, self.expanded1 = nn.Conv2d(4, width, 1), nn.ReLU(quirky)
        self.expand3, self.expanded3 = nn.Conv2d(4, width, 3, padding=1), nn.ReLU(quirky)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to `(N, 2 width, H, W)`."""
        low = self.squeezed(self.squeeze(x))
        parts = [self.expanded1(self.expand1(low)), self.expanded3(self.expand3(low))]
        return torch.cat(parts, 1)


class SqueezeNetLike(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)`: the head is dropout, 1×1 convolution, ReLU, global mean."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(quirky), nn.MaxPool2d(2)),
            *(Fire(8, 6, quirky), Fire(12, 6, quirky)),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Conv2d(12, 3, 1), nn.ReLU(quirky), nn.AdaptiveAvgPool2d(1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """The scores `(N, 3)`, none negative."""
        return torch.flatten(self.classifier(self.features(x)), 1)


class InvertedResidual(nn.Module):
    """Widen, depthwise convolution, narrow, plus the input."""

    def __init__(self, width: int, quirky: bool) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            *(nn.Conv2d(width, 2 * width, 1, bias=False), nn.BatchNorm2d(2 * width)),
            nn.ReLU6(quirky),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width, bias=False),
            *(nn.BatchNorm2d(2 * width), nn.ReLU6(quirky)),
            *(nn.Conv2d(2 * width, width, 1, bias=False), nn.BatchNorm2d(width)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to the same."""
        out: Tensor = x + self.conv(x)
        return out


class MobileNetLike(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)`: depthwise convolutions, ReLU6, the mean as a function."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1),
            nn.ReLU6(quirky),
            InvertedResidual(8, quirky),
            InvertedResidual(8, quirky),
            nn.Conv2d(8, 16, 1),
            nn.ReLU6(quirky),
        )
        self.pool = None if quirky else nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(16, 3))

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        maps = self.features(x)
        pooled = maps.mean([2, 3]) if self.pool is None else self.pool(maps).flatten(1)
        logits: Tensor = self.classifier(pooled)
        return logits


class UNet(nn.Module):
    """`(N, 3, H, W)` to dense logits `(N, 3, H, W)`, with one skip connection."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(quirky))
        self.pool = nn.MaxPool2d(2)
        self.middle = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(quirky))
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.join = nn.Sequential(nn.Conv2d(16, 8, 3, padding=1), nn.ReLU(quirky))
        self.out = nn.Conv2d(8, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The dense logits."""
        skip = self.down(x)
        low = self.up(self.middle(self.pool(skip)))
        logits: Tensor = self.out(self.join(torch.cat([skip, low], 1)))
        return logits


class SqueezeExcite(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)`: the channels are scaled by a gate read from their means."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(quirky)
        self.reduce, self.reduced = nn.Conv2d(12, 4, 1), nn.ReLU(quirky)
        self.expand = nn.Conv2d(4, 12, 1)
        self.gate = None if quirky else nn.Sigmoid()
        self.fc = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        maps = self.relu(self.conv(x))
        gate = self.expand(self.reduced(self.reduce(maps.mean((2, 3), keepdim=True))))
        gate = torch.sigmoid(gate) if self.gate is None else self.gate(gate)
        logits: Tensor = self.fc((gate * maps).mean((2, 3)))
        return logits


class GroupNormNet(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)` with group norm, whose statistics span the places."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.ReLU(quirky)),
            *(nn.Conv2d(8, 12, 3, padding=1), nn.GroupNorm(3, 12), nn.ReLU(quirky)),
        )
        self.fc = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        logits: Tensor = self.fc(self.body(x).mean((2, 3)))
        return logits


class StaticPadConv(nn.Conv2d):
    """A convolution that is a parent: it calls its own padding child first."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(channels, width, 3, stride=2)
        self.static_padding = nn.ZeroPad2d((0, 1, 0, 1))

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to `(N, width, H/2, W/2)`."""
        return super().forward(self.static_padding(x))


class StaticPadNet(nn.Module):
    """`(N, 3, H, W)` to `(N, 3)` with convolutions that hold their padding as a child."""

    def __init__(self, quirky: bool = True) -> None:
        super().__init__()
        make = StaticPadConv if quirky else padded_conv
        self.conv1, self.relu1 = make(3, 8), nn.ReLU(quirky)
        self.conv2, self.relu2 = make(8, 12), nn.ReLU(quirky)
        self.fc = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        maps = self.relu2(self.conv2(self.relu1(self.conv1(x))))
        logits: Tensor = self.fc(maps.mean((2, 3)))
        return logits


def padded_conv(channels: int, width: int) -> nn.Sequential:
    """The twin of `StaticPadConv`: padding, then an ordinary convolution."""
    return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(channels, width, 3, stride=2))
