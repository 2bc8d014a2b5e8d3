"""The verb surrogate_tree: a few questions that tell most of what a model says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..core.checks import Check, grade
from ..core.guard import undisturbed
from ..core.model import as_model
from ..core.progress import Event, Progress
from ..core.surrogate_tree import SurrogateTree
from ..core.table_scores import TableScores
from ..core.target import Space
from ..errors import InputError
from ..io.inputs import inputs_of
from ..ops.goodness import r_squared
from ..parts.tree_surrogate import Questions, grown, nodes_of
from .listening import listening

_FEWEST = 20


def surrogate_tree(
    model: Any,
    data: Any,
    target: Any = None,
    *,
    depth: int = 3,
    min_rows: int = 5,
    space: Space = "probability",
    seed: int = 0,
    progress: Progress | Callable[[Event], None] | bool = False,
) -> SurrogateTree:
    """A decision tree of `depth` questions that mimics the model's score on the rows of `data`.

    It is grown on two thirds of the rows. Its fidelity is R² to the model's scores on the others:
    what the tree says is true of the model only as far as that goes. Leaves hold `min_rows` rows or
    more.

    Raises `PellucidError`; needs scikit-learn. **Source:** Craven & Shavlik 1996.
    """
    wrapped = as_model(model)
    inputs = inputs_of(wrapped, data, black_box=True)
    if inputs.n < _FEWEST:
        raise InputError(f"{inputs.n} rows grow no tree.", f"Give {_FEWEST} or more.")
    with listening(progress) as listener, undisturbed(wrapped.net):
        scores = TableScores(wrapped, inputs, target, space, listener)
        rows, y = scores.rows.double().cpu().numpy(), scores.clean
        questions = Questions.of(scores, rows)
        answers = questions.asked(rows)
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed)).numpy()
    kept, grows = order[: len(rows) // 3], order[len(rows) // 3 :]
    fitted = grown(answers[grows], y[grows], depth, min_rows, seed)
    fidelity = r_squared(y[kept], fitted.predict(answers[kept]).astype(np.float64))
    text = (
        "R² of the tree to the model's scores on rows that it did not grow on; below 0.9 the tree "
        "leaves out much of what the model does."
    )
    check = Check("fidelity", fidelity, grade(1 - fidelity, ok=0.1, poor=0.5), text)
    return SurrogateTree(
        nodes_of(fitted, questions), fidelity, scores.target, scores.unit, (check,)
    )
