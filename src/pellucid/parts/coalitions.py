"""Features that are kept or taken away as a whole: superpixels, columns, words, slices of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ..core.evaluation import Evaluation
from ..core.inputs import Inputs

Off = Mapping[str, Tensor]
"""What takes the place of features that are taken away: a tensor like every input, by name."""


@dataclass(frozen=True)
class Features:
    """A partition of every sample's inputs.

    `labels` has for every input by name a tensor of whole numbers that broadcasts to the input
    (channel axes of size 1 where all channels go together): feature j of a sample lies where its
    label is j; −1 is never taken away. Features are counted through all inputs of a sample.
    """

    labels: Mapping[str, Tensor]
    counts: tuple[int, ...]
    """How many features every sample has."""

    @cached_property
    def most(self) -> int:
        """The greatest number of features."""
        return max(self.counts)

    def batch(self, inputs: Inputs, samples: Tensor, kept: Tensor, off: Off) -> Inputs:
        """Row r is sample `samples[r]` with the features that `kept[r]` (bool, `(rows, most)`) does
        not have replaced by `off[name][r]`."""
        batch = inputs.take(samples)
        changed = {}
        for name, x in batch.changeable.items():
            if name not in self.labels:
                continue
            labels = self.labels[name].to(x.device)[samples.to(x.device)]
            always = torch.ones(len(kept), 1, dtype=torch.bool, device=x.device)
            present = torch.cat([kept.to(x.device), always], 1)  # the label −1 is the last column
            index = torch.where(labels < 0, self.most, labels).flatten(1)
            mask = present.gather(1, index).view(labels.shape)
            changed[name] = torch.where(mask, x, off[name].to(x))
        return batch.replaced(changed)

    def paint(self, weights: Tensor) -> dict[str, Tensor]:
        """Weights `(N, K, most)` of features as maps `(N · K, *places)` by input, zero where no
        feature lies."""
        n, targets, _ = weights.shape
        whole = torch.cat([weights, weights.new_zeros(n, targets, 1)], 2)
        maps = {}
        for name, labels in self.labels.items():
            index = torch.where(labels < 0, self.most, labels).cpu()
            flat = index.flatten(1)[:, None].expand(n, targets, -1)
            maps[name] = whole.gather(2, flat).view(n * targets, *labels.shape[1:])
        return maps


def evaluate(
    run: Evaluation, features: Features, kept: Sequence[Tensor], off: Sequence[Off]
) -> list[Tensor]:
    """The scores `(coalitions, K)` of every sample's coalitions `(coalitions, most)`, the mean over
    the backgrounds in `off` (whose tensors have one row for all samples or one for each); all
    samples in the same batches."""
    call, count = run.call, len(off)
    lengths = [len(own) for own in kept]
    sample_of = torch.arange(call.n).repeat_interleave(torch.tensor(lengths))
    present = torch.cat(list(kept))
    sums = torch.zeros(len(present), len(call.targets[0]), dtype=torch.float64)
    stacked = {name: torch.stack([one[name] for one in off]) for name in features.labels}

    def rows(part: slice) -> tuple[Inputs, Tensor]:
        index = torch.arange(part.start, part.stop)
        coalition, background = index // count, index % count
        samples = sample_of[coalition]
        absent = {}
        for name, tensor in stacked.items():
            row = samples if tensor.shape[1] > 1 else torch.zeros_like(samples)
            absent[name] = tensor[background.to(tensor.device), row.to(tensor.device)]
        return features.batch(call.inputs, samples, present[coalition], absent), samples

    def take(part: slice, scores: Tensor) -> None:
        index = torch.arange(part.start, part.stop)
        sums.index_add_(0, index // count, scores.double() / count)
        run.incoming = first_of(sums, lengths, part.stop // count)

    run.run(len(present) * count, rows, take)
    run.incoming = ()
    return list(torch.split(sums, lengths))


def first_of(scores: Tensor, lengths: Sequence[int], done: int) -> list[Tensor]:
    """Of every sample's `lengths` rows of scores those that are among the first `done`."""
    found, start = [], 0
    for length in lengths:
        found.append(scores[start : max(start, min(start + length, done))])
        start += length
    return found
