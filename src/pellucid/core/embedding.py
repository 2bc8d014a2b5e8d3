"""The vectors that a network looked up for ids, in the ids' place: where gradients begin.

The gradient of an id does not exist; that of its vector does. Methods see every look-up as an input
`(N, k, D)` of its own, and what they find is added up to the ids.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from ..errors import NotApplicable
from ..ops.colour import Reduction, reduce_channels
from .axes import FEATURE
from .lookups import Looked, Lookups
from .structure import Path, at


@dataclass(frozen=True)
class Lookup:
    """One look-up: the ids in it, by their places in a sample, and the table's padding id."""

    places: Tensor
    padding: int | None


@dataclass(frozen=True)
class Source:
    """An input `(N, …)` whose values are looked up; its places begin at `first`."""

    name: str
    path: Path
    first: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]

    @property
    def last(self) -> int:
        """The place after its last one."""
        return self.first + torch.Size(self.shape).numel()


@dataclass(frozen=True)
class Embedding:
    """All look-ups of a forward pass, with the vectors `(N, k, *D)` by the look-up's name.

    `sources` are all tracked inputs, looked up or not; `embed(ids by source)` are the vectors of
    other ids. `padding` `(N, places)` is true where a token only fills up a row. `special` are
    known ids: `pad`, `mask`, and `kept`, those that stay in a baseline.
    """

    vectors: Mapping[str, Tensor]
    lookups: Mapping[str, Lookup]
    sources: tuple[Source, ...]
    axes: Mapping[str, tuple[str, ...]]
    embed: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]
    padding: Tensor | None = None
    special: Mapping[str, Any] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    """Inputs of floats that are masks, which nobody wants explained."""

    def source_of(self, name: str) -> Source:
        """The input in which the ids of a look-up are."""
        first = int(self.lookups[name].places[0])
        return next(s for s in self.sources if s.first <= first < s.last)

    def take(self, rows: Tensor) -> "Embedding":
        """Those of the samples `rows`."""
        padding = None if self.padding is None else self.padding[rows.to(self.padding.device)]
        vectors = {n: v[rows.to(v.device)] for n, v in self.vectors.items()}
        return replace(self, vectors=vectors, padding=padding)

    def replaced(self, vectors: Mapping[str, Tensor]) -> "Embedding":
        """The same with other vectors."""
        return replace(self, vectors={**self.vectors, **vectors})

    def padded(self, name: str) -> Tensor | None:
        """Where the vectors of a look-up fill up a row, `(N, k)`."""
        if self.padding is None:
            return None
        return self.padding[:, self.lookups[name].places.to(self.padding.device)]

    def to_ids(
        self, values: Mapping[str, Tensor], reduce: Reduction | None = None
    ) -> dict[str, Tensor]:
        """Values of the vectors, one for every id of their sources: summed (or `reduce`d) over each
        vector, and over the look-ups of an id. Padding gets zero."""
        found: dict[str, Tensor] = {}
        for name, tensor in values.items():
            if name not in self.lookups:
                continue
            source, places = self.source_of(name), self.lookups[name].places.to(tensor.device)
            own = reduce_channels(tensor.flatten(2), 2, reduce or "sum")
            whole = found.setdefault(
                source.name, own.new_zeros(len(own), source.last - source.first)
            )
            whole.index_add_(1, places - source.first, own)
        for source in self.sources:
            if source.name not in found:
                continue
            whole = found[source.name]
            if self.padding is not None:
                own_padding = self.padding[:, source.first : source.last].to(whole.device)
                whole = whole.masked_fill(own_padding, 0)
            found[source.name] = whole.reshape(len(whole), *source.shape)
        return found

    def share_of_padding(self, values: Mapping[str, Tensor]) -> Tensor | None:
        """The share of all sizes that lies on padding, `(N,)`; None where there is none."""
        if self.padding is None:
            return None
        total, blank = torch.zeros(len(self.padding)), torch.zeros(len(self.padding))
        for name, lookup in self.lookups.items():
            size = values[name].flatten(2).sum(2).abs().float().cpu()
            total += size.sum(1)
            blank += (size * self.padding.cpu()[:, lookup.places]).sum(1)
        return blank / total.clamp_min(1e-30)

    def codes(self, value: Any, name: str | None) -> Any:
        """The ids of the input `name` that are codes in columns of a table, as an array."""
        for source in self.sources:
            tensor = at(value, source.path)
            if source.name == name and FEATURE in source.axes and not tensor.is_floating_point():
                return tensor.cpu().numpy().astype("float32")
        return None

    def to_inputs(
        self,
        values: Mapping[str, Tensor],
        axes: Mapping[str, tuple[str, ...]],
        reduce: Reduction | None = None,
    ) -> tuple[dict[str, Tensor], dict[str, tuple[str, ...]]]:
        """Values and axes by the inputs' own names: what look-ups got, beside or added to what the
        floats got."""
        found = {name: tensor for name, tensor in values.items() if name not in self.lookups}
        named = {name: axes[name] for name in found}
        own = {source.name: source.axes for source in self.sources}
        for name, tensor in self.to_ids(values, reduce).items():
            found[name] = found[name] + tensor if name in found else tensor
            named.setdefault(name, own[name])
        return found, named


@contextmanager
def beginning_at(embedding: Embedding | None, value: Any) -> Iterator[None]:
    """The network in the body goes on with these vectors in the place of what it looks up for the
    ids in `value`."""
    if embedding is None:
        yield
        return
    names = list(embedding.lookups)
    total = max(source.last for source in embedding.sources)

    def at_lookup(order: int, looked: Looked) -> Tensor:
        if order >= len(names):
            raise NotApplicable(
                "The network looks up its ids more often than on the inputs given.",
                "Use a black-box method, or give the embedded values as the input.",
            )
        name = names[order]
        vectors, places = embedding.vectors[name], embedding.lookups[name].places
        numbers = looked.numbers.contiguous()
        known = numbers >= 0
        slot = torch.searchsorted(places.to(numbers.device), (numbers % total).clamp_min(0))
        slot = slot.clamp_max(len(places) - 1)
        sample = torch.div(numbers, total, rounding_mode="floor").clamp_min(0)
        own = vectors.to(looked.vectors.dtype)[sample, slot]
        if bool(known.all()):
            return own
        return torch.where(known[(..., *(None,) * (own.ndim - known.ndim))], own, looked.vectors)

    with Lookups([at(value, source.path) for source in embedding.sources], at_lookup):
        yield
