"""A surrogate tree: questions from above to below, leaves in the colour of their score."""

import textwrap
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from ..core.surrogate_tree import Node, SurrogateTree
from .glyphs import drawable
from .palette import WARM, palette
from .panels import INK, QUIET, RULE, WARNING
from .scale import number
from .words import shortened

_WIDE, _TALL = 1.35, 0.95


def plot_tree(tree: SurrogateTree) -> Figure:
    """The tree; the path to the left is where the question is true."""
    leaves, depth = len(tree.rules()), _depth(tree.root)
    low, high = _ends(tree.root)
    with matplotlib.style.context("default"):
        size = (max(5.0, _WIDE * leaves + 0.4), _TALL * (depth + 1) + 0.8)
        figure = Figure(figsize=size, dpi=110, layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(0, leaves)
        axes.set_ylim(depth + 0.55, -0.45)
        _draw(axes, tree.root, 0, 0, (low, high), tree.root.rows)
        check = tree.checks[0]
        weak = check.verdict != "ok"
        text = (
            f"Surrogate tree of {drawable(tree.target)}\n"
            f"fidelity R² {tree.fidelity:.3f} on rows kept out · mean {tree.unit} in every leaf"
        )
        text += "\nThe tree leaves out much of what the model does." if weak else ""
        axes.set_title(
            text, loc="left", fontsize=8.5, color=WARNING if weak else INK, parse_math=False
        )
    return figure


def _draw(
    axes: Any, node: Node, left: float, level: int, ends: tuple[float, float], total: int
) -> float:
    """Draw a node whose leaves begin at `left`; gives the middle of it."""
    if node.yes is None or node.no is None:
        x = left + 0.5
        share = (node.score - ends[0]) / ((ends[1] - ends[0]) or 1)
        shade = palette(WARM)(0.15 + 0.6 * share)
        dark = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] < 0.55
        text = f"{number(node.score)}\n{node.rows / total:.0%} of rows"
        _box(axes, x, level, text, shade, "white" if dark else INK)
        return x
    width = len(_leaves(node.yes))
    below = [
        _draw(axes, node.yes, left, level + 1, ends, total),
        _draw(axes, node.no, left + width, level + 1, ends, total),
    ]
    x = sum(below) / 2
    for place, word in zip(below, ("yes", "no"), strict=True):
        axes.plot([x, place], [level + 0.1, level + 0.86], color=RULE, linewidth=1.1, zorder=0)
        axes.text(
            (x + place) / 2, level + 0.46, word, fontsize=7, color=QUIET, ha="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    question = textwrap.fill(drawable(shortened(node.question, 46)) + "?", 24)
    _box(axes, x, level, question, "#f2f4f7", INK)
    return x


def _box(axes: Any, x: float, level: int, text: str, face: Any, ink: str) -> None:
    axes.text(
        x, level, text, fontsize=8, color=ink, ha="center", va="center", parse_math=False,
        bbox={"boxstyle": "round,pad=0.45", "facecolor": face, "edgecolor": RULE},
    )  # fmt: skip


def _leaves(node: Node) -> list[Node]:
    if node.yes is None or node.no is None:
        return [node]
    return [*_leaves(node.yes), *_leaves(node.no)]


def _depth(node: Node) -> int:
    below = [child for child in (node.yes, node.no) if child is not None]
    return 1 + max(map(_depth, below)) if below else 0


def _ends(node: Node) -> tuple[float, float]:
    scores = [leaf.score for leaf in _leaves(node)]
    return min(scores), max(scores)
