"""How far a patch is followed: the changed places of every layer, and what following them costs."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from ...ops.sliding import Places, Sliding, placed
from .network import Network
from .rules import Rule

MOVE = 12.0
"""What it costs to write one number, in multiplications of a convolution."""

READ = 60.0
"""What it costs to read one weight for a batch, in the same unit."""

SMALL = 1.15
"""What a multiplication costs in a patch, relative to one in a whole map."""

SHARES = (0.35, 0.5, 0.65, 0.8, 1.01)
"""Shares of a map up to which its patches are tried to be kept as such."""

GROUPS = (1, 2, 3, 4)
"""Groups along every axis that are tried."""

Span = tuple[Places, Places]
"""First and last place (exclusive) of an interval for every window, along one axis."""


@dataclass(frozen=True)
class Spans:
    """The changed interval of every node along every axis, for each of that axis' windows."""

    of: dict[fx.Node, tuple[Span, ...]]

    def region(self, node: fx.Node, which: Sequence[Tensor], sizes: Sequence[int]) -> "Region":
        """Rectangles of one size that hold the changed places of the windows `which`."""
        found = [
            placed(low[chosen], high[chosen], size)
            for (low, high), chosen, size in zip(self.of[node], which, sizes, strict=True)
        ]
        return Region(tuple(start for start, _ in found), tuple(length for _, length in found))


@dataclass(frozen=True)
class Region:
    """Rectangles of one size; `starts` has one `(B,)` for every axis."""

    starts: tuple[Places, ...]
    lengths: tuple[int, ...]


def spans_of(network: Network, windows: Sequence[Span]) -> Spans:
    """Follow the windows of every axis through all rules."""
    found = {network.entry: tuple(windows)}
    for node, rule in network.rules.items():
        sizes = rule.space.sizes(network.values[node].shape)
        merged = [_union([found[m][axis] for m in rule.maps]) for axis in range(len(sizes))]
        found[node] = tuple(
            slide.changed(*span, size)
            for slide, span, size in zip(rule.slides, merged, sizes, strict=True)
        )
    return Spans(found)


def _union(spans: Sequence[Span]) -> Span:
    low = torch.stack([low for low, _ in spans]).amin(0)
    return low, torch.stack([high for _, high in spans]).amax(0)


@dataclass(frozen=True)
class Group:
    """Windows (one list of indices for every axis, all combined) that share their patches' sizes,
    the nodes that are patches for them, the multiplications of one window, and the numbers that
    its patches hold."""

    windows: tuple[Tensor, ...]
    patched: frozenset[fx.Node]
    work: float
    held: float

    @property
    def count(self) -> int:
        """How many windows there are."""
        return math.prod(len(chosen) for chosen in self.windows)


class Planner:
    """Finds the cheapest way to run windows of a network."""

    def __init__(self, network: Network, spans: Spans) -> None:
        self.network = network
        self.weights = sum(float(p.numel()) for p in network.graph.parameters())
        self._nodes = {node: i for i, node in enumerate(network.rules)}
        self._sizes = [
            rule.space.sizes(network.values[node].shape) for node, rule in network.rules.items()
        ]
        self._lengths = [self._along(spans, axis) for axis in range(len(spans.of[network.entry]))]
        self._known: dict[tuple[tuple[int, ...], ...], list[Group]] = {}

    @property
    def dense(self) -> float:
        """What one whole forward pass costs."""
        return sum(self._whole(node) for node in self.network.values)

    def groups(self, windows: Sequence[Tensor]) -> list[Group]:
        """All combinations of some windows of every axis, in groups of similar size: as many as
        pay, since the weights are read anew for every group."""
        key = tuple(tuple(own.tolist()) for own in windows)
        if key not in self._known:
            ways = [self._in_groups(windows, most) for most in GROUPS]
            self._known[key] = min(ways, key=self.work)
        return self._known[key]

    def work(self, groups: Sequence[Group]) -> float:
        """What groups cost together."""
        reading = READ * self.weights * len(groups)
        return reading + sum(group.work * group.count for group in groups)

    def _along(self, spans: Spans, axis: int) -> Tensor:
        """Sizes of every node's patch `(nodes, windows)` along one axis."""
        count = len(spans.of[self.network.entry][axis][0])
        table = torch.zeros(len(self._nodes), count, dtype=torch.long)
        for node, i in self._nodes.items():
            low, high = spans.of[node][axis]
            table[i] = (high - low).clamp(1, self._sizes[i][axis])
        return table

    def _in_groups(self, windows: Sequence[Tensor], most: int) -> list[Group]:
        parts = [self._grouped(axis, own, most) for axis, own in enumerate(windows)]
        return [self._group(chosen) for chosen in itertools.product(*parts)]

    def _whole(self, node: fx.Node) -> float:
        value = self.network.values[node]
        moved = value.numel() if isinstance(value, Tensor) and node.op.startswith("call") else 0
        return self.network.work[node] + MOVE * moved

    def _group(self, windows: tuple[Tensor, ...]) -> Group:
        lengths = torch.stack(
            [table[:, own].amax(1) for table, own in zip(self._lengths, windows, strict=True)], 1
        ).tolist()
        rules = self.network.rules.values()
        patches = [self._patch(*one) for one in zip(rules, self._sizes, lengths, strict=True)]
        work, patched = min((self._way(patches, most) for most in SHARES), key=lambda way: way[0])
        held = sum(
            share * self.network.values[node].numel() + read
            for node, (share, read) in zip(self._nodes, patches, strict=True)
            if node in patched
        )
        return Group(windows, patched, work, held)

    def _patch(
        self, rule: Rule, sizes: Sequence[int], lengths: Sequence[int]
    ) -> tuple[float, float]:
        """The share of its map that a patch takes, and the numbers that are read for it."""
        share = math.prod(n / size for n, size in zip(lengths, sizes, strict=True))
        if _in_place(rule):
            return share, 0.0
        context = math.prod(s.width(n) for s, n in zip(rule.slides, lengths, strict=True))
        values, spaces = self.network.values, self.network.spaces
        return share, float(context * sum(values[m].shape[spaces[m].channel] for m in rule.maps))

    def _way(
        self, patches: Sequence[tuple[float, float]], most: float
    ) -> tuple[float, frozenset[fx.Node]]:
        """The work when patches are kept up to a share of `most`, and which nodes are patches."""
        network = self.network
        patched, work, whole = {network.entry}, 0.0, set()
        for node, value in network.values.items():
            rule = network.rules.get(node)
            share, read = patches[self._nodes[node]] if rule is not None else (2.0, 0.0)
            if rule is not None and share <= most and all(m in patched for m in rule.maps):
                patched.add(node)
                moved = share * value.numel() + 2 * read
                work += SMALL * share * network.work[node] + MOVE * moved
                continue
            work += self._whole(node)
            for source in node.all_input_nodes:
                if source in patched and source not in whole:
                    whole.add(source)
                    work += 2 * MOVE * network.values[source].numel()
        return work, frozenset(patched)

    def _grouped(self, axis: int, windows: Tensor, most: int) -> list[Tensor]:
        """Windows of one axis in at most `most` groups, merged so that the greatest sizes in a
        group cost the least."""
        if not self._nodes:
            return [windows]
        sizes = torch.tensor([own[axis] for own in self._sizes], dtype=torch.float64)
        table = (self._lengths[axis][:, windows].double() / sizes[:, None]).T
        weight = torch.tensor([self._whole(node) for node in self._nodes], dtype=torch.float64)
        tops, which = torch.unique(table, dim=0, return_inverse=True)
        members = [windows[which == k].tolist() for k in range(len(tops))]
        highest = list(tops)
        while len(members) > most:
            i, j = _cheapest(members, highest, weight)
            members[i] += members.pop(j)
            highest[i] = torch.maximum(highest[i], highest.pop(j))
        return [torch.tensor(sorted(own)) for own in members]


def _in_place(rule: Rule) -> bool:
    """Whether a place reads its own place alone, so that a patch is used as it is."""
    return len(rule.maps) == 1 and all(s == Sliding() for s in rule.slides)


def _cheapest(members: list[list[int]], tops: list[Tensor], weight: Tensor) -> tuple[int, int]:
    """The two groups whose union costs the least more than they do apart."""
    top = torch.stack(tops)
    count = torch.tensor([len(own) for own in members], dtype=torch.float64)
    own = count * (top @ weight)
    joint = torch.maximum(top[:, None], top[None]) @ weight
    more = joint * (count[:, None] + count[None]) - own[:, None] - own[None]
    more.fill_diagonal_(torch.inf)
    flat = int(more.argmin())
    i, j = divmod(flat, len(members))
    return min(i, j), max(i, j)
