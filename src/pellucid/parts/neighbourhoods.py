"""Neighbourhoods of a sample: what changed inputs are asked for, and how near they are."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from ..core.call import Call
from ..core.evaluation import Evaluation
from ..core.inputs import Inputs
from .coalitions import Features, Off, evaluate, first_of
from .columns import Binned, Bins, Drawer, Normal, Rows
from .designs import Design, everything
from .table_schema import Schema

Asked = Tensor
"""What the rows of one sample are made from: features kept, or values of columns."""


class Neighbourhood(ABC):
    """The interpretable rows around every sample, and the scores of what they stand for."""

    features: Features

    @abstractmethod
    def draw(self, sample: int, design: Design, start: int, stop: int) -> tuple[Tensor, Asked]:
        """Interpretable rows `(stop − start, M)` in double precision, and what to ask for."""

    @abstractmethod
    def origin(self, sample: int) -> Tensor:
        """The interpretable row `(M,)` of the sample itself."""

    @abstractmethod
    def nearness(self, sample: int, z: Tensor) -> Tensor:
        """The weight of every row in the fit; 1 for the sample itself."""

    @abstractmethod
    def ask(self, run: Evaluation, asked: Sequence[Asked]) -> list[Tensor]:
        """The scores `(rows, K)` of every sample's rows."""

    def all_of(self, sample: int) -> tuple[Tensor, Asked] | None:
        """All rows there are but the sample itself; None where they cannot be listed."""
        return None


class OnOff(Neighbourhood):
    """Features that are kept or take their off-value; rows are near by the cosine of the angle to
    the whole (Ribeiro et al. 2016, section 3.4, as in `lime`)."""

    def __init__(self, features: Features, off: Off, width: float) -> None:
        self.features, self.off, self.width = features, off, width

    def draw(self, sample: int, design: Design, start: int, stop: int) -> tuple[Tensor, Asked]:
        kept = design.rows(start, stop)
        return kept.double(), kept

    def origin(self, sample: int) -> Tensor:
        return torch.ones(self.features.counts[sample], dtype=torch.float64)

    def nearness(self, sample: int, z: Tensor) -> Tensor:
        return kernel(1 - (z.mean(1)).sqrt(), self.width)

    def ask(self, run: Evaluation, asked: Sequence[Asked]) -> list[Tensor]:
        most = self.features.most
        kept = [torch.nn.functional.pad(own, (0, most - own.shape[1])) for own in asked]
        return evaluate(run, self.features, kept, [self.off])

    def all_of(self, sample: int) -> tuple[Tensor, Asked] | None:
        kept = everything(self.features.counts[sample])
        return kept.double(), kept


class RawTable(Neighbourhood):
    """Rows of a table drawn column by column as the data has them; near by the distance of what the
    surrogate sees of them (as in `lime`)."""

    def __init__(
        self,
        call: Call,
        schema: Schema,
        data: Tensor,
        *,
        quartiles: bool,
        centre: Literal["mean", "instance"],
        width: float | None,
    ) -> None:
        (self.name, x), *_ = call.inputs.changeable.items()
        self.features = Features(
            {self.name: schema.labels.expand(len(x), -1)}, (len(schema.features),) * len(x)
        )
        self.schema, self.call = schema, call
        self.width = 0.75 * len(schema.features) ** 0.5 if width is None else width
        data = data.T.contiguous().T  # columns, which are looked at one by one
        bins = {i: Bins.of(data[:, i]) for i, kind in enumerate(schema.kinds)}
        rows = x.detach().double().cpu()
        self.drawers = [
            [
                _drawer(columns, schema, data, row, bins, quartiles, centre)
                for columns in schema.features
            ]
            for row in rows
        ]

    def draw(self, sample: int, design: Design, start: int, stop: int) -> tuple[Tensor, Asked]:
        levels = design.levels(start, stop)
        values = levels.new_zeros(len(levels), len(self.schema.kinds))
        z = torch.zeros_like(levels)
        for feature, drawer in enumerate(self.drawers[sample]):
            drawn, z[:, feature] = drawer.at(levels[:, feature].contiguous())
            values[:, list(self.schema.features[feature])] = drawn
        return z, values

    def origin(self, sample: int) -> Tensor:
        own = [drawer.own for drawer in self.drawers[sample]]
        return torch.tensor(own, dtype=torch.float64)

    def nearness(self, sample: int, z: Tensor) -> Tensor:
        return kernel((z - self.origin(sample)).square().sum(1).sqrt(), self.width)

    def ask(self, run: Evaluation, asked: Sequence[Asked]) -> list[Tensor]:
        lengths = [len(own) for own in asked]
        samples = torch.arange(len(asked)).repeat_interleave(torch.tensor(lengths))
        values = torch.cat(list(asked))
        scores = torch.zeros(len(values), len(self.call.targets[0]), dtype=torch.float64)
        x = self.call.inputs.changeable[self.name]

        def rows(part: slice) -> tuple[Inputs, Tensor]:
            batch = self.call.inputs.take(samples[part])
            return batch.replaced({self.name: values[part].to(x)}), samples[part]

        def take(part: slice, found: Tensor) -> None:
            scores[part] = found.double()
            run.incoming = first_of(scores, lengths, part.stop)

        run.run(len(values), rows, take)
        run.incoming = ()
        return list(torch.split(scores, lengths))


def kernel(distance: Tensor, width: float) -> Tensor:
    """√exp(−d² / width²), the kernel of `lime`."""
    return (-(distance.square()) / (2 * width**2)).exp()


def _drawer(
    columns: tuple[int, ...],
    schema: Schema,
    data: Tensor,
    row: Tensor,
    bins: dict[int, Bins],
    quartiles: bool,
    centre: Literal["mean", "instance"],
) -> Drawer:
    first = columns[0]
    kind, own = schema.kinds[first], data[:, first]
    if len(columns) > 1 or kind == "categorical":
        same = [_same(c, schema.kinds[c], data[:, c], row[c], bins[c]) for c in columns]
        return Rows.of(data[:, list(columns)], torch.stack(same).all(0))
    if quartiles:
        return Binned(bins[first], row[first], whole=kind == "ordinal")
    mean, spread = own.mean(), own.std(correction=0)
    middle = mean if centre == "mean" else row[first]
    return Normal(mean, spread, middle, row[first], whole=kind == "ordinal")


def _same(column: int, kind: str, data: Tensor, value: Tensor, bins: Bins) -> Tensor:
    if kind == "categorical":
        return data == value
    return bins.bin(data) == bins.bin(value)
