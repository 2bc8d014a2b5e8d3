"""What Monte-Carlo dropout found: the scores of every pass, and how unsure they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import InputError, NotApplicable
from ..ops import uncertainty as formula
from .checks import Check
from .explanation import Explanation
from .services import service

Numbers = NDArray[np.floating[Any]]
"""Floats of any precision."""

Labels = Sequence[int] | NDArray[Any]
"""The true class of every sample."""


@dataclass(frozen=True)
class Referral:
    """Accuracy when the least sure samples are passed on to somebody else.

    `accuracy[k]` is that of the others when `referred[k]`, a share of all, are passed on;
    `random` is the accuracy of all, which is what a random choice keeps. `auroc` is the chance that
    a wrong prediction is less sure than a right one.
    """

    referred: Numbers
    accuracy: Numbers
    random: float
    auroc: float
    by: str


@dataclass(frozen=True)
class Uncertainty:
    """The answers of many thinned networks on one batch.

    `passes` is (pass, sample, class): probabilities where the model tells classes apart, else its
    values. `maps` is the mean explanation over the passes, its standard error, and under
    `maps["standard deviation"]` how much it differs between passes; None where none was asked for.
    """

    passes: Numbers
    probabilities: bool
    settings: dict[str, Any]
    checks: tuple[Check, ...] = ()
    classes: tuple[str, ...] | None = None
    maps: Explanation | None = None

    @property
    def mean(self) -> Numbers:
        """Mean over the passes, (sample, class)."""
        found: Numbers = self.passes.mean(0)
        return found

    @property
    def std(self) -> Numbers:
        """Standard deviation over the passes, (sample, class)."""
        return self.passes.std(0, ddof=1) if len(self.passes) > 1 else np.zeros_like(self.mean)

    @property
    def predicted(self) -> NDArray[np.intp]:
        """The class with the highest mean probability, (sample,)."""
        self._need_classes()
        found: NDArray[np.intp] = self.mean.argmax(1)
        return found

    @property
    def entropy(self) -> Numbers:
        """Predictive entropy in nats, (sample,)."""
        return self._of(formula.predictive_entropy)

    @property
    def mutual_information(self) -> Numbers:
        """BALD in nats, (sample,): what the passes disagree about."""
        return self._of(formula.mutual_information)

    def referral(self, labels: Labels, by: str = "entropy") -> Referral:
        """Accuracy against the share referred; `by` is `entropy` or `mutual_information`."""
        if by not in ("entropy", "mutual_information"):
            raise InputError(f"by={by!r} is no uncertainty.", "Say entropy or mutual_information.")
        true = np.asarray(labels)
        if true.shape != self.predicted.shape:
            raise InputError(
                f"{true.size} labels for {len(self.predicted)} samples.", "Give one for each."
            )
        correct = torch.from_numpy(self.predicted == true)
        unsure = torch.from_numpy(np.array(getattr(self, by)))
        accuracy = formula.referral(correct, unsure).numpy()
        return Referral(
            referred=np.arange(len(accuracy)) / len(accuracy),
            accuracy=accuracy,
            random=float(accuracy[0]),
            auroc=formula.error_auroc(correct, unsure),
            by=by,
        )

    def plot(self, labels: Labels | None = None, **options: Any) -> Any:
        """A figure: the mean and spread of every class for the first samples; with `labels` also
        uncertainty of right and wrong predictions and the referral curve."""
        return service("plot_uncertainty")(self, labels, **options)

    def __repr__(self) -> str:
        passes, samples, classes = self.passes.shape
        kind = "classes" if self.probabilities else "values"
        return f"<Uncertainty of {samples} samples: {passes} passes, {classes} {kind}>"

    def _of(self, measure: Any) -> Numbers:
        self._need_classes()
        found: Numbers = measure(torch.from_numpy(self.passes.astype(np.float64))).numpy()
        return found

    def _need_classes(self) -> None:
        if not self.probabilities:
            raise NotApplicable(
                "The model gives values, not probabilities of classes.", "Use `mean` and `std`."
            )
