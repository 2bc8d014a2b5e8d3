"""One running studio: its data, its jobs, its results."""

import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
from .refusals import Busy, NotEnded
from .requests import (
    Asked,
    Explain,
)
from .scheduler import Scheduler, public
from .sources import Sources
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
        self.sources = Sources(self.plan, self.store, self.catalogue)
        self.hub = Hub(int(self.store.fact("event") or 0) + 1)
        self.scheduler = Scheduler(self.plan, self.nursery, self.store, self.hub, self.sources.of)
        self.thumbnails = Thumbnails(self.store.folder)
        self._listings: dict[tuple[str, int], tuple[str, Listing]] = {}
        self._cells = CellIndex(self.store)

    def start(self) -> None:
        """Take up what an earlier studio left, and warm the first process."""
        self.store.recover()
        # Numbers of events go on beyond any that the last studio may have told.
        self.store.fact("event", str(int(time.time() * 1000)))
        self.hub = Hub(int(self.store.fact("event") or 0))
        self.scheduler = Scheduler(self.plan, self.nursery, self.store, self.hub, self.sources.of)
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

    def listing(self, dataset: Dataset, model: int = 0) -> Listing:
        """A data set with the newest predictions of a model, if there are any."""
        wanted = {"kind": "predict_all", "model": model, "dataset": dataset.id}
        done = (job for job in self.store.jobs() if job.asked == wanted and "0" in job.results)
        job = next(done, None)
        if job is None:
            return Listing(dataset)
        known = self._listings.get((dataset.id, model))
        if known is not None and known[0] == job.id and known[1].dataset is dataset:
            return known[1]
        folder = self.store.job_folder(job.id) / "0"
        made = Listing(dataset, read_predictions(folder, dataset, self._classes(model)))
        self._listings[dataset.id, model] = (job.id, made)
        return made

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

    def stamp(self, asked: Asked) -> str:
        """Equal only where the same request gives the same result."""
        return self.sources.stamp(asked, self.session, self.scheduler.description)

    def submit(self, asked: Asked) -> Job:
        """A new job. Raises `Missing` for what is not there, `Busy` where too many wait."""
        self.sources.check(asked)
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
                stamp=self.stamp(asked),
            )
        )

    def again(self, asked: Asked) -> Job | None:
        """The job that did or does the same, with the same model on the same file."""
        same, stamp = asked.model_dump(mode="json"), self.stamp(asked)
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
        self.sources.check(asked)
        places = [(m, t) for m in range(len(asked.methods)) for t in range(len(asked.targets))]
        stamp = self.stamp(asked)
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
