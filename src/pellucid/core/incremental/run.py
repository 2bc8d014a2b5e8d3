"""Runs a network for many windows of one input, following only what each of them changes."""

from typing import Any

import torch
from torch import Tensor, fx

from ..batching import CPU_BYTES
from .network import Network
from .patch import Map, Patch, write_back
from .plan import Group, Region, Spans
from .rules import Rule

MOST, LEAST = 256, 16
"""Windows at once."""


class Incremental(fx.Interpreter):
    """What the network gives when one window of the clean input is replaced, many at once."""

    def __init__(self, network: Network, spans: Spans) -> None:
        super().__init__(network.graph)
        self.network, self.spans = network, spans
        self._maps: dict[tuple[fx.Node, fx.Node | None], Map] = {}
        self._wholes: dict[fx.Node, Tensor] = {}
        self._windows: tuple[Tensor, ...] = ()
        self._patched: frozenset[fx.Node] = frozenset()
        self._changed: Tensor = torch.zeros(0)
        self._seen: tuple[Tensor, Map] | None = None

    def forget(self) -> None:
        """Drop what belongs to the last clean input."""
        self._maps.clear()
        self._seen = None

    def at_once(self, group: Group) -> int:
        """Windows at once: their patches and the largest whole maps fit, and more do not get
        faster."""
        whole = [
            value.numel()
            for node, value in self.network.values.items()
            if isinstance(value, Tensor) and node not in group.patched and node.op != "get_attr"
        ]
        row = 4 * int(group.held + 3 * max(whole, default=1))
        return max(LEAST, min(MOST, CPU_BYTES // row))

    def scores(self, group: Group, windows: tuple[Tensor, ...], changed: Tensor) -> Any:
        """The network's output for `windows` of a group, with `changed` `(1, …)` in the window."""
        self._windows, self._patched, self._changed = windows, group.patched, changed
        try:
            return self.run(None)
        finally:
            self._wholes.clear()

    def run_node(self, n: fx.Node) -> Any:
        if n.op == "placeholder":
            return self._entry(n)
        rule = self.network.rules.get(n)
        if rule is not None and n in self._patched:
            found = [self.env[source] for source in rule.maps]
            if all(isinstance(value, Patch) for value in found):
                return self._patch(n, rule, found)
        shape = self._shape(n)
        return super().run_node(n) if shape is None else shape

    def fetch_args_kwargs_from_env(self, n: fx.Node) -> Any:
        args, kwargs = super().fetch_args_kwargs_from_env(n)
        patches = {id(self.env[m]): m for m in n.all_input_nodes if isinstance(self.env[m], Patch)}

        def whole(value: Any) -> Any:
            return self._whole(patches[id(value)], value) if isinstance(value, Patch) else value

        return fx.node.map_aggregate(args, whole), fx.node.map_aggregate(kwargs, whole)

    def _region(self, node: fx.Node) -> Region:
        space = self.network.spaces[node]
        sizes = space.sizes(self.network.values[node].shape)
        return self.spans.region(node, self._windows, sizes)

    def _entry(self, node: fx.Node) -> Patch:
        """The window itself; where it is cut off at an edge, the clean input beside it."""
        region = self._region(node)
        tile = self._map(node, None).read(None, region.starts, region.lengths)
        new = self._seen_in_windows(node).read(None, region.starts, region.lengths)
        space = self.network.spaces[node]
        for axis, at in enumerate(space.axes):
            low, high = (end[self._windows[axis]] for end in self.spans.of[node][axis])
            place = region.starts[axis][:, None] + torch.arange(region.lengths[axis])
            inside = (place >= low[:, None]) & (place < high[:, None])
            view = [1] * tile.ndim
            view[0], view[at] = inside.shape
            new = torch.where(inside.view(view).to(new.device), new, tile)
        return Patch(new, region.starts)

    def _seen_in_windows(self, node: fx.Node) -> Map:
        if self._seen is None or self._seen[0] is not self._changed:
            self._seen = self._changed, Map(self._changed, self.network.spaces[node])
        return self._seen[1]

    def _map(self, source: fx.Node, reader: fx.Node | None) -> Map:
        """The clean map of `source`, padded as `reader` needs it."""
        window = self.network.rules[reader].window if reader is not None else None
        key = source, reader if window is not None else None
        if key not in self._maps:
            clean, space = self.network.values[source], self.network.spaces[source]
            padding = () if window is None else (window.before, window.after, window.fill)
            self._maps[key] = Map(clean, space, *padding)
        return self._maps[key]

    def _patch(self, node: fx.Node, rule: Rule, patches: list[Patch]) -> Patch:
        region = self._region(node)
        tiles = [
            self._read(node, source, patch, rule, region)
            for source, patch in zip(rule.maps, patches, strict=True)
        ]
        tile = rule.apply(tiles)
        if rule.window is not None and rule.window.scale is not None:
            tile = tile * self._scale(node, rule.window.scale, region)
        return Patch(tile, region.starts)

    def _read(
        self, node: fx.Node, source: fx.Node, patch: Patch, rule: Rule, region: Region
    ) -> Tensor:
        space = self.network.spaces[source]
        own = Region(patch.starts, space.sizes(patch.tile.shape))
        reads = [
            slide.read(start, length)
            for slide, start, length in zip(rule.slides, region.starts, region.lengths, strict=True)
        ]
        wanted = Region(tuple(start for start, _ in reads), tuple(length for _, length in reads))
        if _same(own, wanted):
            return patch.tile
        return self._map(source, node).read(patch, wanted.starts, wanted.lengths)

    def _scale(self, node: fx.Node, scale: Tensor, region: Region) -> Tensor:
        key = node, node
        if key not in self._maps:
            self._maps[key] = Map(scale, self.network.spaces[node])
        return self._maps[key].read(None, region.starts, region.lengths)

    def _whole(self, node: fx.Node, patch: Patch) -> Tensor:
        if node not in self._wholes:
            clean, space = self.network.values[node], self.network.spaces[node]
            self._wholes[node] = write_back(clean, space, patch)
        return self._wholes[node]

    def _shape(self, node: fx.Node) -> Any:
        """The shape of a patch's map, without writing it back for that alone; None otherwise."""
        source = node.args[0] if node.args else None
        if not isinstance(source, fx.Node) or not isinstance(self.env.get(source), Patch):
            return None
        shape = torch.Size([len(self._windows[0]), *self.network.values[source].shape[1:]])
        if node.op == "call_function" and node.target is getattr and node.args[1] == "shape":
            return shape
        if node.op == "call_method" and node.target == "size":
            axis = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim")
            return shape if axis is None else shape[axis]  # type: ignore[index]
        return None


def _same(a: Region, b: Region) -> bool:
    return a.lengths == b.lengths and all(map(torch.equal, a.starts, b.starts))
