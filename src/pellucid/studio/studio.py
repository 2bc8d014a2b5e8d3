"""One running studio: its data, its jobs, its results."""

import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from .. import __version__
from .answers import Cell, Cells, JobInfo, Problem, SessionInfo
from .cells import CellIndex
from .credentials import Credentials
from .datasets import Catalogue, Dataset, Item, uploads
from .events import Hub
from .listing import Listing, info_of, read_predictions
from .nursery import Nursery
from .plan import Plan
from .refusals import Busy, Missing, NotEnded
from .requests import (
    LANES,
    Asked,
    CompareGroups,
    Explain,
    Export,
    Extremes,
    PredictAll,
    Project,
)
from .scheduler import Scheduler, public
from .store import Job, Store
from .thumbnails import Thumbnails
from .titles import title

MOST_WAITING = 500
"""Jobs in the queue beyond which no more are taken."""


@dataclass
class Studio:
    """Everything behind the routes."""

    plan: Plan
    store: Store
    catalogue: Catalogue
    nursery: Nursery
    credentials: Credentials
    port: int
    picture: Callable[[int], bytes | None] | None = None
    """Small pictures of a Python session's own data."""
    session: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self.hub = Hub(int(self.store.fact("event") or 0) + 1)
        self.scheduler = Scheduler(self.plan, self.nursery, self.store, self.hub, self.sources)
        self.thumbnails = Thumbnails(self.store.folder)
        self.listing = Listing()
        self._predicted: dict[str, str] = {}
        self._cells = CellIndex(self.store)

    def start(self) -> None:
        """Take up what an earlier studio left, and warm the first process."""
        self.store.recover()
        # Numbers of events go on beyond any that the last studio may have told.
        self.store.fact("event", str(int(time.time() * 1000)))
        self.hub = Hub(int(self.store.fact("event") or 0))
        self.scheduler = Scheduler(self.plan, self.nursery, self.store, self.hub, self.sources)
        self._cells.remember()
        self.scheduler.start()

    def close(self) -> None:
        """End every process and stream."""
        self.hub.close()
        self.scheduler.close()
        self.nursery.close()
        self.thumbnails.close()
        self.store.close()

    def info(self) -> SessionInfo:
        """What a page has to know first."""
        described = self.scheduler.description or {"models": [], "methods": []}
        sets, broken = self.catalogue.datasets, self.scheduler.broken
        first = next((dataset.items[0].id for dataset in sets if dataset.items), None)
        return SessionInfo(
            version=__version__,
            ready=self.scheduler.description is not None,
            problem=None if broken is None else Problem(**broken),
            models=described["models"],
            methods=described["methods"],
            datasets=[info_of(dataset) for dataset in sets],
            first=first,
            event=self.hub.last,
        )

    def item(self, item: str) -> tuple[Dataset, Item]:
        """The item with this id. Raises `Missing`."""
        found = self.catalogue.find(item)
        if found is None:
            raise Missing(
                "This item is not among the data of this studio.",
                "Name its folder when you start: pellucid studio FOLDER.",
            )
        return found

    def predicted(self, dataset: Dataset) -> None:
        """Let the listing know the newest predictions of a data set, if there are any."""
        for job in self.store.jobs():
            wanted = job.kind == "predict_all" and job.asked["dataset"] == dataset.id
            if not wanted or "0" not in job.results:
                continue
            if self._predicted.get(dataset.id) != job.id:
                folder = self.store.job_folder(job.id) / "0"
                classes = self._classes(job.asked["model"])
                self.listing.predictions[dataset.id] = read_predictions(folder, dataset, classes)
                self._predicted[dataset.id] = job.id
            return

    def _classes(self, model: int) -> list[str] | None:
        """Of a model; a job in a folder that is used again may name one that is not there."""
        described = self.scheduler.description
        known = described is not None and model < len(described["models"])
        return described["models"][model]["classes"] if described and known else None

    def add_uploads(self) -> Dataset:
        """The uploads as they now are."""
        found = uploads(self.catalogue.key, self.store.folder / "uploads")
        self.catalogue.add(found)
        return found

    def submit(self, asked: Asked) -> Job:
        """A new job. Raises `Missing` for what is not there, `Busy` where too many wait."""
        self._check(asked)
        if len(self.store.unfinished()) >= MOST_WAITING:
            cause = f"{MOST_WAITING} jobs are waiting."
            raise Busy(cause, "Cancel some on the page Jobs, or wait.")
        return self.scheduler.submit(
            Job(
                id=secrets.token_hex(8),
                kind=asked.kind,
                title=title(asked, self.catalogue),
                asked=asked.model_dump(mode="json"),
                state="queued",
                created=time.time(),
                stamp=self._stamp(asked),
            )
        )

    def again(self, asked: Asked) -> Job | None:
        """The job that did or does the same, with the same model on the same file."""
        same, stamp = asked.model_dump(mode="json"), self._stamp(asked)
        return next(
            (
                job
                for job in self.store.jobs()
                if job.stamp == stamp
                and job.asked == same
                and job.state in ("queued", "running", "done")
            ),
            None,
        )

    def repeat(self, job_id: str) -> Job | None:
        """The same work once more, as a new job."""
        job = self.store.get(job_id)
        if job is None:
            return None
        return self.submit(TypeAdapter[Any](Asked).validate_python(job.asked))

    def forget(self, job_id: str) -> Job | None:
        """Take an ended job and its results away. Raises `NotEnded` for one that runs."""
        job = self.store.get(job_id)
        if job is None:
            return None
        if not job.has_ended:
            raise NotEnded("This job has not ended.", "Cancel it first.")
        self.store.forget(job_id)
        shutil.rmtree(self.store.job_folder(job_id), ignore_errors=True)
        self._cells.forget(job_id)
        self.hub.tell("gone", {"job": job_id})
        return job

    def thumbnail(self, dataset: Dataset, item: Item) -> bytes | None:
        """A small picture of an item as WebP; None where it is no picture."""
        if item.kind == "live":
            return None if self.picture is None or item.row is None else self.picture(item.row)
        return self.thumbnails.get(item.id, dataset.source(item))

    def explain(self, asked: Explain) -> Cells:
        """A cell for every method and target; what is known or under way is not done again."""
        self._check(asked)
        places = [(m, t) for m in range(len(asked.methods)) for t in range(len(asked.targets))]
        stamp = self._stamp(asked)
        known = {place: self._cells.known(stamp, asked, *place) for place in places}
        for targets, methods in _missing(known).items():
            part = {
                "methods": [asked.methods[m] for m in methods],
                "targets": [asked.targets[t] for t in targets],
            }
            job = self.submit(asked.model_copy(update=part))
            for number, (m, t) in enumerate((m, t) for m in methods for t in targets):
                self._cells.note(stamp, asked, m, t, (job.id, str(number)))
                known[m, t] = (job.id, str(number))
        cells = [
            Cell(method=m, target=t, result=f"{found[0]}.{found[1]}", job=found[0])
            for (m, t), found in known.items()
            if found is not None
        ]
        jobs = (self.store.get(name) for name in dict.fromkeys(cell.job for cell in cells))
        return Cells(cells=cells, jobs=[JobInfo(**public(job)) for job in jobs if job])

    def result_folder(self, result: str) -> Path | None:
        """Where a result lies; None where there is none."""
        job, _, number = result.partition(".")
        if not number.isdigit() or self.store.get(job) is None:
            return None
        return self.store.job_folder(job) / str(int(number))

    def sources(self, job: Job) -> dict[str, Any]:
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

    def _stamp(self, asked: Asked) -> str:
        """Equal only where the same request gives the same result, also after a restart."""
        described = self.scheduler.description
        items = [self.item(item) for item in _items_of(asked.model_dump())]
        if not items or described is None:
            return self.session
        fingerprint = described["models"][asked.model]["fingerprint"]  # type: ignore[union-attr]
        if not fingerprint or any(item.kind == "live" for _, item in items):
            return self.session
        return " ".join([__version__, fingerprint, *(_stamp_of(*found) for found in items)])

    def _check(self, asked: Asked) -> None:
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


def _missing(known: dict[tuple[int, int], Any]) -> dict[tuple[int, ...], list[int]]:
    """The methods that lack a result, by the targets for which they lack one."""
    lacking: dict[int, list[int]] = {}
    for (m, t), found in known.items():
        if found is None:
            lacking.setdefault(m, []).append(t)
    groups: dict[tuple[int, ...], list[int]] = {}
    for m, targets in lacking.items():
        groups.setdefault(tuple(targets), []).append(m)
    return groups
