"""Explanations along with a training: fixed items, seen again every few epochs."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ..core.checks import worst
from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.method import describe_value
from ..core.model import Model, as_model
from ..core.sharding import sharded
from ..core.target import Space
from ..core.training_epoch import Measure, Panel, TrainingEpoch
from ..errors import NotApplicable, ParameterError
from ..evaluation.evaluating import metric_of
from ..evaluation.scores import Score
from ..io.training_loggers import Writer, is_folder, logger_of, unknown
from ..render.image import image
from ..report.training_folder import TrainingFolder
from .evaluate import evaluate
from .explain import explain, method_of
from .training_callbacks import lightning_callback, transformers_callback


class TrainingWatch:
    """Explains the items `x` every few epochs of a training, and writes what was seen.

        watch = pl.TrainingWatch(x, y, ["grad_cam"], to="watch")
        for epoch in range(20):
            train(model)
            watch(model, epoch)

    `callbacks=[watch.lightning()]` does the same in Lightning, `watch.transformers()` in Hugging
    Face's Trainer.

    `x`, `targets`, `space` and `seed` are as for `pl.explain`; without targets every epoch explains
    the class that it predicts, so that pictures of different epochs may be about different classes.
    `metrics`, `masks` and `boxes` are as for `pl.evaluate`; `metrics=()` measures nothing. `to` is
    a folder, a logger (TensorBoard's `SummaryWriter`, the module `mlflow`, a W&B run, a logger of
    Lightning, or what has their methods), or a list of them. A folder gets pictures, raw
    explanations, `metrics.csv` and a page `index.html`; an epoch that it holds already is replaced,
    others stay, so a training goes on in the folder where it ended. `every` is the number of epochs
    from one look to the next, beginning with 0. `names` are those of the items. `wrap` makes of the
    network in training what `pl.explain` takes, such as `lambda net: pl.Model(net, classes=…)`.

    The training goes on as if nobody had watched, to the bit: modes, buffers, gradients, random
    states and backend flags are put back. Where an explanation or a logger fails, the training goes
    on too: a warning says why, once a cause, and the folder says it of every epoch. `strict` raises
    instead.

    Raises `PellucidError` at once for words that are unknown, and for a folder that holds a
    training which was watched in another way.
    """

    def __init__(
        self,
        x: Any,
        targets: Any = None,
        methods: Any = ("grad_cam",),
        *,
        to: Any,
        every: int = 1,
        metrics: Any = ("deletion", "insertion"),
        masks: Any = None,
        boxes: Any = None,
        names: Sequence[str] | None = None,
        space: Space | None = None,
        seed: int = 0,
        wrap: Callable[[Any], Any] | None = None,
        strict: bool = False,
    ) -> None:
        if not isinstance(every, int) or every < 1:
            raise ParameterError(f"every={every!r} is no number of epochs.", "Give 1 or more.")
        if names is not None and len(set(names)) != len(names):
            raise ParameterError("Two items have the same name.", "Give each its own.")
        self.x, self.targets, self.space, self.seed = x, targets, space, seed
        self.every, self.names, self.wrap, self.strict = every, names, wrap, strict
        self.methods = dict(_named(_listed(methods)))
        self.metrics = [metric_of(one) for one in _listed(metrics)]
        self.known = {"masks": masks, "boxes": boxes}
        watched = {
            "methods": {
                key: describe_value(method.params()) for key, method in self.methods.items()
            },
            "metrics": [metric.card.name for metric in self.metrics],
            "names": None if names is None else list(names),
            "seed": seed,
        }
        self.writers = [_writer(one, watched) for one in _listed(to)]
        self.last: int | None = None
        """The last epoch that was recorded."""
        self._told: set[str] = set()

    def __call__(self, model: Any, epoch: int) -> TrainingEpoch | None:
        """Look at the model after this epoch, if it is one of the `every`-th."""
        return self.record(model, epoch) if epoch % self.every == 0 else None

    def record(self, model: Any, epoch: int) -> TrainingEpoch | None:
        """Look at the model now, whatever the epoch's number; None where that was not possible."""
        try:
            # These guards also cover reading, drawing and what the loggers do.
            with undisturbed(None, self.seed):
                wrapped = _whole(model if self.wrap is None else self.wrap(model))
                with undisturbed(wrapped.net, self.seed):
                    seen = self._look(wrapped, epoch)
                    self._write(seen)
        except Exception as error:  # noqa: BLE001 - a user's own code may raise anything
            self._tell(epoch, "The network", error)
            return None
        self.last = epoch
        return seen

    def lightning(self) -> Any:
        """A callback for `Trainer(callbacks=[…])` of `lightning` or `pytorch_lightning`."""
        return lightning_callback(self)

    def transformers(self) -> Any:
        """A callback for `Trainer(callbacks=[…])` of `transformers`. Epochs count from 1."""
        return transformers_callback(self)

    def _look(self, model: Model, epoch: int) -> TrainingEpoch:
        found: dict[str, Explanation] = {}
        panels: list[Panel] = []
        measures: list[Measure] = []
        failures: dict[str, str] = {}
        for key, method in self.methods.items():
            try:
                e = explain(model, self.x, method, self.targets, space=self.space, seed=self.seed)
                found[key] = e
                panels += self._panels(key, e)
                if self.metrics:
                    scores = evaluate(model, e, self.metrics, x=self.x, **self.known)
                    measures += [_measure(key, score) for score in scores]
            except Exception as error:  # noqa: BLE001 - and so may the network
                failures[key] = _cause(error)
                self._tell(epoch, key, error)
        return TrainingEpoch(epoch, found, tuple(panels), tuple(measures), failures)

    def _panels(self, key: str, e: Explanation) -> list[Panel]:
        sources = e.sample_of(list(range(len(e))))
        several = len(set(sources)) < len(sources)
        names = self.names or [f"item {source}" for source in range(max(sources) + 1)]
        if max(sources) >= len(names):
            raise ParameterError(
                f"{len(names)} names for {max(sources) + 1} items.", "Give one for each."
            )
        panels = []
        for row, source in enumerate(sources):
            target = e.target[row] if e.target else ""
            name = f"{names[source]} · {target}" if several else names[source]
            score = _finite(float(e.score[row])) if len(e.score) else None
            checks = tuple(own for check in e.checks if (own := check.of([row])))
            panels.append(Panel(key, row, name, target, score, worst(checks), image(e, row)))
        return panels

    def _write(self, seen: TrainingEpoch) -> None:
        for writer in self.writers:
            try:
                writer.write(seen)
            except Exception as error:  # noqa: BLE001 - and so may a logger
                self._tell(seen.epoch, type(writer).__name__, error)

    def _tell(self, epoch: int, what: str, error: Exception) -> None:
        """Raise, or warn once a cause."""
        if self.strict:
            raise error
        text = f"{what} failed with {_cause(error)}"
        if text not in self._told:
            self._told.add(text)
            warnings.warn(
                f"Watching the training after epoch {epoch}, {text} The training goes on; "
                "strict=True would stop it.",
                stacklevel=4,
            )


def _whole(given: Any) -> Model:
    model = as_model(given)
    if sharded(model.net):
        raise NotApplicable(
            "The network is spread over several processes.",
            "Watch a network that every process holds whole.",
        )
    return model


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def _named(methods: Sequence[Any]) -> list[tuple[str, Any]]:
    """Methods by their names, numbered where one is there twice."""
    found: list[tuple[str, Any]] = []
    for method in [method_of(one, {}) for one in methods]:
        name = method.card.name
        times = sum(known.card.name == name for _, known in found)
        found.append((f"{name}-{times + 1}" if times else name, method))
    return found


def _writer(given: Any, watched: dict[str, Any]) -> Writer:
    if is_folder(given):
        return TrainingFolder(given, watched)
    found = logger_of(given)
    if found is None:
        raise unknown(given)
    return found


def _measure(key: str, score: Score) -> Measure:
    mean, low, high = (_finite(value) for value in (score.mean, score.low, score.high))
    values = tuple(_finite(value) for value in score.values.tolist())
    return Measure(key, score.metric, score.better, mean, low, high, values)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
