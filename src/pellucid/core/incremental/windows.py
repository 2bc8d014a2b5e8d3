"""Convolutions, poolings and paddings as windows that slide over a padded map."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...ops.sliding import Sliding

_CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)
_AVERAGES: tuple[Callable[..., Tensor], ...] = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)
_MAXIMA = (F.max_pool1d, F.max_pool2d, F.max_pool3d)

_POOLING = ("kernel_size", "stride", "padding")
_ARGUMENTS = {
    "conv": ("weight", "bias", "stride", "padding", "dilation", "groups"),
    "max_pool": (*_POOLING, "dilation", "ceil_mode", "return_indices"),
    "avg_pool": (*_POOLING, "ceil_mode", "count_include_pad", "divisor_override"),
    "pad": ("pad", "mode", "value"),
}
"""The arguments of functions after the input."""


@dataclass(frozen=True)
class Window:
    """`apply` acts on a rectangle of the map, padded by `before` and `after` with `fill`, and pads
    no more; `scale` `(1, 1, *space)` is multiplied to what it gives."""

    slides: tuple[Sliding, ...]
    after: tuple[int, ...]
    apply: Callable[[Tensor], Tensor]
    fill: float = 0.0
    scale: Tensor | None = None

    @property
    def before(self) -> tuple[int, ...]:
        """The padding at the low ends."""
        return tuple(slide.before for slide in self.slides)


Arguments = tuple[Sequence[Any], Mapping[str, Any]]


def window_of(
    name: str, module: nn.Module | None, arguments: Arguments, value: Tensor, output: Tensor
) -> Window | None:
    """The window of a module, or of a function `name` with the arguments after the input; None for
    anything else. `value` and `output` are the maps before and after it, channels first."""
    rank = value.ndim - 2
    if module is not None:
        return _of_module(module, rank, value, output)
    args, kwargs = arguments
    given = {
        **dict(zip(_ARGUMENTS.get(name.replace(f"{rank}d", ""), ()), args, strict=False)),
        **kwargs,
    }
    if name == f"conv{rank}d":
        return _convolution(rank, given, value, output)
    if name == f"max_pool{rank}d":
        return _maximum(rank, given, value, output)
    if name == f"avg_pool{rank}d":
        return _average(rank, given, value, output)
    if name == "pad" and given.get("mode", "constant") == "constant":
        return _padding(rank, given["pad"], given.get("value") or 0.0)
    return None


def _of_module(module: nn.Module, rank: int, value: Tensor, output: Tensor) -> Window | None:
    kind = type(module)
    if kind in (nn.Conv1d, nn.Conv2d, nn.Conv3d):
        return _convolution(rank, _read(module, "conv", "padding_mode"), value, output)
    if kind in (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d):
        return _maximum(rank, _read(module, "max_pool"), value, output)
    if kind in (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d):
        return _average(rank, _read(module, "avg_pool"), value, output)
    if kind in (nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d):
        return _padding(rank, module.padding, 0.0)
    if kind in (nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d):
        return _padding(rank, module.padding, float(module.value))  # type: ignore[arg-type]
    return None


def _read(module: nn.Module, kind: str, *more: str) -> dict[str, Any]:
    return {name: getattr(module, name, None) for name in (*_ARGUMENTS[kind], *more)}


def _convolution(
    rank: int, given: Mapping[str, Any], value: Tensor, output: Tensor
) -> Window | None:
    weight, bias = given["weight"], given.get("bias")
    if given.get("padding_mode", "zeros") != "zeros" or weight.ndim != rank + 2:
        return None
    stride, dilation = _each(given.get("stride", 1), rank), _each(given.get("dilation", 1), rank)
    padding, kernel = given.get("padding", 0), tuple(weight.shape[2:])
    if padding == "same":
        before = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
    else:
        before = _each(0 if padding == "valid" else padding, rank)
    slides = _slides(kernel, stride, dilation, before)
    groups = given.get("groups", 1)

    def apply(tile: Tensor) -> Tensor:
        return _CONVOLUTIONS[rank - 1](tile, weight, bias, stride, 0, dilation, groups)

    return Window(slides, _after(slides, value, output), apply)


def _maximum(rank: int, given: Mapping[str, Any], value: Tensor, output: Tensor) -> Window | None:
    if given.get("return_indices"):
        return None
    kernel = _each(given["kernel_size"], rank)
    stride = _each(given.get("stride") or kernel, rank)
    dilation = _each(given.get("dilation", 1), rank)
    slides = _slides(kernel, stride, dilation, _each(given.get("padding", 0), rank))

    def apply(tile: Tensor) -> Tensor:
        return _MAXIMA[rank - 1](tile, kernel, stride, 0, dilation)

    return Window(slides, _after(slides, value, output), apply, fill=-torch.inf)


def _average(rank: int, given: Mapping[str, Any], value: Tensor, output: Tensor) -> Window | None:
    """The sum in each window times one over the number that it is divided by there."""
    kernel = _each(given["kernel_size"], rank)
    stride, padding = (
        _each(given.get("stride") or kernel, rank),
        _each(given.get("padding", 0), rank),
    )
    slides = _slides(kernel, stride, (1,) * rank, padding)
    after = _after(slides, value, output)
    size = float(torch.tensor(kernel).prod())

    def apply(tile: Tensor) -> Tensor:
        return _AVERAGES[rank - 1](tile, kernel, stride)

    ones = value.new_ones(1, 1, *value.shape[2:])
    options: list[Any] = [given.get("ceil_mode", False), given.get("count_include_pad", True)]
    if rank > 1:
        options.append(given.get("divisor_override"))
    wanted = _AVERAGES[rank - 1](ones, kernel, stride, padding, *options)
    widths = [
        w for s, a in zip(reversed(slides), reversed(after), strict=True) for w in (s.before, a)
    ]
    plain = apply(F.pad(ones, widths))
    for axis, size in enumerate(output.shape[2:]):
        plain = plain.narrow(2 + axis, 0, size)
    scale = wanted / plain if bool((plain * size > 0.5).all()) else None
    if scale is None:
        return None
    return Window(slides, after, apply, scale=None if bool((scale == 1).all()) else scale)


def _padding(rank: int, given: Any, fill: float) -> Window | None:
    widths = [int(width) for width in given]
    if len(widths) > 2 * rank or min(widths) < 0:
        return None
    widths += [0] * (2 * rank - len(widths))
    before, after = tuple(reversed(widths[::2])), tuple(reversed(widths[1::2]))
    slides = tuple(Sliding(before=low) for low in before)
    return Window(slides, after, lambda tile: tile, fill=fill)


def _slides(
    kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int], before: Sequence[int]
) -> tuple[Sliding, ...]:
    return tuple(map(Sliding, kernel, stride, dilation, before))


def _after(slides: Sequence[Sliding], value: Tensor, output: Tensor) -> tuple[int, ...]:
    """The padding at the high ends that the last output needs."""
    sizes = zip(slides, value.shape[2:], output.shape[2:], strict=True)
    return tuple(max(0, (m - 1) * s.stride + s.span - n - s.before) for s, n, m in sizes)


def _each(value: Any, rank: int) -> tuple[int, ...]:
    several = value if isinstance(value, tuple | list) else (value,)
    return tuple(int(v) for v in several) * (rank if len(several) == 1 else 1)
