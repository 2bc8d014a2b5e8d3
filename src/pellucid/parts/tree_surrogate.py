"""A shallow regression tree grown on a model's scores, with its questions in raw values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.encoding import MISSING
from ..core.extras import require
from ..core.surrogate_tree import Node
from ..core.table_scores import TableScores

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Questions:
    """The columns that a tree may ask about: numbers as they are, one for every category, and one
    for missing numbers."""

    columns: tuple[int, ...]
    categories: tuple[float | None, ...]
    names: tuple[str, ...]

    @staticmethod
    def of(scores: TableScores, rows: Array) -> "Questions":
        """Those of a table."""
        columns: list[int] = []
        categories: list[float | None] = []
        names: list[str] = []
        for place, name in enumerate(scores.names):
            if scores.kinds[place] == "numeric":
                columns, categories = [*columns, place], [*categories, None]
                names.append(name)
                codes = np.array([MISSING]) if (rows[:, place] == MISSING).any() else np.array([])
                spelled = ["missing"] * len(codes)
            else:
                codes = np.unique(rows[:, place])
                spelled = scores.spelled(place, codes)
            columns += [place] * len(codes)
            categories += codes.tolist()
            names += [f"{name} = {value}" for value in spelled]
        return Questions(tuple(columns), tuple(categories), tuple(names))

    def asked(self, rows: Array) -> Array:
        """The answers `(rows, questions)`: numbers, or 1 where a category is met."""
        found = []
        for column, category in zip(self.columns, self.categories, strict=True):
            own = rows[:, column]
            if category is None:
                known = own[own != MISSING]
                middle = float(np.median(known)) if len(known) else 0.0
                found.append(np.where(own == MISSING, middle, own))
            else:
                found.append((own == category).astype(np.float64))
        return np.stack(found, 1)


def grown(answers: Array, scores: Array, depth: int, fewest: int, seed: int) -> Any:
    """A fitted regression tree of scikit-learn."""
    tree = require("sklearn.tree", "Surrogate trees", "'pellucid[lime]'")
    made = tree.DecisionTreeRegressor(max_depth=depth, min_samples_leaf=fewest, random_state=seed)
    return made.fit(answers, scores)


def nodes_of(fitted: Any, questions: Questions, at: int = 0) -> Node:
    """The fitted tree as nodes; a row goes to `yes` where the question is true of it."""
    tree = fitted.tree_
    score, rows = float(tree.value[at].ravel()[0]), int(tree.n_node_samples[at])
    if tree.children_left[at] < 0:
        return Node(score, rows)
    left, right = (
        nodes_of(fitted, questions, int(child[at]))
        for child in (tree.children_left, tree.children_right)
    )
    feature = int(tree.feature[at])
    name = questions.names[feature]
    if questions.categories[feature] is None:
        return Node(score, rows, f"{name} ≤ {tree.threshold[at]:.4g}", left, right)
    return Node(score, rows, name, right, left)
