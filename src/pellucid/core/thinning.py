"""Thinned networks: dropout or DropConnect left on, with masks that a seed decides.

One pass is one thinned network: its masks are shared by the rows of a batch, so that a pass is a
function like any other, the same for every batch size, and every method can explain it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..errors import NotApplicable, ParameterError

Thins = Literal["dropout", "dropconnect"]
"""What is left out: units of a layer, or weights of linear layers."""

_UNITS: dict[Any, int] = {F.dropout: 0, F.alpha_dropout: 0}
_CHANNELS: dict[Any, int] = {
    F.dropout1d: 1,
    F.dropout2d: 2,
    F.dropout3d: 3,
    F.feature_alpha_dropout: 2,
}
"""Functions that drop whole channels, and how many axes of places a channel has."""

_ALPHA = frozenset({F.alpha_dropout, F.feature_alpha_dropout})
_SATURATED = -1.7580993408473766
"""−λα of SELU: what alpha dropout puts in place of a unit (Klambauer et al. 2017, section 3)."""

_APART = 1_000_003
"""Between the seeds of two passes: more than the dropouts of a network."""

_FUSED = (nn.RNNBase, nn.MultiheadAttention)


class Thinning(TorchFunctionMode):
    """Replaces every dropout, or the weights of every linear layer, by one thinned by a mask."""

    def __init__(self, seed: int, rate: float | None, thins: Thins) -> None:
        super().__init__()
        self.seed, self.rate, self.thins = seed, rate, thins
        self.rows, self.calls, self.met = 0, 0, 0

    def start(self, rows: int) -> None:
        """A forward pass over `rows` samples begins: its masks are those of the pass."""
        self.rows, self.calls = rows, 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if self.thins == "dropconnect" and func is F.linear:
            x, weight, *rest = args
            kept = self._kept(weight.shape, self.rate or 0.0, weight)
            return F.linear(x, weight * kept, *rest, **kwargs)
        if self.thins == "dropout" and (func in _UNITS or func in _CHANNELS):
            return self._dropped(func, *args, **kwargs)
        return func(*args, **kwargs)

    def _dropped(
        self, func: Any, x: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
    ) -> Tensor:
        rate = p if self.rate is None else self.rate
        shape = list(x.shape)
        for axis in range(min(2, x.ndim)):  # the samples come first, or after the time steps
            if shape[axis] == self.rows:
                shape[axis] = 1
                break
        if func in _CHANNELS:
            places = min(_CHANNELS[func], x.ndim - 1)
            shape[x.ndim - places :] = [1] * places
        if func in _ALPHA:
            return self._alpha(x, self._kept(torch.Size(shape), rate, x) > 0, rate)
        found: Tensor = x * self._kept(torch.Size(shape), rate, x)
        return found

    @staticmethod
    def _alpha(x: Tensor, kept: Tensor, rate: float) -> Tensor:
        a: float = ((1 - rate) * (1 + rate * _SATURATED**2)) ** -0.5
        return a * torch.where(kept, x, x.new_tensor(_SATURATED)) - a * rate * _SATURATED

    def _kept(self, shape: torch.Size, rate: float, like: Tensor) -> Tensor:
        """0 where something is left out, 1 / (1 − rate) elsewhere."""
        self.met += rate > 0
        generator = torch.Generator().manual_seed((self.seed * _APART + self.calls) % 2**63)
        self.calls += 1
        if rate >= 1:
            return torch.zeros(shape, dtype=like.dtype, device=like.device)
        kept: Tensor = torch.rand(shape, generator=generator) >= rate
        return kept.to(device=like.device, dtype=like.dtype) / (1 - rate)


@contextmanager
def thinned(
    net: nn.Module, seed: int, rate: float | None = None, thins: Thins = "dropout"
) -> Iterator[Thinning]:
    """Run the network thinned by the masks of `seed`; everything else stays in eval mode.

    `rate` replaces the rates of the network's dropouts; DropConnect needs one. Batch normalisation
    keeps its statistics. Raises `NotApplicable` for TorchScript, whose functions cannot be seen.

    **Source:** Gal & Ghahramani 2016 (dropout), Wan et al. 2013 (DropConnect).
    """
    if rate is not None and not 0 <= rate < 1:
        raise ParameterError(f"rate={rate!r} is no share.", "Give a number from 0 to below 1.")
    if thins == "dropconnect" and rate is None:
        raise ParameterError("DropConnect has no rate.", "Say rate=0.5, or another share.")
    if any(isinstance(module, torch.jit.ScriptModule) for module in net.modules()):
        raise NotApplicable(
            "The network, or a part of it, is TorchScript: its dropouts cannot be reached.",
            "Give the network before it was scripted or traced.",
        )
    mode = Thinning(seed, rate, thins)

    def begin(module: nn.Module, args: Any, named: Any) -> None:
        tensors = [t for t in (*args, *named.values()) if isinstance(t, Tensor)]
        mode.start(len(tensors[0]) if tensors and tensors[0].ndim else 0)

    handle = net.register_forward_pre_hook(begin, with_kwargs=True)
    try:
        with mode:
            yield mode
    finally:
        handle.remove()


def out_of_reach(net: nn.Module) -> list[str]:
    """Names of layers with a dropout inside a fused kernel, which stays off."""
    return [
        name
        for name, module in net.named_modules()
        if isinstance(module, _FUSED) and module.dropout
    ]
