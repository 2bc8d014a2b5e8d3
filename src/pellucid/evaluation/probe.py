"""Asks the model about changed inputs, all rows and steps in the same batches, and remembers what
it said, so that metrics and methods share forward passes."""

from collections.abc import Callable, Hashable, Mapping, Sequence

import torch
from torch import Tensor

from ..core.axes import CHANNEL, FEATURE, TOKEN
from ..core.call import Call
from ..core.evaluation import Evaluation, clean
from ..core.inputs import Inputs
from ..core.model import Model
from ..core.progress import Progress
from ..core.target import Space, Target
from ..errors import NotApplicable
from ..ops.imputation import linear_imputation
from ..parts.coalitions import Features, Off

Change = Callable[[Inputs, Tensor, Tensor], Mapping[str, Tensor]]
"""`change(batch, draws, samples)` gives new values for the inputs of a batch whose row r is draw
`draws[r]` of sample `samples[r]`."""


class Probe:
    """Scores of one target for every row of `inputs`. `forwards` counts what was asked."""

    def __init__(
        self,
        model: Model,
        inputs: Inputs,
        targets: Sequence[Target],
        space: Space,
        seed: int = 0,
        progress: Progress | None = None,
        batch_size: int | None = None,
    ) -> None:
        self.inputs, self.seed = inputs, seed
        grid = [[target] for target in targets]
        self.call = Call(model, inputs, grid, space, seed, progress, batch_size)
        self._known: dict[Hashable, Tensor] = {}

    @property
    def forwards(self) -> int:
        """Forward passes of one row so far."""
        return self.call.cost.forwards

    def clean(self) -> Tensor:
        """The score of every unchanged row, `(N,)`."""
        return clean(self.call)[:, 0]

    def remembered(self, key: Hashable, ask: Callable[[], Tensor]) -> Tensor:
        """The answer to a question that was asked before, or now."""
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]

    def removed(
        self, features: Features, ranks: Tensor, counts: Sequence[int], off: Sequence[Off]
    ) -> Tensor:
        """The scores `(N, len(counts))` when the first `counts[j]` features in the order of `ranks`
        `(N, most)` are replaced, the mean over the backgrounds in `off`. Nothing and everything are
        asked once for all orders."""
        most = torch.tensor(features.counts)
        found = torch.empty(self.inputs.n, len(counts))
        inner = []
        for j, count in enumerate(counts):
            if count == 0:
                found[:, j] = self.clean()
            elif bool((count >= most).all()):
                found[:, j] = self.nothing(features, off)
            else:
                inner.append(j)
        if inner:
            wanted = torch.tensor([counts[j] for j in inner], dtype=torch.int32)
            found[:, inner] = self._ordered(features, ranks, wanted, off)
        return found

    def nothing(self, features: Features, off: Sequence[Off]) -> Tensor:
        """The score `(N,)` with every feature replaced."""
        key = ("nothing", identity(off))
        every = torch.zeros(self.inputs.n, features.most, dtype=torch.long)
        one = torch.tensor([1], dtype=torch.int32)
        return self.remembered(key, lambda: self._ordered(features, every, one, off)[:, 0])

    def _ordered(
        self, features: Features, ranks: Tensor, counts: Tensor, off: Sequence[Off]
    ) -> Tensor:
        x = self.inputs.changeable
        places = {name: _painted(features, name, ranks).to(x[name].device) for name in x}
        steps, layers = len(counts), len(off)

        def change(batch: Inputs, draws: Tensor, samples: Tensor) -> Mapping[str, Tensor]:
            changed = {}
            step, layer = draws // layers, draws % layers
            for name, tensor in batch.changeable.items():
                at = samples.to(tensor.device)
                limit = counts[step].to(tensor.device).view(-1, *(1,) * (tensor.ndim - 1))
                instead = _of_rows([one[name] for one in off], layer, samples).to(tensor)
                changed[name] = torch.where(places[name][at] < limit, instead, tensor)
            return changed

        found = self._ask(steps * layers, change, "perturbed inputs")
        return found.view(self.inputs.n, steps, layers).mean(2)

    def imputed(
        self, features: Features, ranks: Tensor, counts: Sequence[int], noise: float
    ) -> Tensor:
        """The scores `(N, len(counts))` when the first `counts[j]` places are imputed from their
        neighbours, with Gaussian noise of `noise` times the input's standard deviation."""
        name, x = next(iter(self.inputs.changeable.items()))
        axes = self.inputs.axes(name)
        if {FEATURE, TOKEN} & set(axes) or len(self.inputs.changeable) > 1:
            raise NotApplicable(
                "Columns and tokens have no neighbours to be imputed from.", "Use deletion."
            )
        places = _painted(features, name, ranks).to(x.device)
        wanted = torch.tensor(list(counts), dtype=torch.int32)
        generator = torch.Generator().manual_seed(self.seed)
        grain = torch.randn((len(wanted), *x.shape[1:]), generator=generator).to(x)
        channel = axes.index(CHANNEL) if CHANNEL in axes else None

        def change(batch: Inputs, draws: Tensor, samples: Tensor) -> Mapping[str, Tensor]:
            tensor = batch.changeable[name]
            limit = wanted[draws].to(x.device).view(-1, *(1,) * (x.ndim - 1))
            gone = (places[samples.to(x.device)] < limit).expand(tensor.shape)
            front = tensor.movedim(channel, 1) if channel is not None else tensor[:, None]
            hole = gone.movedim(channel, 1)[:, 0] if channel is not None else gone
            filled = linear_imputation(front, hole)
            filled = filled.movedim(1, channel) if channel is not None else filled[:, 0]
            spread = tensor.flatten(1).std(1).view(-1, *(1,) * (x.ndim - 1))
            grained = filled + noise * spread * grain[draws.to(x.device)]
            return {name: torch.where(gone, grained, tensor)}

        return self._ask(len(wanted), change, "imputed inputs")

    def kept(self, features: Features, kept: Tensor, off: Sequence[Off]) -> Tensor:
        """The scores `(N, draws)` of coalitions `kept` `(draws, most)` that all rows share, the
        mean over the backgrounds."""
        layers = len(off)

        def change(batch: Inputs, draws: Tensor, samples: Tensor) -> Mapping[str, Tensor]:
            draw, layer = draws // layers, draws % layers
            absent = {
                name: _of_rows([one[name] for one in off], layer, samples)
                for name in batch.changeable
            }
            return features.batch(self.inputs, samples, kept[draw], absent).changeable

        found = self._ask(len(kept) * layers, change, "coalitions")
        return found.view(self.inputs.n, len(kept), layers).mean(2)

    def moved(self, steps: Mapping[str, Tensor], scale: Mapping[str, Tensor]) -> Tensor:
        """The scores `(N, draws)` at x − scale · step, with steps `(draws, *shape)` that all rows
        share and a scale `(N,)` for each row."""
        count = len(next(iter(steps.values())))

        def change(batch: Inputs, draws: Tensor, samples: Tensor) -> Mapping[str, Tensor]:
            moved = {}
            for name, step in steps.items():
                x = batch.changeable[name]
                size = scale[name][samples].view(-1, *(1,) * (x.ndim - 1))
                moved[name] = x - size.to(x) * step[draws].to(x)
            return moved

        return self._ask(count, change, "moved inputs")

    def _ask(self, count: int, change: Change, task: str) -> Tensor:
        n = self.inputs.n
        found = torch.empty(n * count)

        def rows(part: slice) -> tuple[Inputs, Tensor]:
            index = torch.arange(part.start, part.stop)
            samples, draws = index // count, index % count
            batch = self.inputs.take(samples)
            return batch.replaced(change(batch, draws, samples)), samples

        def take(part: slice, scores: Tensor) -> None:
            found[part] = scores[:, 0]

        Evaluation(self.call, n * count, task).run(n * count, rows, take)
        return found.view(n, count)


def _painted(features: Features, name: str, ranks: Tensor) -> Tensor:
    """The rank of every place's feature; beyond all ranks where it is never taken away."""
    labels = features.labels[name]
    never = torch.full((len(ranks), 1), features.most + 1, dtype=ranks.dtype)
    index = torch.where(labels < 0, features.most, labels).cpu()
    return torch.cat([ranks.cpu(), never], 1).int().gather(1, index.flatten(1)).view(labels.shape)


def _of_rows(layers: Sequence[Tensor], layer: Tensor, samples: Tensor) -> Tensor:
    """Row r of background `layer[r]`, which has one row for all samples or one for each."""
    if len(layers) == 1:
        only = layers[0]
        return only[samples.to(only.device)] if len(only) > 1 else only
    rows = [
        layers[int(b)][int(s) if len(layers[int(b)]) > 1 else 0]
        for b, s in zip(layer, samples, strict=True)
    ]
    return torch.stack(rows)


def identity(off: Sequence[Off]) -> Hashable:
    """Tells backgrounds apart."""
    return tuple(
        (name, float(t.double().sum()), float(t.double().square().sum()))
        for one in off
        for name, t in one.items()
    )
