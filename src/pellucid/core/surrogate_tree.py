"""A small decision tree that says what a model does over a whole table, and how truthfully."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, final

from .checks import Check, Verdict, worst
from .services import service


@final
@dataclass(frozen=True)
class Node:
    """A question about one column, or a leaf: the mean score of the rows that come here.

    `yes` holds the rows that the `question` is true of.
    """

    score: float
    rows: int
    question: str = ""
    yes: "Node | None" = None
    no: "Node | None" = None


@final
@dataclass(frozen=True, eq=False)
class SurrogateTree:
    """The tree, and its fidelity: R² to the model's own scores on rows kept out of its growth."""

    root: Node
    fidelity: float
    target: str
    unit: str
    checks: tuple[Check, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The worst verdict among the checks."""
        return worst(self.checks)

    def rules(self) -> list[str]:
        """One line for every leaf: its conditions, mean score and rows."""
        return list(_rules(self.root, []))

    def plot(self, **options: Any) -> Any:
        """A matplotlib figure of the tree."""
        return service("plot_tree")(self, **options)

    def __repr__(self) -> str:
        leaves = len(self.rules())
        return f"<SurrogateTree of {self.target}: {leaves} leaves, fidelity R² {self.fidelity:.3f}>"


def _rules(node: Node, above: list[str]) -> Iterator[str]:
    if node.yes is None or node.no is None:
        yield f"{' and '.join(above) or 'always'}: {node.score:.4g} ({node.rows} rows)"
        return
    yield from _rules(node.yes, [*above, node.question])
    yield from _rules(node.no, [*above, f"not ({node.question})"])
