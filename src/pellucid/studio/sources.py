"""What work is about: the items, results and models that a request names, and where they lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from .datasets import Catalogue, Dataset, Item
from .plan import Plan
from .refusals import Missing
from .requests import LANES, Asked, CompareGroups, Export, Extremes, PredictAll, Project
from .store import Job, Store


@dataclass(frozen=True)
class Sources:
    """Finds what is named; says how a worker opens it, and whether it is still the same."""

    plan: Plan
    store: Store
    catalogue: Catalogue

    def check(self, asked: Asked) -> None:
        """Refuse what names something that is not there. Raises `Missing`."""
        for result in _results_of(asked.model_dump()):
            self._origin(result)
        if isinstance(asked, Export | CompareGroups):
            return
        if asked.model >= len(self.plan.models):
            raise Missing(
                f"There is no model {asked.model}.", f"There are {len(self.plan.models)}."
            )
        if isinstance(asked, PredictAll | Extremes | Project):
            if self.catalogue.dataset(asked.dataset) is None:
                raise Missing("There is no such data set.", "Choose one on the page Data.")
            return
        for item in _items_of(asked.model_dump()):
            self.item(item)

    def of(self, job: Job) -> dict[str, Any]:
        """How the worker opens everything that a job names."""
        asked = job.asked
        if job.kind in ("export", "compare_groups"):
            return {result: self._origin(result) for result in asked["results"]}
        if job.kind in LANES["data"]:
            dataset = self.catalogue.dataset(asked["dataset"])
            if dataset is None:
                raise Missing("This data set is gone.", "Start the studio with its folder.")
            return {item.id: dataset.source(item) for item in dataset.items}
        items = {item: self.item(item) for item in _items_of(asked)}
        origins = {result: self._origin(result) for result in _results_of(asked)}
        return {**{name: found[0].source(found[1]) for name, found in items.items()}, **origins}

    def _origin(self, result: str) -> dict[str, Any]:
        job = self.store.get(result.partition(".")[0])
        folder = self.result_folder(result)
        if job is None or folder is None:
            raise Missing("This result is gone.", "Compute it again.")
        found = self.catalogue.find(job.asked.get("item", ""))
        source = found[0].source(found[1]) if found else {}
        model = job.asked.get("model", 0)
        return {
            "folder": str(folder),
            "title": source.get("title", "an input"),
            "path": source.get("path"),
            "model": self.plan.models[model].spec if model < len(self.plan.models) else None,
        }

    def stamp(self, asked: Asked, session: str, described: Mapping[str, Any] | None) -> str:
        """Equal only where the same request gives the same result, also after a restart; of what
        cannot be compared it is as lasting as the session. `described` tells of the models."""
        dataset = self.catalogue.dataset(getattr(asked, "dataset", ""))
        if dataset is not None:
            return f"{session} {len(dataset.items)}"  # uploads may have come
        items = [self.item(item) for item in _items_of(asked.model_dump())]
        if not items or described is None:
            return session
        fingerprint = described["models"][asked.model]["fingerprint"]  # type: ignore[union-attr]
        if not fingerprint or any(item.kind == "live" for _, item in items):
            return session
        return " ".join([__version__, fingerprint, *(_stamp_of(*found) for found in items)])

    def item(self, item: str) -> tuple[Dataset, Item]:
        """The item with this id. Raises `Missing`."""
        found = self.catalogue.find(item)
        if found is None:
            raise Missing(
                "This item is not among the data of this studio.",
                "Name its folder when you start: pellucid studio FOLDER.",
            )
        return found

    def result_folder(self, result: str) -> Path | None:
        """Where a result lies; None where there is none."""
        job, _, number = result.partition(".")
        if not number.isdigit() or self.store.get(job) is None:
            return None
        return self.store.job_folder(job) / str(int(number))


def _results_of(asked: Mapping[str, Any]) -> list[str]:
    """The results of other jobs that a request names."""
    start = asked.get("start")
    return [*asked.get("results", ()), *([] if start is None else [start])]


def _items_of(asked: Mapping[str, Any]) -> list[str]:
    """The single items that a request names."""
    return [asked[name] for name in ("item", "guide") if asked.get(name) is not None]


def _stamp_of(dataset: Dataset, item: Item) -> str:
    """Equal as long as the item's file was not written anew."""
    try:
        status = dataset.root.joinpath(*item.parts).stat()
    except OSError:
        raise Missing(f"The file of {item.name} is gone.", "Choose another item.") from None
    return f"{status.st_mtime_ns} {status.st_size}"
