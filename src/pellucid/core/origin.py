"""What an explanation was made of, kept for as long as the session so that it can be verified."""

import copy
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from .inputs import Inputs
from .method import Method
from .model import Model
from .target import Space, Target


@final
@dataclass(frozen=True)
class Origin:
    """Model, inputs, method and resolved targets of an explanation. It is never saved or pickled.

    Row r of the explanation is `targets[r]` on input `sources[r]`. A torch network is held weakly,
    so that an explanation keeps no network in memory.
    """

    shell: Model
    network: "weakref.ref[Any] | None"
    inputs: Inputs
    method: Method
    targets: tuple[Target, ...]
    sources: tuple[int, ...]
    space: Space
    seed: int

    @staticmethod
    def of(
        model: Model,
        inputs: Inputs,
        method: Method,
        targets: Sequence[Sequence[Target]],
        space: Space,
        seed: int,
    ) -> "Origin":
        """The origin of an explanation of `targets` by input."""
        shell, network = model, None
        if model.net is not None:
            shell, network = copy.copy(model), weakref.ref(model.net)
            shell.given = shell.net = None
            shell.function = _gone
        flat = tuple(target for row in targets for target in row)
        sources = tuple(i for i, row in enumerate(targets) for _ in row)
        return Origin(shell, network, inputs, method, flat, sources, space, seed)

    @property
    def model(self) -> Model | None:
        """The model; None where its network is gone."""
        if self.network is None:
            return self.shell
        net = self.network()
        if net is None:
            return None
        model = copy.copy(self.shell)
        model.given = model.function = model.net = net
        return model

    def rows(self, rows: Sequence[int]) -> "Origin":
        """The origin of some rows of the explanation."""
        if not self.targets:
            return self
        return replace(
            self,
            targets=tuple(self.targets[row] for row in rows),
            sources=tuple(self.sources[row] for row in rows),
        )


def _gone(*_: Any) -> Any:
    raise AssertionError("a shell is never asked")
