"""One target's scores on any rows of a table: what global views of a model are made of."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import NotApplicable, ParameterError, TargetError, suggest
from .axes import FEATURE, SAMPLE
from .call import Call
from .inputs import Inputs
from .model import Model
from .progress import Progress
from .target import Space, Target
from .target_grid import target_grid
from .targets import Class, Positive, Value

Array = NDArray[np.float64]


class TableScores:
    """The model's scores for one target; rows `(M, F)` are numbers and codes as in the table.

    Call it within `undisturbed`. `names` are the columns'; `rows` is the table itself, `(N, F)`.
    Without `resolve` there is no target, and only `outputs` can be asked for.
    """

    def __init__(
        self,
        model: Model,
        inputs: Inputs,
        target: Any,
        space: Space,
        progress: Progress,
        resolve: bool = True,
    ) -> None:
        tensors = inputs.changeable
        if len(tensors) != 1 or inputs.axes() != (SAMPLE, FEATURE):
            raise NotApplicable(
                "Global views are of one table (N, columns); this input is none.",
                "Give a data frame or an array of rows.",
            )
        (self._name, self.rows), *_ = tensors.items()
        self.inputs, self.model = inputs, model
        encoding = inputs.encoding
        count = self.rows.shape[1]
        known = encoding.names if encoding is not None else ()
        self.names = tuple(known) or tuple(f"feature {i}" for i in range(count))
        kinds = encoding.kinds if encoding is not None else ()
        self.kinds = tuple(kinds) or ("numeric",) * count
        self.call = Call(model, inputs, [[] for _ in range(inputs.n)], space, 0, progress)
        if resolve:
            self._resolve(target, space, progress)

    def _resolve(self, target: Any, space: Space, progress: Progress) -> None:
        model, inputs = self.model, self.inputs
        if target is None:
            target = only_target(model, inputs)
        grid = target_grid(target, inputs.n)
        if any(len(row) != 1 or row[0] != grid[0][0] for row in grid):
            raise TargetError("A global view is of one target.", "Give one for all rows.")
        self.call = Call(model, inputs, grid, space, 0, progress)
        self.clean: Array = self.call.clean()[:, 0].detach().double().cpu().numpy()
        self.target = self.call.targets[0][0].label(model.classes)
        shares = self.call.normalised or space == "probability"
        self.unit = "probability" if shares else "logit"
        if isinstance(self.call.targets[0][0], Value):
            self.unit = "value"

    def __call__(self, rows: Tensor) -> Array:
        """The scores `(M,)`."""
        found = np.empty(len(rows))

        def work(part: slice) -> None:
            own = rows[part]
            first = torch.zeros(len(own), dtype=torch.long)
            batch = self.inputs.take(first).replaced({self._name: own.to(self.rows)})
            scores = self.call.scores(self.call.forward(batch), first)[:, 0]
            found[part] = scores.detach().double().cpu().numpy()

        self.call.batches().each(len(rows), work, "scores")
        return found

    def outputs(self, rows: Tensor) -> Array:
        """All scores of the model, `(M, K)`."""
        found: list[Array] = []

        def work(part: slice) -> None:
            own = rows[part]
            batch = self.inputs.take(torch.zeros(len(own), dtype=torch.long))
            raw = self.call.forward(batch.replaced({self._name: own.to(self.rows)}))
            scores = self.model.scores(raw, len(own)).detach().double().cpu().numpy()
            found.append(scores.reshape(len(own), -1))

        self.call.batches().each(len(rows), work, "scores")
        return np.concatenate(found)

    def place(self, feature: Any) -> int:
        """The column that a name or a number means."""
        if isinstance(feature, str) and feature in self.names:
            return self.names.index(feature)
        if isinstance(feature, int | np.integer) and -len(self.names) <= feature < len(self.names):
            return int(feature) % len(self.names)
        raise ParameterError(
            f"There is no column {feature!r}.", suggest(str(feature), list(self.names))
        )

    def spelled(self, place: int, codes: Array) -> list[str]:
        """Values of a column as a reader knows them, from their codes."""
        if self.kinds[place] == "numeric":
            return [f"{code:.4g}" for code in codes]
        rows = self.rows[:1].repeat(len(codes), 1)
        rows[:, place] = torch.as_tensor(codes).to(rows)
        encoding = self.inputs.encoding
        if encoding is None or encoding.frame is None:
            return [f"{code:g}" for code in codes]
        return [str(value) for value in encoding.frame(rows).iloc[:, place]]


def only_target(model: Model, inputs: Inputs) -> Target:
    """The target that goes without saying: the one output, or the second of two classes."""
    raw = model.run(inputs.take(torch.zeros(1, dtype=torch.long)))
    scores = model.scores(raw, 1)
    count = scores.shape[1] if scores.ndim == 2 else 1
    if count == 1:
        return Value() if model.classes is None else Positive()
    if count == 2:
        return Class(1)
    raise TargetError(f"The model has {count} classes; a global view is of one.", "Give target=.")
