"""The game that Shapley values share out: scores of coalitions of the features that matter."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..core.call import Call
from ..core.completeness import completeness
from ..core.evaluation import Evaluation, clean
from ..core.method import Attribution
from .coalitions import Features, Off, evaluate
from .feature_maps import feature_maps


class Game:
    """The scores of coalitions of every sample's features, the mean over backgrounds.

    A feature that equals its stand-ins everywhere changes nothing: its value is 0 and it takes no
    part (`players` are the others), which leaves the values of the others as they are.
    """

    def __init__(self, call: Call, features: Features, off: Sequence[Off]) -> None:
        self.call, self.features, self.off = call, features, off
        self.whole = clean(call).double()
        self.players = _players(call, features, off)
        self.empty = torch.zeros_like(self.whole)
        self.run: Evaluation | None = None

    def open(self, total: int, task: str, partial: Callable[[], Any] | None = None) -> None:
        """Make room for `total` coalitions of all samples together, and evaluate the empty ones."""
        total = (total + self.call.n) * len(self.off)
        self.run = Evaluation(self.call, total, task, partial)
        none = [torch.zeros(1, len(players), dtype=torch.bool) for players in self.players]
        self.empty = torch.cat(self.scores(none))

    @property
    def change(self) -> Tensor:
        """The change of the score `(N, K)` from no feature to all."""
        return self.whole - self.empty

    def scores(self, coalitions: Sequence[Tensor]) -> list[Tensor]:
        """The scores `(coalitions, K)` of every sample's coalitions `(coalitions, players)`."""
        assert self.run is not None, "open the game first"
        kept = []
        for players, present in zip(self.players, coalitions, strict=True):
            whole = torch.ones(len(present), self.features.most, dtype=torch.bool)
            whole[:, players] = present
            kept.append(whole)
        return evaluate(self.run, self.features, kept, self.off)

    def attribution(
        self, values: Sequence[Tensor], errors: Sequence[Tensor] | None = None
    ) -> Attribution:
        """The attribution of values and standard errors `(players, K)` of every sample."""
        weights = self._of_all(values)
        spread = None if errors is None else self._of_all(errors)
        found = feature_maps(self.call, self.features, weights, spread)
        # Without players there is nothing to share; what is left is rounding.
        some = torch.tensor([bool(len(players)) for players in self.players])[:, None]
        change = torch.where(some, self.change, 0.0).flatten()
        rows = weights.flatten(0, 1)
        found.checks += completeness({"features": rows}, change, self.whole.flatten(), 1e-4)
        return found

    def _of_all(self, values: Sequence[Tensor]) -> Tensor:
        """Numbers of players `(players, K)` as those of all features `(N, K, most)`."""
        found = self.whole.new_zeros(*self.whole.shape, self.features.most)
        for sample, (players, own) in enumerate(zip(self.players, values, strict=True)):
            found[sample][:, players] = own.T
        return found


def _players(call: Call, features: Features, off: Sequence[Off]) -> list[Tensor]:
    """The features of every sample that differ from a stand-in somewhere."""
    differs = torch.zeros(call.n, features.most + 1, dtype=torch.uint8)
    for name, labels in features.labels.items():
        x = call.inputs.changeable[name]
        changed = torch.zeros_like(x, dtype=torch.bool)
        for stand_in in off:
            changed |= stand_in[name].to(x) != x
        index = torch.where(labels < 0, features.most, labels).cpu().expand_as(changed).flatten(1)
        differs.scatter_reduce_(1, index, changed.cpu().flatten(1).to(torch.uint8), "amax")
    return [own.nonzero().flatten() for own in differs[:, :-1]]
