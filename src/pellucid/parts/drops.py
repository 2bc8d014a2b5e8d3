"""How much every window's absence takes from the scores; measured, kept and verified."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.batching import out_of_memory
from ..core.checks import Check, Verdict, check_each
from ..core.evaluation import clean
from ..errors import PredictorError
from .occluder import Block, Engine, Occluder, Shortcut, shortcut_of
from .windows import filled

VERIFIED = 4
"""Windows of a sample that are run through the whole network after the incremental way."""

TIMED = 32
"""Windows between two looks at the clock."""

ROUNDING = 8.0
"""Steps of single precision up to which a change of the score tells nothing."""

EXACT = 1e-4
"""How far the two ways may differ, relative to the map's maximum."""

Late = Callable[[], bool]


class Drops:
    """`values` `(N, K, layers, windows)` are clean score − score without the window, where `known`
    `(N, layers, windows)`; `classes` the most probable class then, −1 where there is none."""

    def __init__(self, occluder: Occluder, engine: Engine) -> None:
        call, layers, count = occluder.call, len(occluder.instead), occluder.windows.count
        self.occluder, self.clean = occluder, clean(call)
        self.values = torch.zeros(call.n, self.clean.shape[1], layers, count)
        self.known = torch.zeros(call.n, layers, count, dtype=torch.bool)
        self.classes = torch.full((call.n, layers, count), -1)
        self.way = shortcut_of(occluder, engine)
        outputs = call.clean_outputs
        self._classify = outputs is not None and outputs.ndim == 2 and outputs.shape[1] > 1

    def measure(self, block: Block, wanted: Tensor, layer: int, late: Late | None) -> None:
        """The windows of a block that are `wanted` (by number), of all samples, until it is
        `late`."""
        flat, n = self.occluder.windows.among(block), self.occluder.call.n
        flat = flat[torch.isin(flat, wanted)]
        if isinstance(self.way, Shortcut):
            try:
                self._shortly(self.way, block, wanted, layer, late)
                return
            except PredictorError as error:  # told again if the whole network fails too
                self.way = f"incremental inference failed ({type(error.__cause__).__name__})"
        for some in [flat] if late is None else torch.split(flat, TIMED):
            if late is not None and late():
                return
            self._whole(torch.arange(n).repeat_interleave(len(some)), some.repeat(n), layer)

    def _shortly(
        self, way: Shortcut, block: Block, wanted: Tensor, layer: int, late: Late | None
    ) -> None:
        for sample in range(self.occluder.call.n):
            for group, part in way.batches(sample, block, wanted):
                if late is not None and late():
                    return

                def ask(flat: Tensor, sample: int = sample, group: Any = group) -> Any:
                    return way.ask(sample, group, flat, layer)

                self._halving(torch.full_like(part, sample), part, layer, ask)
                self.occluder.run.count(len(part))

    def _halving(
        self, samples: Tensor, flat: Tensor, layer: int, ask: Callable[[Tensor], Any]
    ) -> None:
        """Keep what `ask(flat)` answers; in halves where memory runs out."""

        def seen() -> Any:
            raw = ask(flat)
            self._see(samples, flat, layer, raw)
            return raw

        try:
            scores = self.occluder.run.scores(samples, seen)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error) or len(flat) == 1:
                raise
            for rows in torch.split(torch.arange(len(flat)), -(-len(flat) // 2)):
                self._halving(samples[rows], flat[rows], layer, ask)
            return
        self._keep(samples, flat, layer, scores)

    def _whole(self, samples: Tensor, flat: Tensor, layer: int) -> None:
        """Run the whole network for these windows."""
        self.occluder.run.run(
            len(flat),
            lambda part: (self.occluder.batch(samples[part], flat[part], layer), samples[part]),
            lambda part, scores: self._keep(samples[part], flat[part], layer, scores),
            lambda part, raw: self._see(samples[part], flat[part], layer, raw),
        )

    def _see(self, samples: Tensor, flat: Tensor, layer: int, raw: Any) -> None:
        if self._classify:
            outputs = self.occluder.call.model.scores(raw, len(samples))
            self.classes[samples, layer, flat] = outputs.argmax(1).cpu()

    def _keep(self, samples: Tensor, flat: Tensor, layer: int, scores: Tensor) -> None:
        self.values[samples, :, layer, flat] = self.clean[samples] - scores
        self.known[samples, layer, flat] = True

    def maps(self) -> Tensor:
        """The values as `(N · K · layers, *windows)`, those not known interpolated."""
        n, targets, layers, _ = self.values.shape
        shape = self.occluder.windows.shape
        found = np.empty((n, targets, layers, *shape), np.float32)
        for i, v in np.ndindex(n, layers):
            own = self.values[i, :, v].numpy().reshape(targets, *shape)
            found[i, :, v] = filled(self.known[i, v].numpy().reshape(shape), own)
        return torch.from_numpy(found).flatten(0, 2)

    def verify(self) -> list[Check]:
        """Compare some windows with the whole network; where they differ, run it for all."""
        if not isinstance(self.way, Shortcut) or not self.known.any():
            return []
        samples, flat = self._some()
        layer = 0
        found = self.values[samples, :, layer, flat].clone()
        self._whole(samples, flat, layer)
        exact = self.values[samples, :, layer, flat]
        size = self.values.abs().amax((2, 3)).clamp_min(1e-12)[samples]
        rounding = 64 * torch.finfo(torch.float32).eps * self.clean.abs()[samples]
        gap = (found - exact).abs()
        relative = float((gap / size).max())
        if bool((gap <= EXACT * size + rounding).all()):
            text = (
                f"The largest difference between incremental and whole inference on {len(flat)} "
                "windows, relative to the map's maximum."
            )
            return [Check("incremental inference", relative, "ok", text)]
        self.way = f"incremental inference differed by {relative:.2g} of the maximum"
        known = self.known.clone()
        for v in range(known.shape[1]):
            where = known[:, v].nonzero()
            self._whole(where[:, 0], where[:, 1], v)
        text = "Incremental inference gave other values than the network, which was run whole."
        return [Check("incremental inference", relative, "ok", text)]

    def _some(self) -> tuple[Tensor, Tensor]:
        """A few windows of every sample."""
        generator = self.occluder.call.generator()
        pairs = []
        for sample in range(len(self.known)):
            known = self.known[sample, 0].nonzero().flatten()
            chosen = torch.randperm(len(known), generator=generator)[:VERIFIED]
            pairs += [(sample, int(window)) for window in known[chosen]]
        samples, flat = torch.tensor(pairs).unbind(1)
        return samples, flat


def rounding(found: Sequence[Drops]) -> list[Check]:
    """Says so where no window of any input changes the score by more than rounding does."""
    size = torch.stack([drops.values.abs().amax((2, 3)) for drops in found]).amax(0)
    least = ROUNDING * torch.finfo(torch.float32).eps * found[0].clean.abs()
    noise = ((size > 0) & (size <= least)).flatten().tolist()
    if not any(noise):
        return []
    text = (
        "No window changes the score by more than rounding does: the target does not change with "
        "what is explained."
    )
    verdicts: list[Verdict | None] = ["failed" if true else None for true in noise]
    return [check_each("rounding", size.flatten().tolist(), verdicts, text)]
