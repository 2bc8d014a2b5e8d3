"""Finds where a network turns the ids it is given into vectors, on one forward pass."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ..errors import NotApplicable
from .axes import CHANNEL, FEATURE, SAMPLE, TOKEN
from .embedding import Embedding, Lookup, Source
from .guard import undisturbed
from .inputs import Inputs
from .lookups import Looked, Lookups
from .model import FAILURES, Model
from .structure import Path, at, leaves, map_leaves, replace_leaf, spell

_IDS = (torch.int16, torch.int32, torch.int64)
_CONSTANT = ("token_type_ids", "position_ids", "segment_ids", "decoder_position_ids")
"""Inputs that say where a token is, not which one it is."""


class _Done(BaseException):
    """Ends a forward pass after its last look-up."""


def embedded(model: Model, inputs: Inputs) -> Inputs:
    """The inputs with the looked-up vectors of their ids as what can be explained.

    As they are where the network looks up nothing by what it is given. Raises `NotApplicable` where
    a vector is looked up by several ids at once.
    """
    sources = _sources(inputs)
    if model.net is None or model.scripted or not sources:
        return inputs
    with undisturbed(model.net):
        found = _looked_up(model, inputs, sources)
    if not found:
        return inputs
    return replace(inputs, embedding=_embedding(model, inputs, sources, found))


def _sources(inputs: Inputs) -> tuple[Source, ...]:
    """Inputs that may hold ids: whole numbers, and tables of which some columns may be codes."""
    found, first = [], 0
    for path, tensor in leaves(inputs.value):
        ids = tensor.dtype in _IDS and tensor.ndim >= 1
        table = tensor.is_floating_point() and tensor.ndim == 2
        if len(tensor) != inputs.n or not (ids or table) or (path and path[-1] in _CONSTANT):
            continue
        shape = tuple(tensor.shape[1:])
        found.append(Source(spell(path) or "input", path, first, shape, ()))
        first = found[-1].last
    return tuple(found)


def _looked_up(
    model: Model, inputs: Inputs, sources: tuple[Source, ...], most: int | None = None
) -> list[Looked]:
    """Every look-up of the ids in one pass; it ends after `most`."""
    found: list[Looked] = []

    def at_lookup(order: int, looked: Looked) -> Tensor:
        found.append(looked)
        if most is not None and len(found) == most:
            raise _Done
        return looked.vectors

    value = map_leaves(Tensor.clone, inputs.value)
    bare = replace(inputs, value=value, embedding=None)
    tracked = [at(value, source.path) for source in sources]
    with torch.no_grad(), Lookups(tracked, at_lookup):
        try:
            model.run(bare)
        except _Done:
            pass
        except NotApplicable:
            raise
        except FAILURES:
            return []  # told where the network is run in earnest
    return found


def _embedding(
    model: Model, inputs: Inputs, sources: tuple[Source, ...], found: list[Looked]
) -> Embedding:
    total = max(source.last for source in sources)
    lookups = [Lookup(_places(looked, total), looked.padding) for looked in found]
    owners = [_owner(sources, lookup) for lookup in lookups]
    floats = {s.name for s in sources if at(inputs.value, s.path).is_floating_point()}
    names = [
        owner.name
        if owners.count(owner) == 1 and owner.name not in floats
        else f"{owner.name}[{owners[:i].count(owner)}]"
        for i, owner in enumerate(owners)
    ]
    masks = {
        s.name for s in sources if s.name in floats and _is_mask(at(inputs.value, s.path), owners)
    }
    table = _is_table(inputs, bool(floats - masks), lookups)
    named = tuple(replace(s, axes=_axes(s, inputs, table)) for s in sources)

    def vectors(looked: list[Looked], n: int) -> dict[str, Tensor]:
        every = zip(names, looked, lookups, strict=True)
        return {name: _rows(one, lookup, n, total) for name, one, lookup in every}

    def embed(ids: Mapping[str, Tensor]) -> dict[str, Tensor]:
        n = len(next(iter(ids.values())))
        batch = replace(inputs, embedding=None).take(torch.arange(n) % inputs.n)
        value = batch.value
        for source in sources:
            if source.name in ids:
                value = replace_leaf(value, source.path, ids[source.name])
        looked = _looked_up(model, replace(batch, value=value), sources, len(names))
        return vectors(looked, n)

    made = vectors(found, inputs.n)
    return Embedding(
        vectors=made,
        lookups=dict(zip(names, lookups, strict=True)),
        sources=named,
        axes=dict.fromkeys(names, (SAMPLE, FEATURE if table else TOKEN, CHANNEL)),
        embed=embed,
        padding=_padding(inputs, named, lookups, total),
        special=_special(model),
        held=frozenset(masks),
    )


def _places(looked: Looked, total: int) -> Tensor:
    """The places of the ids in a sample, each once, in order."""
    numbers = looked.numbers[looked.numbers >= 0]
    return torch.tensor(sorted(set((numbers % total).tolist())), dtype=torch.long)


def _rows(looked: Looked, lookup: Lookup, n: int, total: int) -> Tensor:
    """The vectors as `(N, k, D)`, in the order of their places."""
    numbers, vectors = looked.numbers.flatten(), looked.vectors
    flat = vectors.reshape(numbers.numel(), -1)
    known = numbers >= 0
    numbers, flat = numbers[known], flat[known]
    places = lookup.places.to(numbers.device)
    rows = flat.new_zeros(n, len(places), flat.shape[1])
    rows[numbers // total, torch.searchsorted(places, numbers % total)] = flat.detach()
    return rows


def _owner(sources: tuple[Source, ...], lookup: Lookup) -> Source:
    first = int(lookup.places[0])
    return next(source for source in sources if source.first <= first < source.last)


def _is_table(inputs: Inputs, numbers: bool, lookups: list[Lookup]) -> bool:
    """Whether the ids are codes in columns: there are columns of `numbers` too, or every column has
    a table of its own."""
    if inputs.axes_hint is not None:
        return FEATURE in inputs.axes_hint
    alone = len(lookups) > 1 and all(len(lookup.places) == 1 for lookup in lookups)
    return numbers or alone


def _is_mask(tensor: Tensor, owners: list[Source]) -> bool:
    """Whether floats beside tokens are their mask: zeros and ones in the tokens' shape."""
    same = any(tuple(tensor.shape[1:]) == owner.shape for owner in owners)
    return same and bool(((tensor == 0) | (tensor == 1)).all())


def _axes(source: Source, inputs: Inputs, table: bool) -> tuple[str, ...]:
    rank = 1 + len(source.shape)
    if inputs.axes_hint is not None and len(inputs.axes_hint) == rank:
        return inputs.axes_hint
    last = (FEATURE if table else TOKEN,)
    if rank == 1:
        return (SAMPLE,)
    return (SAMPLE, *last) if rank == 2 else (SAMPLE, *(CHANNEL,) * (rank - 2), *last)


def _padding(
    inputs: Inputs, sources: tuple[Source, ...], lookups: list[Lookup], total: int
) -> Tensor | None:
    """Where tokens only fill up a row, `(N, places)`: the mask given says so, else the table's
    padding id at the row's ends."""
    found = torch.zeros(
        inputs.n, total, dtype=torch.bool, device=at(inputs.value, sources[0].path).device
    )
    for lookup in lookups:
        source = _owner(sources, lookup)
        if TOKEN not in source.axes or len(source.shape) != 1:
            continue
        ids = at(inputs.value, source.path)
        mask = _mask_of(inputs, source.path, tuple(ids.shape))
        if mask is None and lookup.padding is not None:
            blank = ids == lookup.padding
            mask = ~(_leading(blank) | _leading(blank.flip(1)).flip(1))
        if mask is not None:
            found[:, source.first : source.last] = ~mask.to(found.device)
    return found if bool(found.any()) else None


def _leading(blank: Tensor) -> Tensor:
    """Those that are blank from the row's begin on."""
    return blank.long().cumprod(1).bool()


def _mask_of(inputs: Inputs, own: Path, shape: tuple[int, ...]) -> Tensor | None:
    """The mask beside some tokens, true where they count."""
    for path, tensor in leaves(inputs.value):
        if path == own or tuple(tensor.shape) != shape:
            continue
        name = str(path[-1]).lower() if path else ""
        binary = bool(((tensor == 0) | (tensor == 1)).all())
        if "padding_mask" in name and binary:
            return tensor == 0  # as in torch's own layers: true where nothing is
        if (
            binary
            and ("mask" in name or isinstance(path[-1], int))
            and bool((tensor == 1).any(1).all())
        ):
            return tensor == 1
    return None


def _special(model: Model) -> dict[str, Any]:
    """Ids that the network's own configuration names, as in transformers."""
    config: Any = getattr(model.net, "config", None)
    given = {name: getattr(config, f"{name}_token_id", None) for name in
             ("pad", "mask", "cls", "sep", "bos", "eos")}  # fmt: skip
    known = {name: int(value) for name, value in given.items() if isinstance(value, int)}
    found: dict[str, Any] = {name: known[name] for name in ("pad", "mask") if name in known}
    found["kept"] = tuple(known[name] for name in ("cls", "sep", "bos", "eos") if name in known)
    return found
