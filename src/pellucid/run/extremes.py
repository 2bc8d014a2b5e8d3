"""The items of a data set that drive scores or units to their extremes, in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.gallery import Gallery, Listing
from ..core.model import Model
from ..core.progress import Progress
from ..core.record import model_fingerprint, versions
from ..core.target import Space, Target
from ..core.targets import Class
from ..errors import FileError, InputError
from ..io.columns import Block, Columns, is_columns, load_columns
from ..io.datasets import Dataset
from ..io.datasets.labels import UNLABELLED, Aliases
from ..io.writing import PathLike
from .collecting import about, keep
from .features import Pool
from .listed import Looking, checks_of
from .ranking import OF_A_CLASS, OF_A_SCALAR, ListKind, Ranking
from .scalars import MOST_CLASSES, Scalars, TargetScalars, UnitScalars
from .sweep import Sweep
from .truth import Truth

MOST_UNITS = 12
"""Channels that are listed where none is named: those that respond most strongly."""


@dataclass(frozen=True)
class Question:
    """What is ranked, and how many items a list holds."""

    targets: tuple[Target, ...] = ()
    space: Space = "logit"
    layer: Any = None
    channels: tuple[int, ...] | None = None
    pool: Pool = "max"
    top: int = 9
    crop: bool = True
    predict: bool = True
    aliases: Aliases | None = None


@dataclass(frozen=True)
class Course:
    """How the pass is run."""

    store: PathLike | None = None
    batch_size: int | None = None
    on_error: str = "skip"
    progress: Progress | None = None


def extremes(
    model: Model | None, data: Dataset | Columns, asked: Question, course: Course
) -> Gallery:
    """The lists of `asked` over the data set, or over columns that a pass has kept.

    For classes the three lists of items of the class and of others; for any other scalar its
    highest and lowest. Equal values are in the order of the items. **Memory:** one batch, and the
    lists.
    """
    columns = data if isinstance(data, Columns) else _kept(model, data, course)
    source = data if isinstance(data, Dataset) else None
    truth = _truth(model, source, columns, asked.aliases)
    scalars = _scalars(asked, truth, columns)
    found = Found(scalars, asked.top, truth)
    facts = _ranked(model, source, columns, asked, course, found)
    units = found.units()
    if isinstance(scalars, UnitScalars):
        scalars.listed = [int(scalars.indices[unit]) for unit in units]
    lists = {(u, kind): found.ranking.list_of(kind, u) for u in units for kind in found.kinds}
    looking = Looking(model, source, columns, truth, scalars, asked.crop, asked.predict)
    looking.at(list(dict.fromkeys(i for pairs in lists.values() for i, _ in pairs)))
    listings = tuple(
        Listing(
            scalars.unit(unit),
            kind,
            tuple(looking.entry(i, value, unit) for i, value in pairs),
            int(scalars.indices[unit]),
        )
        for (unit, kind), pairs in lists.items()
        if pairs
    )
    return Gallery(
        listings,
        data=str(facts["data"]),
        items=found.count,
        unit=scalars.measured,
        layer=scalars.address if isinstance(scalars, UnitScalars) else None,
        checks=tuple(checks_of(listings, lists, truth, scalars, facts, looking.before)),
        skipped=tuple((int(s["id"]), str(s["name"]), str(s["reason"])) for s in facts["skipped"]),
        record={"versions": dict(versions()), "model_fingerprint": facts["model_fingerprint"]},
        model=model,
        source=source,
    )


class Found:
    """The ranking so far; the first block tells how many scalars there are."""

    def __init__(self, scalars: Scalars, top: int, truth: Truth) -> None:
        self.scalars, self.top, self.truth = scalars, top, truth
        self.count = self.labelled = 0
        self._ranking: Ranking | None = None

    @property
    def ranking(self) -> Ranking:
        """The ranking; there is one as soon as there was an item."""
        assert self._ranking is not None
        return self._ranking

    @property
    def kinds(self) -> Sequence[ListKind]:
        """The lists that make sense."""
        return OF_A_CLASS if self.scalars.of_classes and self.labelled else OF_A_SCALAR

    def add(self, block: Block) -> None:
        """Rank the items of a block."""
        values = self.scalars.of(block)
        truth = self.truth.of(block.labels)
        if self._ranking is None:
            kinds = (*OF_A_CLASS, *OF_A_SCALAR) if self.scalars.of_classes else OF_A_SCALAR
            own = list(self.scalars.indices) if self.scalars.of_classes else None
            self._ranking = Ranking(values.shape[1], self.top, kinds, own)
        self._ranking.add(values, block.ids, truth)
        self.count += len(block)
        self.labelled += int((truth != UNLABELLED).sum())

    def units(self) -> list[int]:
        """The scalars to list: those asked for, or the channels that respond most strongly."""
        count = self.ranking.units
        chosen = isinstance(self.scalars, UnitScalars) and self.scalars.channels is None
        if not chosen or count <= MOST_UNITS:
            return list(range(count))
        strongest = self.ranking.held["top"].values[:, 0].numpy()
        return sorted(int(i) for i in np.argsort(-strongest, kind="stable")[:MOST_UNITS])


def _truth(
    model: Model | None,
    source: Dataset | None,
    columns: Columns | None,
    aliases: Aliases | None,
) -> Truth:
    classes = None if model is None else model.classes
    if columns is not None:
        names = columns.about["classes"]
        classes = classes if names is None else tuple(names)
        return Truth(set(columns.labels), classes, aliases)
    assert source is not None
    return Truth(source.counts(), classes, aliases)


def _scalars(asked: Question, truth: Truth, columns: Columns | None) -> Scalars:
    if asked.layer is not None:
        address = str(asked.layer) if columns is not None else None
        return UnitScalars(asked.pool, asked.channels, address)
    targets = list(asked.targets)
    if not targets and truth.present:
        if len(truth.present) > MOST_CLASSES:
            raise InputError(
                f"The items are of {len(truth.present)} classes.", "Say which: target=[…]."
            )
        targets = [Class(index) for index in truth.present]
    normalised = None if columns is None else bool(columns.about["probabilities"])
    return TargetScalars(targets, asked.space, truth.classes, normalised)


def _kept(model: Model | None, data: Dataset, course: Course) -> Columns | None:
    """The columns that an earlier question left in the store."""
    if model is None:
        raise InputError("There is no model.", "Give one, or the columns of an earlier pass.")
    if course.store is None or not is_columns(Path(course.store)):
        return None
    columns = load_columns(course.store)
    same = columns.about["model_fingerprint"] == model_fingerprint(model)
    if not same or columns.about["data"] != data.name:
        raise FileError(
            f"{course.store} keeps the columns of another {'data set' if same else 'model'}.",
            "Give a new folder.",
        )
    return columns


def _ranked(
    model: Model | None,
    source: Dataset | None,
    columns: Columns | None,
    asked: Question,
    course: Course,
    found: Found,
) -> dict[str, Any]:
    """Show `found` every item, from the columns or in a pass; what is known of the whole."""
    if columns is not None:
        for block in columns.blocks():
            found.add(block)
        return dict(columns.about)
    assert model is not None
    assert source is not None
    layers = [] if asked.layer is None else [asked.layer]
    pools: list[Pool] = [asked.pool]
    if course.store is not None:
        pools = list(dict.fromkeys([asked.pool, "mean", "max", "place"]))
    sweep = Sweep(
        *(model, source, layers, pools, not layers),
        *(course.batch_size, course.progress, course.on_error),
    )

    def add(block: Block) -> None:
        found.scalars.normalised = sweep.normalised
        found.add(block)

    if course.store is not None:
        return dict(keep(sweep, course.store, add).about)
    for block in sweep:
        add(block)
    return about(sweep)
