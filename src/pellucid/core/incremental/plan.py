"""How far a patch is followed: the changed places of every layer, and what following them costs."""

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

SMALL = 1.15
"""What a multiplication costs in a patch, relative to one in a whole map."""

SHARES = (0.35, 0.5, 0.65, 0.8, 1.01)
"""Shares of a map up to which its patches are tried to be kept as such."""

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
    the nodes that are patches for them, and the multiplications of one window."""

    windows: tuple[Tensor, ...]
    patched: frozenset[fx.Node]
    work: float

    @property
    def count(self) -> int:
        """How many windows there are."""
        return math.prod(len(chosen) for chosen in self.windows)


def dense_work(network: Network) -> float:
    """What one whole forward pass costs."""
    return sum(_whole(network, node) for node in network.values)


def _whole(network: Network, node: fx.Node) -> float:
    value = network.values[node]
    moved = value.numel() if isinstance(value, Tensor) and node.op.startswith("call") else 0
    return network.work[node] + MOVE * moved


def group(network: Network, spans: Spans, windows: tuple[Tensor, ...]) -> Group:
    """The cheapest way to run these windows."""
    shares = _shares(network, spans, windows)
    ways = [_way(network, shares, most) for most in SHARES]
    work, patched = min(ways, key=lambda way: way[0])
    return Group(windows, patched, work)


def _shares(
    network: Network, spans: Spans, windows: tuple[Tensor, ...]
) -> dict[fx.Node, tuple[float, float]]:
    """For every node the share of its map that its patch takes, and the numbers that are read."""
    found = {}
    for node, rule in network.rules.items():
        value = network.values[node]
        sizes = rule.space.sizes(value.shape)
        lengths = _lengths(spans.of[node], windows, sizes)
        share = math.prod(n / size for n, size in zip(lengths, sizes, strict=True))
        context = math.prod(s.width(n) for s, n in zip(rule.slides, lengths, strict=True))
        read = 0.0
        for source in () if _in_place(rule) else rule.maps:
            channel = network.spaces[source].channel
            read += network.values[source].shape[channel] * context
        found[node] = share, read
    return found


def _in_place(rule: Rule) -> bool:
    """Whether a place reads its own place alone, so that a patch is used as it is."""
    return len(rule.maps) == 1 and all(s == Sliding() for s in rule.slides)


def _lengths(
    spans: Sequence[Span], windows: Sequence[Tensor], sizes: Sequence[int]
) -> tuple[int, ...]:
    return tuple(
        max(1, min(size, int((high[chosen] - low[chosen]).max())))
        for (low, high), chosen, size in zip(spans, windows, sizes, strict=True)
    )


def _way(
    network: Network, shares: dict[fx.Node, tuple[float, float]], most: float
) -> tuple[float, frozenset[fx.Node]]:
    """The work when patches are kept up to a share of `most`, and the nodes that are patches."""
    patched, work, whole = {network.entry}, 0.0, set()
    for node in network.values:
        rule = network.rules.get(node)
        if rule is not None and all(m in patched for m in rule.maps) and shares[node][0] <= most:
            share, read = shares[node]
            patched.add(node)
            numbers = network.values[node].numel()
            work += SMALL * share * network.work[node] + MOVE * (share * numbers + 2 * read)
            continue
        work += _whole(network, node)
        for source in node.all_input_nodes:
            if source in patched and source not in whole:
                whole.add(source)
                work += 2 * MOVE * network.values[source].numel()
    return work, frozenset(patched)


def groups(network: Network, spans: Spans, windows: Sequence[Tensor], most: int = 4) -> list[Group]:
    """All combinations of some windows of every axis, in groups of similar size."""
    axes = [_grouped(network, spans, axis, own, most) for axis, own in enumerate(windows)]
    combined: list[tuple[Tensor, ...]] = [()]
    for parts in axes:
        combined = [(*before, part) for before in combined for part in parts]
    return [group(network, spans, windows) for windows in combined]


def _grouped(network: Network, spans: Spans, axis: int, windows: Tensor, most: int) -> list[Tensor]:
    """Windows of one axis in at most `most` groups, merged so that the greatest sizes in a group
    cost the least."""
    sizes, weights = [], []
    for node, rule in network.rules.items():
        low, high = spans.of[node][axis]
        whole = rule.space.sizes(network.values[node].shape)[axis]
        sizes.append((high - low)[windows].clamp(1, whole).double() / whole)
        weights.append(network.work[node] + MOVE * network.values[node].numel())
    if not sizes:
        return [windows]
    table, weight = torch.stack(sizes, 1), torch.tensor(weights, dtype=torch.float64)
    found: dict[tuple[float, ...], list[int]] = {}
    for window, row in zip(windows.tolist(), table.tolist(), strict=True):
        found.setdefault(tuple(row), []).append(window)
    members = list(found.values())
    tops = [torch.tensor(key, dtype=torch.float64) for key in found]
    while len(members) > most:
        i, j = _cheapest(members, tops, weight)
        members[i] += members.pop(j)
        tops[i] = torch.maximum(tops[i], tops.pop(j))
    return [torch.tensor(sorted(own)) for own in members]


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
