"""Methods on tasks whose answer is known: which one finds what a network looks at."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from ..core.progress import Event, Progress
from ..errors import ParameterError, suggest
from ..evaluation.ground_truth import ITEMS, TASKS, benchmarked
from ..evaluation.league import Benchmark
from ..evaluation.task import Task
from .listening import listening


def benchmark(
    methods: Sequence[Any] | None = None,
    tasks: Sequence[Any] | None = None,
    *,
    network: Callable[[Task], nn.Module] | None = None,
    items: int | None = None,
    level: str = "quick",
    seed: int = 0,
    progress: Progress | Callable[[Event], None] | bool = False,
) -> Benchmark:
    """Train a small network on every task, and score every method by how well it finds the planted
    evidence: pointing game and relevance mass accuracy, with 95 % intervals over the items.

    `methods` are names, or objects with parameters of your own; left out, all that explain an
    input, plug-ins too. `tasks` are names (`pl.tasks()` lists them) or objects. `network` makes
    another network to be trained: it is given the task, whose `card` has the classes. `level` is
    `quick` (24 items, sampled methods with fewer samples) or `full` (200 items, their defaults);
    `items` overrides the number. The same seed gives the same table.

    `print()` shows the table, `.save(path)` writes the page, `.to_json()` has every number.
    """
    if level not in ITEMS:
        raise ParameterError(f"level={level!r} is unknown.", suggest(str(level), list(ITEMS)))
    if items is not None and items < 2:
        raise ParameterError(f"items={items} is too few.", "Give 2 or more.")
    with listening(progress) as listener:
        return benchmarked(
            methods, tasks, network=network, items=items, level=level, seed=seed,
            progress=listener,
        )  # fmt: skip


def tasks() -> dict[str, str]:
    """Every task with a known answer by its name, with one line on what is planted."""
    return {name: TASKS.summary(name) for name in TASKS.files}
