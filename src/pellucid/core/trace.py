"""One recorded run of a network: every layer, its calls, shapes and layouts."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from torch import Tensor, nn

from ..errors import LayerError, OutputError, suggest
from .hooks import visiting
from .inference import Inference
from .inputs import Inputs
from .layout import Layout
from .model import Model
from .structure import leaves


@dataclass(frozen=True)
class Visit:
    """One call of one layer. `same_as` numbers the values: equal numbers are one tensor that nobody
    wrote to in between."""

    name: str
    call: int
    order: int
    module: nn.Module | None
    kind: str
    shape: tuple[int, ...]
    layout: Layout | None
    same_as: int
    parameters: int
    bytes: int
    calls: int = 1
    """Of the layer in the whole pass."""

    @property
    def place(self) -> str:
        """The address of this very call: `layer@call`."""
        return f"{self.name}@{self.call}"

    @property
    def address(self) -> str:
        """What addresses this call alone: the name, and the call where there are several."""
        return self.name if self.calls == 1 else self.place


@dataclass(frozen=True)
class Trace:
    """Every visit of one forward pass of `n` samples, in order of completion."""

    visits: tuple[Visit, ...]
    n: int
    scores: int | None
    """The number of the tensor that holds the scores, if a layer gave it."""
    scores_shape: tuple[int, ...] | None

    def calls(self, name: str) -> list[Visit]:
        """All calls of a layer."""
        return [visit for visit in self.visits if visit.name == name]

    def names(self) -> list[str]:
        """Every layer that was called, in order."""
        return list(dict.fromkeys(visit.name for visit in self.visits if visit.name))

    def at(self, place: str) -> Visit:
        """The visit with this address."""
        return next(visit for visit in self.visits if visit.place == place)

    @property
    def row_bytes(self) -> int:
        """Bytes of all activations of one sample, each tensor once."""
        return sum({visit.same_as: visit.bytes for visit in self.visits}.values()) // self.n


def record(model: Model, inputs: Inputs) -> Trace:
    """Trace a forward pass of the model, without keeping its activations' values."""
    inference = Inference(inputs.n, inputs.space_axes, inputs.space)
    visits: list[Visit] = []
    kept: list[Any] = []
    numbers: dict[tuple[int, int], int] = {}

    def number(tensor: Tensor) -> int:
        kept.append(tensor)  # an id stays taken while the tensor lives
        return numbers.setdefault(_state(tensor), len(numbers))

    def visit(name: str, call: int, module: nn.Module | None, _: Any, output: Any) -> None:
        found = [t for _, t in leaves(output) if t.is_floating_point()]
        if not found:
            return
        shape, tensor = tuple(found[0].shape), number(found[0])
        visits.append(
            Visit(
                name=name,
                call=call,
                order=len(visits),
                module=module if name else None,  # the root would keep itself alive
                kind=type(module).__name__ if module is not None else "function",
                shape=shape,
                layout=inference.infer(shape, module, tensor),
                same_as=tensor,
                parameters=sum(p.numel() for p in module.parameters()) if module else 0,
                bytes=found[0].numel() * found[0].element_size(),
            )
        )

    with visiting(model.module, visit, functional=True):
        raw = model.run(inputs)
    calls = Counter(found.name for found in visits)
    every = tuple(replace(found, calls=calls[found.name]) for found in visits)
    try:
        scores = model.scores(raw, inputs.n)
    except OutputError:
        return Trace(every, inputs.n, None, None)
    return Trace(every, inputs.n, numbers.get(_state(scores)), tuple(scores.shape))


def _state(tensor: Tensor) -> tuple[int, int]:
    """A tensor between two writes to it."""
    return id(tensor), 0 if tensor.is_inference() else tensor._version


def resolve(net: nn.Module, trace: Trace, layer: Any) -> list[Visit]:
    """The calls that `layer` addresses: a dotted name, `name[-1]`, `name@call`, a glob, a module.

    Raises `LayerError` for a layer that does not exist or was not called.
    """
    if not isinstance(layer, str | nn.Module):
        raise LayerError(f"{layer!r} is not a layer.", "Give one layer by its name, or the module.")
    names = [_name_of(net, layer)] if isinstance(layer, nn.Module) else _match(net, trace, layer)
    call = re.search(r"@(-?\d+)$", layer) if isinstance(layer, str) else None
    found: list[Visit] = []
    for name in names:
        visits = trace.calls(name)
        if not visits:
            raise LayerError(
                f"Layer {name!r} gave no tensor in the forward pass.",
                "Choose a layer that is called; `pl.layers(model, x)` lists them.",
            )
        if call is not None:
            index = int(call[1])
            if not -len(visits) <= index < len(visits):
                raise LayerError(
                    f"Layer {name!r} was called {len(visits)} times; there is no call {index}.",
                    f"Choose @0 to @{len(visits) - 1}.",
                )
            visits = [visits[index]]
        found.extend(visits)
    return found


def one(visits: list[Visit]) -> Visit:
    """The only visit; several are an error that lists them."""
    if len(visits) == 1:
        return visits[0]
    places = [visit.place for visit in visits]
    if len({visit.name for visit in visits}) == 1:
        raise LayerError(
            f"Layer {visits[0].name!r} is called {len(visits)} times in one forward pass.",
            f"Choose the call: {' or '.join(repr(place) for place in places[:4])}.",
        )
    raise LayerError(f"{len(visits)} layers match: {', '.join(places[:6])}.", "Choose one of them.")


def _name_of(net: nn.Module, module: nn.Module) -> str:
    for name, found in net.named_modules():
        if found is module:
            return str(name)
    raise LayerError(
        f"The given {type(module).__name__} is not a part of the model.",
        "Give a module of this very model, or its name.",
    )


def _match(net: nn.Module, trace: Trace, layer: str) -> list[str]:
    text = re.sub(r"@-?\d+$", "", layer)
    for prefix in ("_orig_mod.", "module."):
        text = text.removeprefix(prefix)
    known = dict(net.named_modules(remove_duplicate=False))
    text = _without_indices(known, text)
    if text in known:
        first = {id(module): name for name, module in reversed(list(net.named_modules()))}
        return [str(first[id(known[text])])]
    names = trace.names()
    if text in names:
        return [text]
    if any(sign in text for sign in "*?["):
        hits = [name for name in names if fnmatchcase(name, text)]
        if hits:
            return hits
    raise LayerError(f"There is no layer {layer!r}.", suggest(text, names))


def _without_indices(known: dict[str, nn.Module], text: str) -> str:
    """`layer4[-1].conv1` as `layer4.2.conv1`."""
    while (match := re.search(r"^(.*?)\[(-?\d+)\]", text)) is not None:
        parent, index = known.get(match[1]), int(match[2])
        if parent is None:
            return text
        children = [name for name, _ in parent.named_children()]
        if not -len(children) <= index < len(children):
            raise LayerError(
                f"{match[1]!r} has {len(children)} children; there is no [{index}].",
                f"Choose [0] to [{len(children) - 1}]." if children else "Leave the brackets out.",
            )
        own = f"{match[1]}.{children[index]}" if match[1] else children[index]
        text = own + text[match.end() :]
    return text
