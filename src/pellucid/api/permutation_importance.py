"""The verb permutation_importance: how much worse a model gets without the order of one column."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.guard import undisturbed
from ..core.importance import Importance
from ..core.model import Model, as_model
from ..core.progress import Event, Progress
from ..core.table_scores import TableScores
from ..errors import InputError, ParameterError
from ..io.inputs import inputs_of
from ..ops.goodness import MEASURES, accuracy, r_squared
from ..ops.intervals import mean_interval
from ..parts.table_schema import schema_of
from .listening import listening

Array = NDArray[np.float64]
Measure = Literal["accuracy", "r2", "log_loss", "mse"] | Callable[[Any, Any], float]


def permutation_importance(
    model: Any,
    data: Any,
    answers: Any,
    *,
    measure: Measure | None = None,
    repeats: int = 10,
    groups: Mapping[str, Sequence[Any]] | None = None,
    seed: int = 0,
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Importance:
    """The drop of a `measure` when one column's values are dealt out to the rows at random.

    `answers` `(N,)` are the truth: class names or indices, or values. `measure` is `accuracy`
    (classes, the default), `r2` (values, the default), `log_loss`, `mse` (their rise), or a
    function of answers and the model's outputs `(N, K)` of which more is better. `groups` moves
    columns together. The interval is that of the mean over the `repeats`, from Student's t; what
    another table of rows would change is not in it.

    Raises `PellucidError`. **Source:** Breiman 2001; Fisher, Rudin & Dominici 2019.
    """
    if repeats < 2:
        raise ParameterError(f"repeats={repeats} gives no interval.", "Give 2 or more.")
    wrapped = as_model(model)
    inputs = inputs_of(wrapped, data, black_box=True)
    with listening(progress) as listener, undisturbed(wrapped.net, seed):
        scores = TableScores(wrapped, inputs, 0, "logit", listener, resolve=False)
        truth = _truth(wrapped, answers, inputs.n)
        clean = scores.outputs(scores.rows)
        name, good = _measure(measure, clean, truth)
        features, names = _features(scores, groups)
        generator = torch.Generator().manual_seed(seed)
        base, draws = good(truth, clean), np.empty((repeats, len(features)))
        for k, columns in listener.track(list(enumerate(features)), "permutation importance"):
            for repeat in range(repeats):
                rows = scores.rows.clone()
                order = torch.randperm(len(rows), generator=generator).to(rows.device)
                rows[:, columns] = rows[order][:, columns]
                draws[repeat, k] = base - good(truth, scores.outputs(rows))
    low, high = mean_interval(draws)
    return Importance(
        measure=f"drop of {name}",
        names=names,
        values=draws.mean(0),
        low=low,
        high=high,
        draws=draws,
        about=f"{name} {base:.4g} on {inputs.n} rows; {repeats} permutations",
    )


def _features(
    scores: TableScores, groups: Mapping[str, Sequence[Any]] | None
) -> tuple[list[list[int]], tuple[str, ...]]:
    schema = schema_of(scores.inputs, None, groups)
    owners = {
        scores.place(member): name for name, members in (groups or {}).items() for member in members
    }
    features = [list(columns) for columns in schema.features]
    names = tuple(owners.get(columns[0], scores.names[columns[0]]) for columns in features)
    return features, names


def _truth(model: Model, answers: Any, n: int) -> NDArray[Any]:
    """The answers as numbers, names of classes as their indices."""
    given = np.asarray(answers.to_numpy() if hasattr(answers, "to_numpy") else answers)
    if given.shape != (n,):
        raise InputError(
            f"The answers have shape {given.shape}, the table {n} rows.", "Give one for every row."
        )
    names = model.classes
    if names is not None and not set(map(str, given)) - set(names):
        return np.array([names.index(str(answer)) for answer in given])
    if given.dtype.kind not in "iufb":
        raise InputError(
            f"The answers {sorted(set(map(str, given)))[:3]} are no class of the model.",
            "Give pl.Model(net, classes=[…]), or indices.",
        )
    return given


def _measure(
    measure: Measure | None, outputs: Array, truth: NDArray[Any]
) -> tuple[str, Callable[[Any, Any], float]]:
    if callable(measure):
        return getattr(measure, "__name__", "measure"), measure
    if measure is None:
        several = outputs.shape[1] > 1
        return ("accuracy", accuracy) if several else ("R²", r_squared)
    if measure not in MEASURES:
        raise ParameterError(f"There is no measure {measure!r}.", f"Give one of {list(MEASURES)}.")
    return measure, MEASURES[measure]
