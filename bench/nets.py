"""Networks of the sizes that people explain, with seeded random weights and nothing to download."""

from collections.abc import Callable
from dataclasses import dataclass

import modern
import torch
from torch import Tensor, nn
from torch.nn import functional as F

CLASSES = modern.CLASSES
SIDE = 224
LOW, HIGH = -3.0, 3.0
"""Bounds of the pixels for LRP's box rule."""
TRAINED = "efficientnet_lite0"


class Basic(nn.Module):
    """Two 3×3 convolutions and a shortcut."""

    widening = 1

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inner, outer, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outer)
        self.shortcut = _shortcut(inner, outer, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1 convolutions and a shortcut."""

    widening = 4

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        middle = outer // 4
        self.conv1 = nn.Conv2d(inner, middle, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, outer, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outer)
        self.shortcut = _shortcut(inner, outer, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.shortcut(x))


class ModularBottleneck(Bottleneck):
    """The same with a module for every operation, as rules by module need it."""

    def __init__(self, inner: int, outer: int, stride: int, total: type[nn.Module]) -> None:
        super().__init__(inner, outer, stride)
        self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(), nn.ReLU()
        self.total = total()

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(self.relu2(self.bn2(self.conv2(y)))))
        return self.relu3(self.total(torch.stack([y, self.shortcut(x)], -1)))


class Total(nn.Module):
    """The sum over the last axis."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(-1)


class ResNet(nn.Module):
    """A residual network with global average pooling and one linear layer."""

    def __init__(self, block: type[Basic] | type[Bottleneck], depths: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)
        )
        self.pool = nn.MaxPool2d(3, 2, 1)
        width = 64
        for i, depth in enumerate(depths):
            outer, blocks = 64 * 2**i * block.widening, []
            for j in range(depth):
                blocks.append(block(width, outer, 2 if i > 0 and j == 0 else 1))
                width = outer
            self.add_module(f"layer{i + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.stem(x))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class VGG16(nn.Module):
    """Thirteen convolutions, five poolings and three linear layers."""

    def __init__(self, pooling: type[nn.Module] = nn.MaxPool2d) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = 3
        for count, outer in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
            for _ in range(count):
                layers += [nn.Conv2d(width, outer, 3, 1, 1), nn.ReLU(inplace=True)]
                width = outer
            layers.append(pooling(2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 49, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, CLASSES),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


def _weights(module: nn.Module) -> None:
    """Random weights with biases and statistics as training leaves them. Without these a ReLU
    network is homogeneous: its gradient is constant along any ray, which is no test of integrals.
    """
    if isinstance(module, nn.Conv2d):
        fan = module.weight[:, 0].numel() / module.groups  # out channels of a group × kernel
        nn.init.normal_(module.weight, std=(2 / fan) ** 0.5)
        if module.bias is not None:
            nn.init.normal_(module.bias, std=0.1)
    if isinstance(module, nn.BatchNorm2d):
        assert module.running_mean is not None
        assert module.running_var is not None
        nn.init.normal_(module.bias, std=0.3)
        nn.init.normal_(module.running_mean, std=0.3)
        nn.init.uniform_(module.running_var, 0.5, 1.5)


def _trained() -> nn.Module:
    import pellucid as pl

    net: nn.Module = pl.load_model(TRAINED).module
    return net


def _photograph() -> Tensor:
    import pellucid as pl
    from pellucid.io.inputs import read
    from pellucid.io.samples import sample

    tensor: Tensor = read(pl.load_model(TRAINED), str(sample("chelsea")))[0]
    return tensor


@dataclass(frozen=True)
class Subject:
    """A network and the layer that Grad-CAM explains in it."""

    build: Callable[[], nn.Module]
    layer: str
    tasks: frozenset[str]


_FLAT = frozenset({"forward", "grad_cam", "integrated_gradients", "memory"})
_POOLED = _FLAT | {"grad_cam_classes"}

SUBJECTS = {
    "resnet18": Subject(lambda: ResNet(Basic, (2, 2, 2, 2)), "layer4", _POOLED),
    "resnet50": Subject(lambda: ResNet(Bottleneck, (3, 4, 6, 3)), "layer4", _POOLED),
    "vgg16": Subject(VGG16, "features", _FLAT),
    "vgg16_average": Subject(lambda: VGG16(nn.AvgPool2d), "features", frozenset()),
    "mobilenet_v2": Subject(modern.mobilenet_v2, "", frozenset()),
    "se_resnet18": Subject(modern.se_resnet18, "", frozenset()),
    "convnext_tiny": Subject(modern.convnext_tiny, "", frozenset()),
    "vit_small": Subject(modern.vit_small, "", frozenset()),
    TRAINED: Subject(_trained, "", frozenset({"forward", "integrated_gradients"})),
}


def build(name: str) -> nn.Module:
    """The network called `name`, in eval mode, the same weights every time."""
    torch.manual_seed(0)
    net = SUBJECTS[name].build()
    if name != TRAINED:
        net.apply(_weights)
    return net.eval()


def modular(name: str, total: type[nn.Module] = Total) -> nn.Module:
    """The network called `name` with the same weights, every operation a module and none in place;
    `total` adds up the last axis in residual blocks."""
    net = build(name)
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    if not isinstance(net, ResNet):
        return nn.Sequential(*net.features, nn.Flatten(), *net.classifier).eval()
    stages = (net.layer1, net.layer2, net.layer3, net.layer4)
    blocks = [_modular(block, total) for stage in stages for block in stage]
    ends = nn.AdaptiveAvgPool2d(1), nn.Flatten(), net.fc
    return nn.Sequential(*net.stem, net.pool, *blocks, *ends).eval()


def _modular(block: Bottleneck, total: type[nn.Module]) -> nn.Module:
    first, last = block.conv1, block.conv3
    made = ModularBottleneck(first.in_channels, last.out_channels, block.conv2.stride[0], total)
    made.load_state_dict(block.state_dict())
    return made


def image(name: str) -> Tensor:
    """One input `(1, 3, 224, 224)`: a photograph for the trained network, else noise at several
    scales."""
    if name == TRAINED:
        return _photograph()
    generator = torch.Generator().manual_seed(1)
    found = torch.zeros(1, 3, SIDE, SIDE)
    for side in (4, 14, 56, SIDE):
        noise = torch.randn(1, 3, side, side, generator=generator)
        found += F.interpolate(noise, SIDE, mode="bilinear", align_corners=False)
    return found / found.std()


def _shortcut(inner: int, outer: int, stride: int) -> nn.Module:
    if stride == 1 and inner == outer:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer))
