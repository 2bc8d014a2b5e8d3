"""Where ids become vectors: follows every id through a forward pass to the tables it is looked up
in.

Ids are numbered by their place in a sample. The numbers go along wherever the network moves the ids
(slices, transposes, concatenates, shifts them by an offset), so that each looked-up vector is known
to belong to one sample and one place.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ..errors import NotApplicable

UNKNOWN, MIXED = -1, -2
"""Numbers of ids that the network made up itself, and of those made of several."""

_MOVED = frozenset(
    {
        *("__getitem__", "select", "narrow", "unbind", "split", "chunk", "tensor_split", "take"),
        *("reshape", "view", "flatten", "unflatten", "permute", "transpose", "t", "swapaxes"),
        *("movedim", "moveaxis", "squeeze", "unsqueeze", "expand", "repeat", "index_select"),
        *("contiguous", "clone", "detach", "roll", "flip", "gather", "tile", "ravel"),
        "repeat_interleave",
    }
)
_CHANGED = frozenset(
    {
        *("to", "long", "int", "float", "double", "short", "type", "cpu", "cuda", "half"),
        *("add", "add_", "__add__", "__radd__", "__iadd__", "sub", "sub_", "__sub__", "__isub__"),
        *("mul", "mul_", "__mul__", "__rmul__", "clamp", "clamp_", "clip", "clamp_min"),
        *("clamp_max", "masked_fill", "masked_fill_", "where", "remainder", "fmod", "__mod__"),
        *("abs", "round", "floor", "ceil", "trunc", "nan_to_num", "minimum", "maximum"),
        *("div", "__truediv__", "__floordiv__", "floor_divide", "type_as", "bfloat16"),
    }
)
_JOINED = frozenset({"cat", "concat", "concatenate", "stack", "hstack", "vstack"})
_TURNED = (Tensor.T.__get__, Tensor.mT.__get__)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Looked:
    """One look-up: the numbers of the ids, the vectors they got, and the table's padding id."""

    numbers: Tensor
    vectors: Tensor
    padding: int | None


AtLookup = Callable[[int, Looked], Tensor]
"""`at(order, looked)` gives the vectors with which the network goes on."""


def numbered(sources: Iterable[Tensor]) -> list[Tensor]:
    """A number for every value of every source `(N, …)`: sample · places + place, where the places
    of all sources are counted through."""
    tensors = list(sources)
    total, first, found = sum(t[0].numel() for t in tensors), 0, []
    for tensor in tensors:
        own = tensor[0].numel()
        rows = torch.arange(len(tensor), device=tensor.device)[:, None] * total
        places = torch.arange(first, first + own, device=tensor.device)
        found.append((rows + places).reshape(tensor.shape))
        first += own
    return found


class Lookups(TorchFunctionMode):
    """In the body, `at` is called at every look-up of a tracked id, and what it gives is used."""

    def __init__(self, sources: list[Tensor], at: AtLookup) -> None:
        super().__init__()
        self.at, self.order = at, 0
        self._known: dict[int, tuple[Tensor, Tensor]] = {}
        for tensor, numbers in zip(sources, numbered(sources), strict=True):
            self._keep(tensor, numbers)

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "__setitem__":
            result = func(*args, **kwargs)
            self._written(*args)
            return result
        found = self._lookup(func, name, args, kwargs)
        if found is not None:
            return found
        result = func(*args, **kwargs)
        self._follow(func, name, args, kwargs, result)
        return result

    # Look-ups

    def _lookup(self, func: Any, name: str, args: tuple[Any, ...], kwargs: Any) -> Tensor | None:
        if func in (F.embedding, F.embedding_bag, F.one_hot):
            ids = args[0] if args else kwargs["input"]
            numbers = self._numbers(ids)
            if numbers is None:
                return None
            if func is F.embedding_bag:
                return self._bag(numbers, *args, **kwargs)
            vectors = func(*args, **kwargs)
            if func is F.one_hot:
                vectors = vectors.to(torch.get_default_dtype())
            padding = args[2] if len(args) > 2 else kwargs.get("padding_idx")
            return self._met(numbers, vectors, padding if func is F.embedding else None)
        if name == "__getitem__" and isinstance(args[1], Tensor) and args[0].is_floating_point():
            numbers = self._numbers(args[1])
            if numbers is not None and self._numbers(args[0]) is None:
                return self._met(numbers, func(*args), None)
        return None

    def _met(self, numbers: Tensor, vectors: Tensor, padding: int | None) -> Tensor:
        if bool((numbers == MIXED).any()):
            raise NotApplicable(
                "The network looks up a vector by several ids at once, so that it cannot be shared "
                "out between them.",
                "Use a black-box method: occlusion, lime, kernel_shap or shapley.",
            )
        if not bool((numbers >= 0).any()):
            return vectors
        order, self.order = self.order, self.order + 1
        return self.at(order, Looked(numbers, vectors, padding))

    def _bag(self, numbers: Tensor, ids: Tensor, weight: Tensor, *args: Any, **kw: Any) -> Tensor:
        """Sum, mean or maximum of the vectors of every row, with the vectors apart before it."""
        names = ("offsets", "max_norm", "norm_type", "scale_grad_by_freq", "mode", "sparse")
        given = dict(zip((*names, "per_sample_weights"), args, strict=False)) | kw
        padding = given.get("padding_idx")
        if ids.ndim != 2:
            raise NotApplicable(
                "The network takes the ids of all samples in one row, with offsets.",
                "Give it as (N, tokens), padded; or use a black-box method.",
            )
        vectors = self._met(numbers, F.embedding(ids, weight), padding)
        shares = given.get("per_sample_weights")
        counted = torch.ones_like(ids, dtype=vectors.dtype)
        if padding is not None:
            counted = (ids != padding).to(vectors.dtype)
        kind = given.get("mode", "mean")
        if kind == "max":
            masked = vectors.masked_fill(counted[..., None] == 0, -torch.inf).amax(1)
            return torch.where(masked.isinf(), torch.zeros_like(masked), masked)
        weights = counted if shares is None else counted * shares
        total = (weights[..., None] * vectors).sum(1)
        return total / counted.sum(1, keepdim=True).clamp_min(1) if kind == "mean" else total

    # Following the ids

    def _numbers(self, tensor: Any) -> Tensor | None:
        known = self._known.get(id(tensor)) if isinstance(tensor, Tensor) else None
        return None if known is None else known[1]

    def _keep(self, tensor: Tensor, numbers: Tensor) -> None:
        self._known[id(tensor)] = (tensor, numbers)  # an id stays taken while its tensor lives

    def _follow(self, func: Any, name: str, args: Any, kwargs: Any, result: Any) -> None:
        if name in _JOINED:
            parts = args[0] if args else kwargs["tensors"]
            if any(self._numbers(part) is not None for part in parts):
                self._keep(result, func([self._all(part) for part in parts], *args[1:], **kwargs))
            return
        every = (*args, *kwargs.values())
        tracked = [n for n in map(self._numbers, every) if n is not None]
        if not tracked:
            return
        if name in _MOVED or func in _TURNED:
            if self._numbers(args[0]) is None:
                return
            moved = func(tracked[0], *args[1:], **kwargs)
            pairs = (
                [(result, moved)]
                if isinstance(result, Tensor)
                else zip(result, moved, strict=False)
            )
            for tensor, numbers in pairs:
                self._keep(tensor, numbers)
        elif name in _CHANGED and isinstance(result, Tensor):
            numbers = tracked[0].expand(result.shape) if _fits(tracked[0], result) else None
            if numbers is not None:
                mixed = [other for other in tracked[1:] if not torch.equal(other, tracked[0])]
                self._keep(result, torch.full_like(numbers, MIXED) if mixed else numbers)

    def _all(self, tensor: Tensor) -> Tensor:
        known = self._numbers(tensor)
        if known is not None:
            return known
        return torch.full(tensor.shape, UNKNOWN, dtype=torch.long, device=tensor.device)

    def _written(self, target: Tensor, key: Any, value: Any) -> None:
        written = self._numbers(value)
        if written is None:
            return
        numbers = self._all(target).clone()
        numbers[key] = written
        self._keep(target, numbers)


def _fits(numbers: Tensor, result: Tensor) -> bool:
    shapes = zip(reversed(numbers.shape), reversed(result.shape), strict=False)
    return numbers.ndim <= result.ndim and all(a in (1, b) for a, b in shapes)
