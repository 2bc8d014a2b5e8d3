"""Small networks of the well-known families with random weights, in double precision.

Most come from `transformers`, so that they are written by others; pictures are 64×64.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import transformers as hf
from torch import Tensor, nn

from pellucid.testing.nets import built

CLASSES = 4


class Logits(nn.Module):
    """The bare logits of a `transformers` classifier, for oracles that cannot read its output."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x).logits


@dataclass(frozen=True)
class Family:
    """A network, its twin for oracles (same modules, plain tensor out), and a layer of both."""

    net: nn.Module
    bare: nn.Module
    layer: nn.Module
    tokens: int | None = None
    """Tokens before the places where the layer gives `(N, L, C)`."""


def _of(net: nn.Module, find: Callable[[nn.Module], nn.Module], tokens: int | None) -> Family:
    net = net.double().requires_grad_(True)
    bare = Logits(net) if hasattr(net, "config") else net
    return Family(net, bare.eval(), find(net), tokens)


def vgg() -> nn.Sequential:
    """Two convolutions, each with ReLU and max-pooling, then two linear layers."""
    return nn.Sequential(
        *(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4)),
        *(nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4)),
        *(nn.Flatten(), nn.Linear(192, 24), nn.ReLU(), nn.Linear(24, CLASSES)),
    )


def resnet() -> nn.Module:
    """ResNet with two stages of one basic block."""
    return hf.ResNetForImageClassification(
        hf.ResNetConfig(embedding_size=16, hidden_sizes=[16, 32], depths=[1, 1],
                        layer_type="basic", num_labels=CLASSES)
    )  # fmt: skip


def mobilenet() -> nn.Module:
    """MobileNetV2 at a quarter of its width, with ReLU6."""
    return hf.MobileNetV2ForImageClassification(
        hf.MobileNetV2Config(depth_multiplier=0.25, min_depth=8, image_size=64, num_labels=CLASSES,
                             finegrained_output=False)
    )  # fmt: skip


def convnext() -> nn.Module:
    """ConvNeXt with two stages of one block."""
    return hf.ConvNextForImageClassification(
        hf.ConvNextConfig(num_stages=2, hidden_sizes=[16, 32], depths=[1, 1], image_size=64,
                          layer_scale_init_value=1.0, num_labels=CLASSES)
    )  # fmt: skip


def swin() -> nn.Module:
    """Swin with two stages of one block; its layers give `(N, H·W, C)`."""
    return hf.SwinForImageClassification(
        hf.SwinConfig(image_size=64, patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 2],
                      window_size=4, num_labels=CLASSES)
    )  # fmt: skip


def vit() -> nn.Module:
    """ViT with two blocks on 4×4 patches and a class token."""
    return hf.ViTForImageClassification(
        hf.ViTConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
                     intermediate_size=64, image_size=64, patch_size=16, num_labels=CLASSES)
    )  # fmt: skip


FAMILIES: dict[str, Callable[[], Family]] = {
    "vgg": lambda: _of(built(vgg), lambda net: net[4], None),
    "resnet": lambda: _of(built(resnet), lambda net: net.resnet.encoder.stages[-1], None),
    "mobilenet": lambda: _of(built(mobilenet), lambda net: net.mobilenet_v2.conv_1x1, None),
    "convnext": lambda: _of(built(convnext), lambda net: net.convnext.encoder.stages[-1], None),
    "swin": lambda: _of(built(swin), lambda net: net.swin.layernorm, 0),
    "vit": lambda: _of(built(vit), lambda net: net.vit.layers[-1].layernorm_before, 1),
}


def pictures(n: int = 2) -> Tensor:
    """`(n, 3, 64, 64)` of standard normal values in double precision."""
    generator = torch.Generator().manual_seed(5)
    return torch.randn(n, 3, 64, 64, generator=generator, dtype=torch.float64)
