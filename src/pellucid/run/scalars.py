"""The scalars by which items are ranked: scores of targets, or units of a layer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..core.target import Space, Target, View
from ..core.targets import Class, Label, Negative, Positive, Predicted
from ..errors import InputError, LayerError, ParameterError, TargetError
from ..io.columns import SCORES, Block
from .features import Pool, column_name

MOST_CLASSES = 12
"""Classes that are taken without being asked for."""


@dataclass
class TargetScalars:
    """The scores of targets, read from the model's scores."""

    targets: list[Target]
    space: Space
    classes: tuple[str, ...] | None
    normalised: bool | None = None
    """Whether the model's scores are probabilities already."""
    resolved: list[Target] = field(default_factory=list)

    def of(self, block: Block) -> Tensor:
        """Their values `(item, unit)`."""
        view = view_of(block, self.space, bool(self.normalised))
        if not self.resolved:
            self.resolved = self._resolve(view)
        return torch.stack([target.of(view) for target in self.resolved], 1)

    def unit(self, index: int) -> str:
        """What the scalar with this number is called."""
        return self.resolved[index].label(self.classes)

    @property
    def indices(self) -> Sequence[int]:
        """The class or channel of every scalar."""
        found = [class_number(target) for target in self.resolved]
        return [index if own is None else own for index, own in enumerate(found)]

    @property
    def of_classes(self) -> bool:
        """Whether every scalar is the score of a class."""
        return all(class_number(target) is not None for target in self.resolved)

    @property
    def measured(self) -> str:
        """What the values are measured in."""
        return "probability" if self.normalised and self.of_classes else self.space

    def _resolve(self, view: View) -> list[Target]:
        targets = self.targets or self._every(view)
        if any(isinstance(target, Predicted) for target in targets):
            raise TargetError("The predicted class differs by item.", "Name a class.")
        return [target.resolve(view, 0, self.classes) for target in targets]

    def _every(self, view: View) -> list[Target]:
        count = view.scores.shape[1]
        if count == 1:
            return [Predicted().resolve(view, 0, None)]
        if count > MOST_CLASSES:
            raise TargetError(
                f"The model has {count} classes, and no item has a label.",
                "Say which classes: target=[…].",
            )
        return [Class(index) for index in range(count)]


@dataclass
class UnitScalars:
    """Channels of a layer, pooled over its places; all of them, or some."""

    pool: Pool
    channels: Sequence[int] | None = None
    address: str | None = None
    count: int = 0
    listed: Sequence[int] = ()
    """The channels that are listed in the end."""
    normalised: bool | None = None
    """Whether the model's scores are probabilities already."""

    def of(self, block: Block) -> Tensor:
        """Their values `(item, unit)`."""
        self.address = self.address or self._only(block)
        name = column_name(self.address, self.pool)
        if name not in block.columns:
            held = sorted(column for column in block.columns if column != SCORES)
            raise InputError(f"There is no column {name!r}.", f"There are {held}.")
        values = torch.from_numpy(block.columns[name].copy())
        self.count = values.shape[1]
        if self.channels is None:
            return values
        for channel in self.channels:
            if not 0 <= channel < self.count:
                raise ParameterError(
                    f"Layer {self.address!r} has no channel {channel}.",
                    f"Choose 0 to {self.count - 1}.",
                )
        return values[:, list(self.channels)]

    def unit(self, index: int) -> str:
        """What the scalar with this number is called."""
        return f"{self.address}, channel {self.indices[index]}"

    @property
    def indices(self) -> Sequence[int]:
        """The class or channel of every scalar."""
        return range(self.count) if self.channels is None else self.channels

    @property
    def of_classes(self) -> bool:
        """Whether every scalar is the score of a class."""
        return False

    @property
    def measured(self) -> str:
        """What the values are measured in."""
        words = {"mean": "mean of the channel", "max": "maximum of the channel"}
        return words[self.pool] if isinstance(self.pool, str) else f"value at {self.pool}"

    def _only(self, block: Block) -> str:
        suffix = column_name("", self.pool)
        found = [c.removesuffix(suffix) for c in block.columns if c.endswith(suffix)]
        if len(found) != 1:
            raise LayerError(
                f"{len(found)} layers or calls are meant: {', '.join(found[:6])}.",
                "Choose one of them.",
            )
        return found[0]


Scalars = TargetScalars | UnitScalars


def view_of(block: Block, space: Space, normalised: bool) -> View:
    """The scores of some items as targets see them."""
    if SCORES not in block.columns:
        raise InputError("The columns hold no scores.", "Collect them with scores=True.")
    scores = torch.from_numpy(block.columns[SCORES].copy())
    return View(scores, scores, space, torch.arange(len(scores)), normalised)


def class_number(target: Target) -> int | None:
    """The class whose score a resolved target is; None for any other scalar."""
    if isinstance(target, Class | Label):
        return int(target.index)  # type: ignore[arg-type]
    if isinstance(target, Positive):
        return 1
    return 0 if isinstance(target, Negative) else None
