"""A closer look at listed items: how they look, what is predicted, where a channel saw it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.checks import Check
from ..core.entry import with_axes
from ..core.gallery import Entry, Listing
from ..core.inputs import Inputs
from ..core.layers import structure_of
from ..core.model import Model, as_array
from ..core.receptive import Box, receptive_fields
from ..core.target import View
from ..core.targets import Predicted
from ..core.trace import Trace, Visit
from ..errors import PellucidError
from ..io.columns import SCORES, Block, Columns
from ..io.datasets import Dataset, Item
from ..io.datasets.item import Label
from ..io.datasets.labels import UNLABELLED
from ..io.inputs import read
from .features import column_name
from .ranking import ListKind
from .scalars import Scalars, UnitScalars, class_number
from .sweep import Sweep
from .truth import Truth

MOST_FEATURES = 6
"""Features of a row of a table that are shown."""


class Looking:
    """Looks at items by id, all of them in one small pass."""

    def __init__(
        self,
        model: Model | None,
        source: Dataset | None,
        columns: Columns | None,
        truth: Truth,
        scalars: Scalars,
        crop: bool,
        predict: bool,
    ) -> None:
        self.model, self.source, self.columns = model, source, columns
        self.truth, self.scalars, self.crop, self.predict = truth, scalars, crop, predict
        self.before: str | None = None
        """The layer whose output a rectifier was given, if the ranked layer is one."""
        self._items: dict[int, Item] = {}
        self._named: dict[int, tuple[str, Label]] = {}
        self._predicted: dict[int, int | None] = {}
        self._places: dict[int, NDArray[Any]] = {}
        self._shown: dict[int, Any] = {}
        self._boxes: dict[tuple[int, int], Box | None] = {}

    def at(self, ids: Sequence[int]) -> None:
        """Look at these items; with columns alone there are names, labels and predictions."""
        if self.columns is not None:
            self._from_columns(ids)
        if self.source is None or self.model is None:
            return
        self._items = self.source.take(ids)
        self._named |= {i: (item.name, item.label) for i, item in self._items.items()}
        self._pass(self.model, self.source.subset(ids), ids)
        self._read(self.model, self.source, ids)

    def entry(self, index: int, value: float, unit: int) -> Entry:
        """One item in the list of a scalar."""
        name, label = self._named[index]
        predicted = self._predicted.get(index)
        own = int(self.truth.of([label])[0])
        known = predicted is not None and own != UNLABELLED
        return Entry(
            id=index,
            name=name,
            value=value,
            label=self.truth.label(label),
            predicted=None if predicted is None else self.truth.name(predicted),
            correct=predicted == own if known else None,
            shown=self._shown.get(index),
            box=self._boxes.get((index, int(self.scalars.indices[unit]))),
        )

    def _from_columns(self, ids: Sequence[int]) -> None:
        assert self.columns is not None
        rows = {int(i): row for row, i in enumerate(self.columns.ids)}
        names, labels = self.columns.names, self.columns.labels
        self._named = {i: (names[rows[i]], labels[rows[i]]) for i in ids}
        if SCORES in self.columns:
            scores = self.columns[SCORES]
            chosen = np.stack([scores[rows[i]] for i in ids]) if ids else scores[:0]
            self._predict(ids, chosen, bool(self.columns.about["probabilities"]))

    def _pass(self, model: Model, listed: Dataset, ids: Sequence[int]) -> None:
        """Predictions, and the places where channels are greatest."""
        unit = self.scalars if isinstance(self.scalars, UnitScalars) else None
        layers = [] if unit is None else [unit.address]
        placed = unit is not None and self.crop and unit.pool == "max"
        for scores in [True] * self.predict + [False] * placed:
            sweep = Sweep(model, listed, layers, ["place"] if unit else [], scores)
            try:
                for block in sweep:
                    self._add(block, ids, sweep.normalised, unit)
                return
            except PellucidError:
                if unit is None:  # its scores were ranked, so they can be told
                    raise

    def _add(
        self,
        block: Block,
        ids: Sequence[int],
        normalised: bool | None,
        unit: UnitScalars | None,
    ) -> None:
        own = [ids[i] for i in block.ids]
        if SCORES in block.columns:
            self._predict(own, block.columns[SCORES], bool(normalised))
        if unit is not None and unit.address is not None:
            places = block.columns[column_name(unit.address, "place")]
            self._places |= dict(zip(own, places, strict=True))

    def _predict(self, ids: Sequence[int], scores: NDArray[Any], normalised: bool) -> None:
        if scores.ndim != 2:
            return
        tensor = torch.from_numpy(np.array(scores))
        view = View(tensor, tensor, "logit", torch.arange(len(tensor)), normalised)
        for row, index in enumerate(ids):
            target = Predicted().resolve(view, row, self.truth.classes)
            self._predicted[index] = class_number(target)

    def _read(self, model: Model, source: Dataset, ids: Sequence[int]) -> None:
        """How the items look to the network, and the receptive fields in them."""
        alike: dict[tuple[int, ...], tuple[Inputs, list[int]]] = {}
        for index in ids:
            inputs, shown = _seen(model, source, self._items[index])
            self._shown[index] = shown
            if inputs is not None and inputs.paths:
                key = tuple(inputs.explained[inputs.main].shape)
                alike.setdefault(key, (inputs, []))[1].append(index)
        if isinstance(self.scalars, UnitScalars) and self.scalars.address is not None:
            for inputs, own in alike.values():
                self._locate(model, inputs, own, self.scalars)

    def _locate(self, model: Model, inputs: Inputs, ids: list[int], unit: UnitScalars) -> None:
        trace = structure_of(model, inputs).trace
        visit = next(v for v in trace.visits if v.address == unit.address)
        self.before = _before(trace, visit)
        grid = () if visit.layout is None else visit.layout.grid
        if not self.crop or unit.pool == "mean" or not grid:
            return
        wanted = {(i, int(c)): self._place(i, int(c), unit, grid) for i in ids for c in unit.listed}
        places = list(dict.fromkeys(wanted.values()))
        boxes = dict(zip(places, receptive_fields(model, inputs, visit, places), strict=True))
        self._boxes |= {key: boxes[place] for key, place in wanted.items()}

    def _place(
        self, index: int, channel: int, unit: UnitScalars, grid: tuple[int, ...]
    ) -> tuple[int, ...]:
        if not isinstance(unit.pool, str):
            return unit.pool
        return tuple(int(i) for i in np.unravel_index(self._places[index][channel], grid))


def _seen(model: Model, source: Dataset, item: Item) -> tuple[Inputs | None, Any]:
    """An item as the network is given it, and as a reader sees it."""
    if source.kind == "text":
        return None, str(item.value)
    if source.kind == "table":
        row = item.value.iloc[0]
        return None, _features([(str(k), row[k]) for k in row.index])
    given, display = read(model, source.join([item]), model.net is None)
    inputs = with_axes(model, model.inputs(given))
    if isinstance(display, np.ndarray) and display.dtype == np.uint8:
        return inputs, display[0]
    if not inputs.paths:
        return inputs, None
    values = as_array(inputs.explained[inputs.main][0])
    if values.ndim == 1:
        return inputs, _features([(f"feature {i}", v) for i, v in enumerate(values)])
    axes = inputs.axes()
    if len(inputs.space_axes) == 1 and "channel" in axes:
        return inputs, values if axes.index("channel") == 1 else values.T
    return inputs, values.mean(0) if values.ndim == 3 else None


def _features(pairs: Sequence[tuple[str, Any]]) -> str:
    lines = [
        f"{name} = {value:.4g}" if isinstance(value, float | np.floating) else f"{name} = {value}"
        for name, value in pairs[:MOST_FEATURES]
    ]
    more = len(pairs) - MOST_FEATURES
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _before(trace: Trace, visit: Visit) -> str | None:
    """The last layer before a rectifier with an output of the same shape."""
    if not any(word in visit.kind.lower() or word in visit.name for word in ("relu", "relu()")):
        return None
    earlier = [
        v for v in trace.visits
        if v.order < visit.order and v.shape == visit.shape and v.same_as != visit.same_as
    ]  # fmt: skip
    return earlier[-1].address if earlier else None


def checks_of(
    listings: Sequence[Listing],
    lists: Mapping[tuple[int, ListKind], Sequence[tuple[int, float]]],
    truth: Truth,
    scalars: Scalars,
    facts: Mapping[str, Any],
    before: str | None,
) -> list[Check]:
    """What a reader of the lists has to know: ties, classes without items, items left out."""
    found = [Check("labels", None, "poor", f"{note}.") for note in truth.notes]
    ties = {"bottom": [], "top": []}  # type: dict[str, list[str]]
    for listing in listings:
        values = [entry.value for entry in listing.entries]
        if listing.kind in ties and len(values) > 1 and len(set(values)) == 1:
            ties[listing.kind].append(f"{listing.unit} ({values[0]:g})")
    for kind, units in ties.items():
        if units:
            hint = f" Rank the layer before the rectifier: layer={before!r}." if before else ""
            some = ", ".join(units[:4]) + (" …" if len(units) > 4 else "")
            text = f"All items listed share one value, so the items are the first of many: {some}."
            found.append(Check(f"ties in {kind}", float(len(units)), "poor", text + hint))
    for (unit, kind), pairs in lists.items():
        if kind == "strongest" and not pairs:
            text = f"No item is labelled {scalars.unit(unit)}."
            found.append(Check("class without items", None, "poor", text))
    skipped = facts["skipped"]
    if skipped:
        text = f"{len(skipped)} items were left out, the first: {skipped[0]['reason']}"
        found.append(Check("items left out", float(len(skipped)), "poor", text))
    return found
