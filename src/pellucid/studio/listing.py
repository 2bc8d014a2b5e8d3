"""Items as the page lists them: filtered, ordered, a page at a time."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .answers import Confusion, DatasetInfo, ItemInfo, ItemPage, Prediction
from .datasets import Dataset, Item

Order = Literal["given", "random", "unsure", "wrong"]


@dataclass(frozen=True)
class Predictions:
    """The best classes of every item of a data set."""

    indices: NDArray[np.int32]
    shares: NDArray[np.float32]
    classes: list[str] | None
    numbers: dict[str, int] = field(init=False)
    """Class numbers by plain name."""

    def __post_init__(self) -> None:
        names = {_bare(name): k for k, name in enumerate(self.classes or ())}
        object.__setattr__(self, "numbers", names)

    def right(self, label: str, index: int) -> bool | None:
        """Whether the class is the label's; None where the label is no class of the model."""
        number = int(label) if label.isdigit() else self.numbers.get(_bare(label))
        return None if number is None else number == index

    def name(self, index: int) -> str:
        """The name of a class."""
        known = self.classes is not None and 0 <= index < len(self.classes)
        return self.classes[index] if known and self.classes else f"class {index}"


@dataclass(frozen=True)
class Listing:
    """A data set with what a model predicted for its items; filters and orders use it."""

    dataset: Dataset
    predictions: Predictions | None = None

    def page(
        self,
        offset: int,
        limit: int,
        search: str = "",
        label: str | None = None,
        predicted: int | None = None,
        order: Order = "given",
        seed: int = 0,
    ) -> ItemPage:
        """Some of the items that pass every filter."""
        places = self._places(search.strip().lower(), label, predicted)
        places = self._ordered(places, order, seed)
        shown = places[offset : offset + limit]
        return ItemPage(
            total=len(places),
            offset=offset,
            items=[self.info(self.dataset.items[place], place) for place in shown],
        )

    def info(self, item: Item, place: int | None = None) -> ItemInfo:
        """One item, with what was predicted for it."""
        at = self.dataset.places[item.id] if place is None else place
        return ItemInfo(
            id=item.id,
            dataset=self.dataset.id,
            place=at,
            name=item.name,
            kind=item.kind,
            label=item.label,
            prediction=self._prediction(item, at),
        )

    def confusion(self) -> Confusion | None:
        """Labels against predictions; None before the data set was predicted."""
        dataset, found = self.dataset, self.predictions
        if found is None:
            return None
        labels, best = dataset.labels, found.indices[:, 0]
        columns = [int(i) for i in np.unique(best[best >= 0])]
        row_of, column_of = (
            {n: k for k, n in enumerate(labels)},
            {i: k for k, i in enumerate(columns)},
        )
        counts: dict[tuple[int, int], int] = {}
        right = known = 0
        for place, item in enumerate(dataset.items):
            if item.label is None or best[place] < 0:
                continue
            cell = row_of[item.label], column_of[int(best[place])]
            counts[cell] = counts.get(cell, 0) + 1
            verdict = found.right(item.label, int(best[place]))
            known += verdict is not None
            right += verdict is True
        shares = found.shares[:, 0]
        usable = shares[np.isfinite(shares)]
        return Confusion(
            labels=labels,
            predicted=[found.name(i) for i in columns],
            counts=[(row, column, count) for (row, column), count in sorted(counts.items())],
            right=right,
            known=known,
            shares=np.histogram(np.clip(usable, 0, 1), 20, (0, 1))[0].tolist(),
        )

    def _places(self, search: str, label: str | None, predicted: int | None) -> list[int]:
        dataset, found = self.dataset, self.predictions
        if not search and label is None and predicted is None:
            return list(range(len(dataset.items)))
        return [
            place
            for place, item in enumerate(dataset.items)
            if (not search or search in item.name.lower())
            and (label is None or item.label == label)
            and (predicted is None or (found and int(found.indices[place, 0]) == predicted))
        ]

    def _ordered(self, places: list[int], order: Order, seed: int) -> list[int]:
        dataset, found = self.dataset, self.predictions
        if order == "random":
            random.Random(seed).shuffle(places)
        elif order == "unsure" and found is not None:
            places.sort(key=lambda place: float(np.nan_to_num(found.shares[place, 0], nan=2.0)))
        elif order == "wrong" and found is not None:
            wrong = [
                place
                for place in places
                if (label := dataset.items[place].label) is not None
                and found.right(label, int(found.indices[place, 0])) is False
            ]
            places = sorted(wrong, key=lambda place: -float(found.shares[place, 0]))
        return places

    def _prediction(self, item: Item, place: int) -> Prediction | None:
        found = self.predictions
        if found is None or found.indices[place, 0] < 0:
            return None
        index = int(found.indices[place, 0])
        right = None if item.label is None else found.right(item.label, index)
        return Prediction(
            name=found.name(index), index=index, share=float(found.shares[place, 0]), right=right
        )


def read_predictions(folder: Path, dataset: Dataset, classes: list[str] | None) -> Predictions:
    """What `predict_all` wrote, in the order of the items as they are now."""
    view = json.loads((folder / "view.json").read_text(encoding="utf-8"))
    raw = {
        name: np.frombuffer(
            (folder / entry["file"]).read_bytes(), "<i4" if entry["type"] == "int32" else "<f4"
        ).reshape(entry["shape"])
        for name, entry in view["arrays"].items()
    }
    best = raw["indices"].shape[1]
    indices = np.full((len(dataset.items), best), -1, np.int32)
    shares = np.full((len(dataset.items), best), np.nan, np.float32)
    for row, item in enumerate(view["items"]):
        place = dataset.places.get(item)
        if place is not None:
            indices[place], shares[place] = raw["indices"][row], raw["shares"][row]
    return Predictions(indices, shares, classes)


def info_of(dataset: Dataset) -> DatasetInfo:
    """A data set without its items."""
    return DatasetInfo(
        id=dataset.id,
        name=dataset.name,
        count=len(dataset.items),
        kinds=sorted({item.kind for item in dataset.items}),
        labels=dataset.labels,
        skipped=dataset.skipped,
    )


def _bare(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").lower().split())
