"""One method on one batch: the targets, the guard around the network, and the explanation."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from ..errors import PellucidError
from .batching import out_of_memory
from .call import Call
from .embedded import embedded
from .explanation import Explanation
from .exposing import exposing
from .guard import undisturbed
from .inputs import Inputs
from .interleaving import interleaved
from .method import Method
from .model import Model
from .origin import Origin
from .progress import Progress
from .result import explanation_of, so_far
from .target import Space, Target


def explained(
    model: Model,
    inputs: Inputs,
    method: Method,
    targets: Sequence[Sequence[Target]],
    space: Space,
    seed: int = 0,
    progress: Progress | None = None,
    batch_size: int | None = None,
) -> Explanation:
    """The explanation of `targets` by sample; the model is left as it was."""
    card, listener = method.card, progress or Progress()
    if card.access != "black_box" and not (card.axes == "layer" and exposing(model)):
        _ = model.module
    takes = card.needs_target or card.takes_target
    grid = [list(row) for row in targets] if takes else [[] for _ in range(inputs.n)]
    split = not card.many_targets and len(grid[0]) > 1
    columns = [[[t] for t in column] for column in zip(*grid, strict=True)] if split else [grid]
    given = inputs
    if card.access == "gradients" and card.gives == "evidence":
        inputs = embedded(model, inputs)
    parts, resolved = [], []
    with undisturbed(model.net, seed), _enough_memory(inputs.n):
        for column in columns:
            call = Call(model, inputs, column, space, seed, listener, batch_size)
            call.progress = listener.finishing(partial(so_far, call, method))
            parts.append(explanation_of(call, method, method.attribute(call)))
            resolved.append(call.targets)
    found = parts[0] if len(parts) == 1 else interleaved(parts)
    rows = [[t for column in resolved for t in column[i]] for i in range(inputs.n)]
    return with_origin(found, Origin.of(model, given, method, rows, space, seed))


def with_origin(e: Explanation, origin: Origin) -> Explanation:
    """The explanation, and its parts, with what it was made of."""
    parts = {name: replace(part, origin=origin) for name, part in e.parts.items()}
    return replace(e, origin=origin, parts=parts)


@contextmanager
def _enough_memory(n: int) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, PellucidError) or not out_of_memory(error):
            raise
        raise PellucidError(
            f"Memory ran out with a batch of {n}.", "Explain fewer samples at once."
        ) from error
