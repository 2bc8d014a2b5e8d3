"""The verb mc_dropout: how much a prediction and its map hang on single units."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ..core.batching import Batches
from ..core.call import Call
from ..core.checks import Check
from ..core.ending import ends_in_probabilities, sum_to_one
from ..core.explanation import Explanation
from ..core.guard import undisturbed
from ..core.inputs import Inputs
from ..core.model import Model, as_array, as_model
from ..core.progress import Event, Progress
from ..core.targets import Class
from ..core.thinning import Thins, out_of_reach, thinned
from ..core.uncertainty import Uncertainty
from ..errors import NotApplicable, ParameterError
from ..io.inputs import inputs_of
from .explain import explain
from .listening import listening


def mc_dropout(
    model: Any,
    x: Any,
    *,
    passes: int = 50,
    rate: float | None = None,
    thins: Thins = "dropout",
    method: Any = None,
    target: Any = None,
    seed: int = 0,
    progress: Progress | Callable[[Event], None] | bool = False,
    batch_size: int | None = None,
    **params: Any,
) -> Uncertainty:
    """Predict with dropout left on, `passes` times, and say how far the answers differ.

    Every pass is one thinned network. `thins` says what is left out: units where the network has
    dropouts (`rate` replaces their own), or with `"dropconnect"` weights of linear layers. Batch
    normalisation stays in eval mode. With a `method` (and its `params`), every pass is explained
    too, for `target`, or for the class with the highest mean probability.

    50 passes as in Ghoshal & Tucker 2020. **Source:** Gal & Ghahramani 2016, arXiv:1506.02142.
    """
    if not isinstance(passes, int) or passes < 1:
        raise ParameterError(f"passes={passes!r} is no number.", "Give an integer from 1.")
    wrapped = as_model(model)
    inputs = inputs_of(wrapped, x)
    net = wrapped.module
    with listening(progress) as listener:
        with undisturbed(net, seed):
            call = Call(wrapped, inputs, [[] for _ in range(inputs.n)], "probability", seed)
            batches = Batches(batch_size or call.batches().size, Progress())
            clean = _scores(wrapped, inputs, batches)
            probabilities, as_shares = _reading(wrapped, inputs, clean)
            found = []
            for index in listener.track(range(passes), "Monte-Carlo dropout"):
                with thinned(net, _seed(seed, index), rate, thins) as mode:
                    found.append(as_shares(_scores(wrapped, inputs, batches)))
            _need_dropout(mode.met, thins, rate)
        result = Uncertainty(
            passes=np.stack([as_array(scores) for scores in found]),
            probabilities=probabilities,
            settings={"passes": passes, "rate": rate, "thins": thins, "seed": seed},
            checks=_checks(wrapped),
            classes=wrapped.classes,
        )
        if method is None:
            return result
        if target is None and probabilities and clean.shape[1] > 1:
            target = [Class(int(index)) for index in result.predicted]

        def explained() -> Explanation:
            found = explain(wrapped, x, method, target, seed=seed, batch_size=batch_size, **params)
            assert isinstance(found, Explanation)
            return found

        whole, maps = explained(), []
        for index in listener.track(range(passes), "maps of the passes"):
            with thinned(net, _seed(seed, index), rate, thins):
                maps.append(explained())
    return replace(result, maps=_averaged(maps, whole))


def _seed(seed: int, index: int) -> int:
    return seed * 1_000_000 + index


def _scores(model: Model, inputs: Inputs, batches: Batches) -> torch.Tensor:
    rows: dict[int, torch.Tensor] = {}

    def work(part: slice) -> None:
        batch = inputs.take(torch.arange(part.start, part.stop))
        rows[part.start] = model.scores(model.run(batch), batch.n).float()

    batches.each(inputs.n, work, "pass")
    return torch.cat([rows[start] for start in sorted(rows)])


def _reading(
    model: Model, inputs: Inputs, clean: torch.Tensor
) -> tuple[bool, Callable[..., torch.Tensor]]:
    """Whether the scores tell classes apart, and how they become probabilities."""
    if clean.ndim != 2:
        raise NotApplicable(
            f"The model gives a dense output {tuple(clean.shape)}.",
            "Give a model with one row of scores per sample: pl.Model(net, output=…).",
        )
    shares = ends_in_probabilities(model, inputs) or sum_to_one(clean)
    if clean.shape[1] == 1:
        if model.classes is None or len(model.classes) != 2:
            return False, lambda scores: scores
        return True, lambda scores: _two_classes(scores if shares else scores.sigmoid())
    return True, (lambda scores: scores) if shares else (lambda scores: scores.softmax(1))


def _two_classes(positive: torch.Tensor) -> torch.Tensor:
    return torch.cat([1 - positive, positive], 1)


def _need_dropout(met: int, thins: Thins, rate: float | None) -> None:
    if met or rate == 0:
        return
    what = "dropout" if thins == "dropout" else "linear layer"
    raise NotApplicable(
        f"The network ran no {what} that leaves anything out, so every pass is the same.",
        "Say thins='dropconnect', rate=0.5 to leave out weights of linear layers instead."
        if thins == "dropout"
        else "Use a network with linear layers.",
    )


def _checks(model: Model) -> tuple[Check, ...]:
    names = out_of_reach(model.module)
    if not names:
        return ()
    text = f"Dropout inside {', '.join(names[:4])} stays off: it lies within a fused operation."
    return (Check("dropout out of reach", float(len(names)), "poor", text),)


def _averaged(maps: list[Explanation], whole: Explanation) -> Explanation:
    """The mean map with its standard error; as parts the map of the whole network, and the standard
    deviation between passes."""
    n = len(maps)
    first = replace(maps[0], coarse=None, parts={}, record={**maps[0].record, "passes": n})
    stack = np.stack([e.values for e in maps]).astype(np.float64)
    spread = (stack.std(0, ddof=1) if n > 1 else np.zeros_like(stack[0])).astype(np.float32)
    mean = replace(
        first,
        values=stack.mean(0).astype(np.float32),
        score=np.mean([e.score for e in maps], 0),
        std_error=spread / np.float32(n**0.5),
    )
    about = {**first.record, "part": "standard deviation"}
    parts = {
        "mean": mean,
        "standard deviation": replace(first, values=spread, record=about),
        "whole network": whole,
    }
    return replace(mean, parts=parts)
