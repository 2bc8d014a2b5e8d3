"""Loggers of trainings: pictures and numbers of an epoch to TensorBoard, MLflow or W&B.

A logger is known by what it can do, so that none of the libraries is imported before it is used.
"""

import os
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from ..core.extras import require
from ..core.training_epoch import Panel, TrainingEpoch
from ..errors import ParameterError

_PREFIX = "pellucid"


@runtime_checkable
class Writer(Protocol):
    """Takes what was seen after an epoch."""

    def write(self, seen: TrainingEpoch) -> None:
        """Write one epoch."""


class TensorBoard:
    """A `SummaryWriter`, or what has its `add_image` and `add_scalar`."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def write(self, seen: TrainingEpoch) -> None:
        """One picture a panel and one curve a number; the step is the epoch."""
        for panel in seen.panels:
            self.writer.add_image(_tag(panel), panel.picture, seen.epoch, dataformats="HWC")
        for name, value in _numbers(seen):
            self.writer.add_scalar(name, value, seen.epoch)


class MLflow:
    """The module `mlflow` with its active run, or an `MlflowClient` and the id of a run."""

    def __init__(self, client: Any, run: str | None = None) -> None:
        self.client, self.run = client, () if run is None else (run,)

    def write(self, seen: TrainingEpoch) -> None:
        """Pictures as artefacts in a folder an epoch, numbers as metrics with the epoch as step."""
        for panel in seen.panels:
            file = f"{_PREFIX}/epoch_{seen.epoch:04d}/{panel.method}_{panel.item}.png"
            self.client.log_image(*self.run, panel.picture, artifact_file=file)
        for name, value in _numbers(seen):
            self.client.log_metric(*self.run, name, value, step=seen.epoch)


class WandB:
    """A run of Weights & Biases. Its own step is left alone: a training logs by it."""

    def __init__(self, run: Any) -> None:
        self.run = run

    def write(self, seen: TrainingEpoch) -> None:
        """Everything in one row, with the epoch beside it."""
        image = require("wandb", "Pictures for W&B", "wandb").Image
        row: dict[str, Any] = {f"{_PREFIX}/epoch": seen.epoch, **dict(_numbers(seen))}
        for panel in seen.panels:
            row[_tag(panel)] = image(panel.picture, caption=panel.target)
        self.run.log(row)


def logger_of(given: Any) -> Writer | None:
    """The writer for a logger, or None where it is none that is known.

    Lightning's loggers stand for the `experiment` inside; it is only made when it is first used.
    """
    if hasattr(given, "add_image") and hasattr(given, "add_scalar"):
        return TensorBoard(given)
    if hasattr(given, "log_image") and hasattr(given, "log_metric"):
        return MLflow(given)
    if hasattr(type(given), "experiment"):
        return _Lightning(given)
    return WandB(given) if callable(getattr(given, "log", None)) else None


class _Lightning:
    """A logger of Lightning."""

    def __init__(self, logger: Any) -> None:
        self.logger = logger

    def write(self, seen: TrainingEpoch) -> None:
        """Hand on to the experiment inside."""
        inside, run = self.logger.experiment, getattr(self.logger, "run_id", None)
        found = MLflow(inside, run) if run is not None else logger_of(inside)
        if found is None or isinstance(found, _Lightning):
            raise unknown(inside)
        found.write(seen)


def unknown(given: Any) -> ParameterError:
    """The error for what is neither a folder nor a logger."""
    return ParameterError(
        f"{type(given).__name__} is neither a folder nor a logger that is known.",
        "Give a folder, a SummaryWriter (add_image and add_scalar), the module mlflow (log_image "
        "and log_metric), a W&B run (log), or a logger of Lightning.",
    )


def is_folder(given: Any) -> bool:
    """Whether this is a path."""
    return isinstance(given, str | os.PathLike)


def _tag(panel: Panel) -> str:
    return f"{_PREFIX}/{panel.method}/{panel.name}"


def _numbers(seen: TrainingEpoch) -> Iterator[tuple[str, float]]:
    """Means of metrics and scores of items by name; each score once, for methods share it."""
    for measure in seen.measures:
        if measure.mean is not None:
            yield f"{_PREFIX}/{measure.metric}/{measure.method}", measure.mean
    scores = {(p.name, p.target): p.score for p in reversed(seen.panels)}
    for (name, _), score in scores.items():
        if score is not None:
            yield f"{_PREFIX}/score/{name}", score
