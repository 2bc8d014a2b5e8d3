"""The gradient of an objective at pictures of any size, tile by tile."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..core.batching import Batches
from ..core.call import Call
from ..core.cut import gradient_of
from ..core.diagnosis import first_not_finite
from ..core.model import FAILURES, Model
from ..errors import Cancelled, NotApplicable
from ..ops.spatial import resized
from ..ops.tiles import tiles
from .canvas import Canvas
from .objectives import Objective


class Ascent:
    """Objectives and their gradients.

    Pictures larger than a tile are seen tile by tile, each weighted by its share of the places. A
    network that cannot take a size sees the picture, or each tile, resized to its own.
    """

    def __init__(
        self,
        call: Call,
        canvas: Canvas,
        objective: Objective,
        model: Model,
        tile: int,
        samples: Tensor,
    ) -> None:
        self.call, self.canvas, self.objective, self.model = call, canvas, objective, model
        self.samples = samples
        """Which sample of the inputs each row belongs to."""
        self.native = canvas.space
        self.most = (tile,) * len(self.native)
        self.refused: set[tuple[int, ...]] = set()
        """Sizes that the network cannot take."""
        self._planned = call.batches(2).size

    def at(self, pictures: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The objective `(N,)` and its gradient at `pictures (N, channel, *space)`; row r is number
        `rows[r]` of the objective."""
        space = tuple(pictures.shape[2:])
        total = pictures.new_zeros(len(pictures))
        gradient = torch.zeros_like(pictures)
        for tile in tiles(space, self._tile(space)):
            inside = (slice(None), slice(None), *tile)
            piece = pictures[inside]
            share = math.prod(piece.shape[2:]) / math.prod(space)
            scores, own = self._piece(piece, rows)
            total += share * scores
            gradient[inside] = share * own
        if not bool(torch.isfinite(total).all() and torch.isfinite(gradient).all()):
            raise first_not_finite(self.call.model, self.call.inputs)
        return total, gradient

    def value(self, pictures: Tensor, rows: Tensor) -> Tensor:
        """The objective `(N,)` of whole pictures of the network's own size."""
        found = pictures.new_zeros(len(pictures))

        def work(part: slice) -> None:
            inputs = self.canvas.given(pictures[part], self.samples[rows[part]])
            found[part] = self.objective.of(self.call, self.model, inputs, rows[part])[0]

        for _ in self._batches(pictures).split(len(pictures), work):
            continue
        return found

    def _tile(self, space: tuple[int, ...]) -> tuple[int, ...]:
        return self.native if space in self.refused else self.most

    def _piece(self, piece: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        space = tuple(piece.shape[2:])
        if space not in self.refused:
            try:
                return self._gradient(piece, rows, space)
            except FAILURES as error:
                if space == self.native or isinstance(error, Cancelled | NotApplicable):
                    raise
                self.refused.add(space)
        return self._gradient(piece, rows, self.native)

    def _gradient(
        self, pictures: Tensor, rows: Tensor, size: Sequence[int]
    ) -> tuple[Tensor, Tensor]:
        scores = pictures.new_zeros(len(pictures))
        gradient = torch.zeros_like(pictures)

        def work(part: slice) -> None:
            start = pictures[part].detach().clone().requires_grad_()
            with torch.enable_grad():
                inputs = self.canvas.given(resized(start, size), self.samples[rows[part]])
                found, _ = self.objective.of(self.call, self.model, inputs, rows[part])
            gradient[part] = gradient_of(found, [start])[0]
            scores[part] = found.detach()
            self.call.cost.backwards += inputs.n

        for _ in self._batches(pictures).split(len(pictures), work):
            continue
        return scores, gradient

    def _batches(self, pictures: Tensor) -> Batches:
        area = math.prod(pictures.shape[2:]) / max(1, math.prod(self.native))
        return Batches(max(1, int(self._planned / max(area, 1e-6))), self.call.progress)
