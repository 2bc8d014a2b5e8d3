"""A benchmark of methods with ground truth: tasks whose answer is known, networks that learned
them, and how well every method finds what they look at."""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..core import registry
from ..core.catalogue import Catalogue, standard_name
from ..core.explaining import explained
from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.method import Method
from ..core.model import Model
from ..core.progress import Progress
from ..core.targets import Class, Label
from ..errors import NotApplicable, ParameterError, PellucidError
from ..io.inputs import inputs_of
from ..parts.own_rows import takes_rows
from .controls import CONTROLS
from .evaluating import evaluated
from .families import family_of
from .league import MEASURES, Benchmark, Entry, TaskResult
from .resuming import resumed
from .task import Planted, Task
from .training import train

TASKS = Catalogue("pellucid.evaluation.tasks")
ITEMS = {"quick": 24, "full": 200}
"""Items of each task that are explained."""

_TRAINING, _TESTING = 4000, 500

_TRAINED, _SAMPLED = 8, 30
"""How many times as long as one gradient of every item it takes, roughly, to train a network and to
ask a method that samples: for the estimate of the time left."""

_QUICK: dict[str, dict[str, Any]] = {
    "rise": {"n_masks": 1000},
    "kernel_shap": {"n_samples": 512},
    "lime": {"n_samples": 512},
    "smooth_grad": {"n_samples": 25},
    "expected_gradients": {"n_samples": 50},
}
"""What sampled methods spend where it has to be quick."""

_ROWS = {"lime": 500, "expected_gradients": 50}
"""Rows of the training data that methods are given as background, where they take one; others 10,
which cost an evaluation each."""


def benchmarked(
    methods: Sequence[Any] | None = None,
    tasks: Sequence[Any] | None = None,
    *,
    network: Callable[[Task], nn.Module] | None = None,
    items: int | None = None,
    level: str = "quick",
    seed: int = 0,
    progress: Progress | None = None,
) -> Benchmark:
    """Train a network on every task and score every method on it; see `pl.benchmark`."""
    start = time.perf_counter()
    chosen = [task_of(one) for one in (TASKS.files if tasks is None else tasks)]
    named = _named(methods, level)
    count = ITEMS[level] if items is None else items
    weights = [_TRAINED, *map(_weight, named.values())] * len(chosen)
    steps = (progress or Progress()).track(weights, "benchmark", sum(weights), size=int)
    results = [_run(task, named, network, count, seed, steps) for task in chosen]
    next(steps, None)
    return Benchmark(tuple(results), level, seed, time.perf_counter() - start)


def task_of(given: Any) -> Task:
    """A task from its name or itself."""
    if isinstance(given, Task):
        return given
    found: Task = TASKS.get(standard_name(str(given), TASKS.files, "task"))()
    return found


def _named(methods: Sequence[Any] | None, level: str) -> dict[str, Method]:
    """The methods by a name each, and the controls."""
    if methods is None:
        cards = [registry.card(name) for name in registry.names()]
        methods = [c.name for c in cards if c.gives == "evidence" and c.axes != "layer"]
    found: dict[str, Method] = {}
    for given in methods:
        one = _method(given, level)
        same = sum(name.partition(" ")[0] == one.card.name for name in found)
        found[f"{one.card.name} ({same + 1})" if same else one.card.name] = one
    return {**found, **{one.card.name: one for one in CONTROLS}}


def _method(given: Any, level: str) -> Method:
    """A method from its name, in the setting of the level, or itself."""
    one = given
    if isinstance(given, str):
        name = registry.find(given)
        one = registry.create(name, _QUICK.get(name, {}) if level == "quick" else {})
    if not isinstance(one, Method) or one.card.gives != "evidence" or one.card.axes == "layer":
        raise ParameterError(
            f"{given!r} gives no map of the input.",
            "Give names or objects of methods that explain an input; see pl.methods().",
        )
    return one


def _weight(method: Method) -> int:
    sampled = method.card.access == "black_box" or method.card.randomised
    return _SAMPLED if sampled and method not in CONTROLS else 1


def _run(
    task: Task,
    named: Mapping[str, Method],
    network: Callable[[Task], nn.Module] | None,
    count: int,
    seed: int,
    steps: Iterator[int],
) -> TaskResult:
    next(steps)
    own = (seed + zlib.crc32(task.card.name.encode())) % 2**31
    net, training = trained(task, network, own)
    planted = task.draw(max(_TESTING, 2 * count), torch.Generator().manual_seed(own + 1))
    right, exchanged = (_right(net, x, planted) for x in (planted.x, planted.exchanged()))
    accuracy = float(right.float().mean())
    if accuracy < (1 + 1 / len(task.card.classes)) / 2:  # half way from chance
        raise NotApplicable(
            f"The network did not learn the task {task.card.name}: {accuracy:.0%} of its answers "
            "are right, so where it looks is not known.",
            "Give a network that can learn it.",
        )
    chosen = planted[(right & exchanged).nonzero().flatten()[:count]]
    entries, refused, examples = [], {}, {}
    for name, method in named.items():
        next(steps)
        try:
            e = _explained(net, task, chosen, _prepared(method, task, training.x), seed)
            entries.append(_entry(name, method, e, chosen))
            examples[name] = resumed(e).map()[0].numpy()
        except PellucidError as error:
            refused[name] = error.cause
    return TaskResult(
        card=task.card,
        accuracy=accuracy,
        exchanged=float(exchanged.float().mean()),
        without=float(_right(net, planted.without, planted).float().mean()),
        rest=_rest(net, chosen),
        area=float(chosen.masks.float().mean()),
        items=len(chosen.y),
        entries=tuple(entries),
        refused=refused,
        planted=chosen[torch.arange(1)],
        examples=examples,
    )


def trained(
    task: Task, network: Callable[[Task], nn.Module] | None = None, seed: int = 0
) -> tuple[nn.Module, Planted]:
    """A network that has learned the task, at rest, and what it was trained on."""
    generator = torch.Generator().manual_seed(seed)
    data = task.draw(_TRAINING, generator)
    labels = data.y if data.labels is None else data.labels
    with undisturbed(None, seed):
        net = task.network() if network is None else network(task)
        train(net, data.x, labels, task.card.steps, 3e-3, generator, until=task.card.loss)
    return net.eval(), data


def _right(net: nn.Module, x: Tensor, planted: Planted) -> Tensor:
    """Where the network answers with the class that was planted, `(N,)`."""
    with torch.no_grad():
        scores: Tensor = net(x)
    if planted.labels is None:
        return scores.argmax(1) == planted.y
    return scores.gather(1, planted.y[:, None])[:, 0] > 0


def _rest(net: nn.Module, planted: Planted) -> float:
    """|f(all else exchanged) − f(x)| / |f(without the evidence) − f(x)|, of the planted class."""
    with torch.no_grad():
        whole, exchanged, without = (
            net(x).gather(1, planted.y[:, None])
            for x in (planted.x, planted.exchanged(), planted.without)
        )
    return float((exchanged - whole).abs().mean() / (without - whole).abs().mean())


def _prepared(method: Method, task: Task, data: Tensor) -> Method:
    """The method with rows of the training data as background, where it takes one and has none."""
    wanted = task.card.modality == "table" or method.card.name == "expected_gradients"
    if not takes_rows(method) or not wanted or getattr(method, "background", None) is not None:
        return method
    rows = data[: _ROWS.get(method.card.name, 10)]
    return type(method)(**{**method.params(), "background": rows})


def _explained(
    net: nn.Module, task: Task, planted: Planted, method: Method, seed: int
) -> Explanation:
    if task.card.modality not in method.card.modalities:
        raise NotApplicable(f"It is not for a {task.card.modality}.", "Use another method.")
    model = Model(net)
    kind = Class if planted.labels is None else Label
    inputs = inputs_of(model, planted.x, method.card.access == "black_box")
    asked = method.card.needs_target
    grid = [[kind(int(y))] if asked else [] for y in planted.y]
    return explained(model, inputs, method, grid, method.card.space, seed)


def _entry(name: str, method: Method, e: Explanation, planted: Planted) -> Entry:
    scores = evaluated(None, [e], MEASURES, masks=planted.masks)
    control = method in CONTROLS
    return Entry(
        name, method.card.title, "control" if control else family_of(method), control,
        {score.metric: score for score in scores}, e.cost.get("seconds", 0.0) / len(e),
        e.cost.get("forward_equivalents", 0.0),
    )  # fmt: skip
