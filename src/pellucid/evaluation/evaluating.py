"""Metrics of explanations: every metric on every one, forward passes shared."""

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from ..core.axes import CHANNEL
from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.progress import Progress
from ..core.target import Space
from ..errors import NotApplicable, ParameterError, TargetError
from ..ops.bootstrap import interval
from . import registry
from .evidence import evidence_mask
from .metric import Bench, Metric
from .probe import Probe
from .resuming import resumed
from .scores import Evaluation, Score
from .subject import Subject

DEFAULT = ("deletion", "insertion", "faithfulness_correlation", "sparseness", "complexity")
"""What is measured where no metric is named: what needs neither a mask nor another explanation."""


class Desk:
    """Probes and memories that metrics share; one for a call of `evaluated`."""

    def __init__(self, progress: Progress | None = None, batch_size: int | None = None) -> None:
        self.progress, self.batch_size = progress, batch_size
        self._probes: dict[Hashable, Probe] = {}
        self._known: dict[Hashable, Any] = {}

    @property
    def forwards(self) -> int:
        """Passes of one input so far."""
        return sum(probe.forwards for probe in self._probes.values())

    def probe_of(self, subject: Subject, space: Space) -> Probe:
        """The one probe of this model, these inputs and targets."""
        origin = subject.e.record.get("input_fingerprint", id(subject.inputs))
        rows = tuple(subject.e.sample_of(list(range(subject.n))))
        coded = subject.inputs.encoding is not None
        key = (id(subject.model.function), origin, rows, subject.targets, space, coded)
        if key not in self._probes:
            wanted: Space = "logit" if subject.model.gives_values else space
            self._probes[key] = Probe(
                subject.model, subject.inputs, subject.targets, wanted,
                subject.seed, self.progress, self.batch_size,
            )  # fmt: skip
        return self._probes[key]

    def remembered(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """What was found before under this key, or now."""
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]

    def bench(self, inside: Any = None) -> Bench:
        """What one metric is given."""
        return Bench(self.probe_of, inside, self.remembered)


def evaluated(
    model: Any,
    explanations: Sequence[Explanation],
    metrics: Sequence[Any] | None = None,
    *,
    x: Any = None,
    masks: Any = None,
    boxes: Any = None,
    method: Any = None,
    progress: Progress | None = None,
    batch_size: int | None = None,
) -> Evaluation:
    """Every metric on every explanation. A metric that has no meaning for a method is listed in
    `refused`, unless it was the only one."""
    start = time.perf_counter()
    default = (*DEFAULT, *(_localisation() if masks is not None or boxes is not None else ()))
    chosen = [metric_of(one) for one in (default if metrics is None else metrics)]
    desk, scores, refused = Desk(progress, batch_size), [], {}
    for e in explanations:
        subject = resumed(e, model, x, method)
        if subject.method.card.needs_target and not subject.targets:
            raise TargetError("The explanation has no target.", "Explain again with a target.")
        inside = evidence_mask(masks, boxes, _places(subject), e.sample_of(list(range(len(e)))))
        for metric in chosen:
            try:
                scores.append(measured(metric, subject, desk.bench(inside)))
            except NotApplicable as error:
                if len(chosen) == len(explanations) == 1:
                    raise
                refused[metric.card.name, e.method] = str(error)
    return Evaluation(tuple(scores), refused, desk.forwards, time.perf_counter() - start)


def measured(metric: Metric, subject: Subject, bench: Bench) -> Score:
    """One metric on one explanation."""
    with undisturbed(subject.model.net, subject.seed):
        found = metric.measure(subject, bench)
    values, card = found.values.double().cpu(), metric.card
    low, high = interval(values)
    return Score(
        card.name, card.title, subject.e.method, card.better, values.numpy(),
        float(values.mean()), low, high, metric.params(), card.flaw,
        None if found.curve is None else np.asarray(found.curve.double().cpu()), found.at,
    )  # fmt: skip


def metric_of(given: Any) -> Metric:
    """A metric from its name, its class or itself."""
    if isinstance(given, str):
        found: Metric = registry.get(given)()
        return found
    if isinstance(given, type) and issubclass(given, Metric):
        return given()
    if isinstance(given, Metric):
        return given
    raise ParameterError(
        f"{type(given).__name__} is not a metric.",
        "Give a name such as 'deletion' or an object such as pl.Deletion(); see pl.metrics().",
    )


def _localisation() -> list[str]:
    return [name for name in registry.names() if registry.get(name).card.needs_mask]


def _places(subject: Subject) -> tuple[int, ...]:
    name, x = next(iter(subject.inputs.changeable.items()))
    axes = subject.inputs.axes(name)
    return tuple(size for axis, size in zip(axes[1:], x.shape[1:], strict=True) if axis != CHANNEL)
