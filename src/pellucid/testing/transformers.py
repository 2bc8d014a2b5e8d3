"""Small vision transformers: class and register tokens, mean pooling, channel-last stages."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FusedAttention(nn.Module):
    """torch's own attention, which may run fused: `(N, L, C)` to `(N, L, C)`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """Self-attention over the tokens."""
        mixed: Tensor = self.attend(x, x, x, need_weights=False)[0]
        return mixed


class PlainAttention(nn.Module):
    """The twin of `FusedAttention`, spelled out."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Self-attention over the tokens."""
        n, length, width = x.shape
        split = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        share = (query @ key.transpose(2, 3) / (width // self.heads) ** 0.5).softmax(3)
        mixed: Tensor = self.proj((share @ value).transpose(1, 2).reshape(n, length, width))
        return mixed


class SoftmaxAttention(PlainAttention):
    """As `PlainAttention`, with modules for the softmax and the dropout of its shares."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.attend, self.dropout = nn.Softmax(dim=-1), nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Self-attention over the tokens."""
        n, length, width = x.shape
        split = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        share = self.dropout(self.attend(query @ key.transpose(2, 3) / query.shape[3] ** 0.5))
        mixed: Tensor = self.proj((share @ value).transpose(1, 2).reshape(n, length, width))
        return mixed


class Block(nn.Module):
    """Pre-norm attention and multilayer perceptron, both residual."""

    def __init__(self, width: int, attention: type[nn.Module]) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = attention(width, 2)
        self.norm2 = nn.LayerNorm(width)
        wide = 2 * width
        self.mlp = nn.Sequential(nn.Linear(width, wide), nn.GELU(), nn.Linear(wide, width))

    def forward(self, x: Tensor) -> Tensor:
        """`(N, L, C)` to `(N, L, C)`."""
        x = x + self.attention(self.norm1(x))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class ViT(nn.Module):
    """Pictures `(N, 3, 16, 16)` in 4×4 patches to `(N, 3)`.

    `prefix` class and register tokens come first; the head reads the first token, or with
    `prefix=0` the mean of the patches.
    """

    def __init__(self, prefix: int = 1, attention: type[nn.Module] = FusedAttention) -> None:
        super().__init__()
        width = 16
        self.prefix = prefix
        self.patch = nn.Conv2d(3, width, 4, stride=4)
        self.tokens = nn.Parameter(0.5 * torch.randn(1, prefix, width))
        self.positions = nn.Parameter(0.5 * torch.randn(1, prefix + 16, width))
        self.blocks = nn.Sequential(Block(width, attention), Block(width, attention))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        patches = self.patch(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.tokens.expand(len(x), -1, -1), patches], 1)
        mixed = self.norm(self.blocks(tokens + self.positions))
        logits: Tensor = self.head(mixed[:, 0] if self.prefix else mixed.mean(1))
        return logits


class ClassAttention(nn.Module):
    """A block that only changes the class token: `(N, 1, C)` and `(N, L, C)` to `(N, 1, C)`."""

    def __init__(self, width: int, attention: type[nn.Module]) -> None:
        super().__init__()
        self.block = Block(width, attention)

    def forward(self, token: Tensor, patches: Tensor) -> Tensor:
        """The class token after it has looked at the patches."""
        block = self.block
        seen = block.norm1(torch.cat([token, patches], 1))
        token = token + block.attention(seen)[:, :1]
        out: Tensor = token + block.mlp(block.norm2(token))
        return out


class CaiTLike(nn.Module):
    """Patches that attend to each other, then two blocks for the class token alone; it has as many
    channels as there are patches, 4×4."""

    def __init__(self, attention: type[nn.Module] = FusedAttention) -> None:
        super().__init__()
        width = 16
        self.patch = nn.Conv2d(3, width, 4, stride=4)
        self.token = nn.Parameter(0.5 * torch.randn(1, 1, width))
        self.positions = nn.Parameter(0.5 * torch.randn(1, 16, width))
        self.block = Block(width, attention)
        self.first, self.second = (ClassAttention(width, attention) for _ in range(2))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        patches = self.block(self.patch(x).flatten(2).transpose(1, 2) + self.positions)
        token = self.first(self.token.expand(len(x), -1, -1), patches)
        logits: Tensor = self.head(self.norm(self.second(token, patches))[:, 0])
        return logits


class ChannelFirst(nn.Module):
    """A module that works on `(N, H, W, C)`, for maps `(N, C, H, W)`."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to `(N, C', H', W')`."""
        out: Tensor = self.inner(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out


class SwinBlock(nn.Module):
    """A residual block on `(N, H, W, C)` whose attention spans the whole map."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = Block(width, FusedAttention)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, H, W, C)` to the same."""
        out: Tensor = self.block(x.flatten(1, 2)).reshape(x.shape)
        return out


class PatchMerging(nn.Module):
    """Joins 2×2 places: `(N, H, W, C)` to `(N, H/2, W/2, 2C)`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * width)
        self.reduction = nn.Linear(4 * width, 2 * width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """The merged map."""
        corners = [x[:, i::2, j::2] for j in range(2) for i in range(2)]
        merged: Tensor = self.reduction(self.norm(torch.cat(corners, 3)))
        return merged


class SwinLike(nn.Module):
    """Channel-last stages: `(N, 3, 32, 32)` to `(N, 3)` over 8×8 and 4×4 maps.

    With `channel_first` every stage gives `(N, C, H, W)`: the twin.
    """

    def __init__(self, channel_first: bool = False) -> None:
        super().__init__()
        self.channel_first = channel_first
        stages = [SwinBlock(8), PatchMerging(8), SwinBlock(16), nn.LayerNorm(16)]
        self.patch = nn.Conv2d(3, 8, 4, stride=4)
        wrapped: list[Any] = [ChannelFirst(s) if channel_first else s for s in stages]
        self.features, self.norm = nn.Sequential(*wrapped[:3]), wrapped[3]
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        maps = self.patch(x)
        if not self.channel_first:
            maps = maps.permute(0, 2, 3, 1)
        mixed = self.norm(self.features(maps))
        logits: Tensor = self.head(mixed.mean((2, 3) if self.channel_first else (1, 2)))
        return logits


class ConvNeXtBlock(nn.Module):
    """A residual block on `(N, C, H, W)` with a norm and linear layers on `(N, H, W, C)`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen, self.act = nn.Linear(width, 2 * width), nn.GELU()
        self.narrow = nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to the same."""
        inner = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        inner = self.narrow(self.act(self.widen(inner)))
        out: Tensor = x + inner.permute(0, 3, 1, 2)
        return out


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of `(N, C, H, W)`, without moving axes."""

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to the same."""
        centred = x - x.mean(1, keepdim=True)
        scale = (centred.square().mean(1, keepdim=True) + self.eps).rsqrt()
        shape = (1, -1, 1, 1)
        return centred * scale * self.weight.reshape(shape) + self.bias.reshape(shape)


class ConvNeXtConvBlock(nn.Module):
    """The twin of `ConvNeXtBlock`: 1×1 convolutions, and channels stay first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.norm = ChannelNorm(width)
        self.widen, self.act = nn.Conv2d(width, 2 * width, 1), nn.GELU()
        self.narrow = nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` to the same."""
        inner = self.act(self.widen(self.norm(self.depthwise(x))))
        out: Tensor = x + self.narrow(inner)
        return out


class ConvNeXtLike(nn.Module):
    """`(N, 3, 16, 16)` to `(N, 3)`: blocks with channel-last insides, pooling, norm, linear."""

    def __init__(self, block: type[nn.Module] = ConvNeXtBlock) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 2, stride=2)
        self.blocks = nn.Sequential(block(12), block(12))
        self.norm, self.head = nn.LayerNorm(12), nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The logits `(N, 3)`."""
        maps = self.blocks(self.stem(x))
        pooled = F.adaptive_avg_pool2d(maps, 1).flatten(1)
        logits: Tensor = self.head(self.norm(pooled))
        return logits
