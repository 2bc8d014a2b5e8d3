"""Networks with squeeze-and-excitation, depthwise convolutions, layer norms and attention."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CLASSES = 1000


class Squeeze(nn.Module):
    """Squeeze-and-excitation: channels weighted by what the whole map holds (Hu et al. 2018)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.down, self.up = nn.Conv2d(width, inner, 1), nn.Conv2d(inner, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        seen = F.relu(self.down(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.up(seen))


class SqueezeBlock(nn.Module):
    """Two 3×3 convolutions, squeeze-and-excitation and a shortcut."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inner, outer, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outer)
        self.squeeze = Squeeze(outer, outer // 16)
        same = stride == 1 and inner == outer
        self.shortcut = nn.Identity() if same else nn.Conv2d(inner, outer, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.squeeze(self.bn2(self.conv2(y))) + self.shortcut(x))


class Inverted(nn.Module):
    """1×1, depthwise 3×3 and 1×1 convolutions, as in MobileNetV2 (Sandler et al. 2018)."""

    def __init__(self, inner: int, outer: int, stride: int, widening: int) -> None:
        super().__init__()
        wide = inner * widening
        expand = [nn.Conv2d(inner, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6()]
        self.layers = nn.Sequential(
            *(expand if widening > 1 else []),
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(wide, outer, 1, bias=False),
            nn.BatchNorm2d(outer),
        )
        self.same = stride == 1 and inner == outer

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.same else y


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of a map that has them first."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    """7×7 depthwise, layer normalisation, 1×1, GELU, 1×1 (Liu et al. 2022)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.scale * self.narrow(F.gelu(self.wide(y)))
        return x + y.permute(0, 3, 1, 2)


class Transformer(nn.Module):
    """A vision transformer on patches of 16 × 16 pixels (Dosovitskiy et al. 2021)."""

    def __init__(self, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 16, 16)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.places = nn.Parameter(torch.randn(1, 197, width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        seen = self.patches(x).flatten(2).transpose(1, 2)
        seen = torch.cat([self.token.expand(len(x), -1, -1), seen], 1) + self.places
        return self.head(self.norm(self.blocks(seen))[:, 0])


def se_resnet18() -> nn.Module:
    """ResNet-18 with squeeze-and-excitation in every block."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)]
    layers += [nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for i in range(4):
        for j in range(2):
            layers.append(SqueezeBlock(width, 64 * 2**i, 2 if i > 0 and j == 0 else 1))
            width = 64 * 2**i
    return nn.Sequential(*layers, *_head(width))


def mobilenet_v2() -> nn.Module:
    """MobileNetV2."""
    layers: list[nn.Module] = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32)]
    layers.append(nn.ReLU6())
    width = 32
    for widening, outer, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
        (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ):  # fmt: skip
        for j in range(count):
            layers.append(Inverted(width, outer, stride if j == 0 else 1, widening))
            width = outer
    layers += [nn.Conv2d(width, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6()]
    return nn.Sequential(*layers, *_head(1280))


def convnext_tiny() -> nn.Module:
    """ConvNeXt-T."""
    layers: list[nn.Module] = [nn.Conv2d(3, 96, 4, 4), ChannelNorm(96, eps=1e-6)]
    for width, depth in ((96, 3), (192, 3), (384, 9), (768, 3)):
        if width > 96:
            layers += [ChannelNorm(width // 2, eps=1e-6), nn.Conv2d(width // 2, width, 2, 2)]
        layers += [ConvNeXtBlock(width) for _ in range(depth)]
    return nn.Sequential(*layers, *_head(768))


def vit_small() -> nn.Module:
    """ViT-S/16."""
    return Transformer(384, 12, 6)


def _head(width: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, CLASSES)]
