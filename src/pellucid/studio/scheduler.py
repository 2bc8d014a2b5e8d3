"""Which job runs when: lanes side by side, a process for every job, and one that waits ready."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..errors import PellucidError
from .events import Hub
from .nursery import Nursery
from .plan import Plan
from .process import Message, Process
from .requests import LANES, Lane
from .store import Job, Store

GRACE = 3.0
"""Seconds that a cancelled job has to stop by itself before its process is killed."""

MOST_DEATHS = 3
"""Times in a row that a process may end before its job, once the model could be loaded."""

_LONGER = "Ask for less at once, or start the studio with more: --job-minutes."


class Scheduler:
    """Starts, follows and ends the processes of jobs."""

    def __init__(
        self,
        plan: Plan,
        nursery: Nursery,
        store: Store,
        hub: Hub,
        sources: Callable[[Job], Mapping[str, Any]],
    ) -> None:
        self._plan, self._nursery, self._store = plan, nursery, store
        self._hub, self._sources = hub, sources
        self._lock = threading.RLock()
        self._queues: dict[Lane, deque[str]] = {lane: deque() for lane in LANES}
        self._running: dict[Lane, tuple[str, Process]] = {}
        self._clocks: dict[str, threading.Timer] = {}
        """By job, what ends it when its time is over."""
        self._spare: Process | None = None
        self._spare_ready = False
        self._deaths = 0
        self._closing = False
        self.description: dict[str, Any] | None = None
        """Models and methods, once the first process has told them."""
        self.broken: dict[str, str] | None = None
        """Why no process can start."""

    def start(self) -> None:
        """Warm the first process and take up what is waiting."""
        with self._lock:
            for job in self._store.unfinished():
                self._queues[_lane(job)].append(job.id)
            self._warm()

    def submit(self, job: Job) -> Job:
        """Put a job into its lane."""
        with self._lock:
            self._store.put(job)
            self._tell(job)
            self._queues[_lane(job)].append(job.id)
            self._advance()
        return job

    def cancel(self, job_id: str) -> Job | None:
        """Stop a job, whatever it is doing; a job that has ended stays as it is."""
        with self._lock:
            job = self._store.get(job_id)
            if job is None or job.has_ended or job.state == "cancelling":
                return job
            if job.state == "queued":
                self._queues[_lane(job)] = deque(
                    waiting for waiting in self._queues[_lane(job)] if waiting != job_id
                )
                return self._end(job, "cancelled")
            changed = self._change(job, state="cancelling")
            running = self._running.get(_lane(job))
            if running is not None:
                running[1].send({"do": "cancel"})
                self._later(GRACE, running[1].kill)
            return changed

    def close(self) -> None:
        """End every process; what ran is taken up at the next start."""
        with self._lock:
            self._closing = True
            processes = [process for _, process in self._running.values()]
            processes += [self._spare] if self._spare is not None else []
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(5)

    def wait(self, job: str, seconds: float) -> Job | None:
        """The job once it has ended, or as it is after some seconds."""
        end = time.monotonic() + seconds
        while True:
            found = self._store.get(job)
            if found is None or found.has_ended or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def _warm(self) -> None:
        if self._spare is not None or self._closing or self.broken is not None:
            return
        self._spare_ready = False
        box: list[Process] = []
        child = self._nursery.worker()
        process = Process(child, partial(self._heard, box), partial(self._gone, box))
        box.append(process)
        self._spare = process
        plan = {**self._plan.as_json(), "describe": self.description is None}
        process.send(plan, self._plan.live or b"")

    def _advance(self) -> None:
        """Hand the spare process the first job of a free lane."""
        for lane, queue in self._queues.items():
            while queue and lane not in self._running and not self._closing:
                if self._spare is None:
                    self._warm()
                if self._spare is None or not self._spare_ready:
                    return
                job = self._store.get(queue.popleft())
                if job is not None and not job.has_ended:
                    self._begin(lane, job, self._spare)

    def _begin(self, lane: Lane, job: Job, process: Process) -> None:
        try:
            sources = dict(self._sources(job))
        except PellucidError as error:  # what it names went away while it waited
            self._end(job, "failed", cause=error.cause, remedy=error.remedy)
            return
        self._spare, self._deaths = None, 0
        self._running[lane] = (job.id, process)
        self._change(job, state="running", started=time.time(), attempts=job.attempts + 1)
        folder = str(self._store.job_folder(job.id))
        process.send({"do": "job", "asked": job.asked, "sources": sources, "folder": folder})
        limit = self._plan.limits.seconds
        self._clocks[job.id] = self._later(limit, self._too_long, job.id, process)
        self._warm()

    def _too_long(self, job_id: str, process: Process) -> None:
        with self._lock:
            job = self._job_of(process)
            if job is None or job.has_ended:
                return
            whole = replace(job, results=self._store.whole_results(job_id))
            cause = f"The job took longer than {self._plan.limits.seconds / 60:g} minutes."
            self._end(whole, "failed", cause=cause, remedy=_LONGER)
        process.kill()

    def _later(self, seconds: float, what: Callable[..., None], *given: Any) -> threading.Timer:
        timer = threading.Timer(seconds, what, given)
        timer.daemon = True
        timer.start()
        return timer

    def _heard(self, box: list[Process], message: Message) -> None:
        with self._lock:
            event = message.pop("event", "")
            if event == "ready":
                if message:
                    self.description = message
                    self._hub.tell("session", {})
                self._spare_ready = True
                self._advance()
            elif event == "broken":
                self.broken = {"cause": message["cause"], "remedy": message["remedy"]}
                self._hub.tell("session", {})
            else:
                self._follow(box[0], event, message)

    def _follow(self, process: Process, event: str, message: Message) -> None:
        job = self._job_of(process)
        if job is None:
            return
        if event == "progress":
            self._change(
                job,
                task=message["task"],
                done=message["done"],
                total=message["total"],
                seconds_left=message["seconds_left"],
            )
        elif event == "result":
            if not message["partial"]:
                names = dict.fromkeys((*job.results, message["number"]))
                job = self._change(job, results=tuple(names))
            self._hub.tell(
                "result",
                {"job": job.id, "number": message["number"], "partial": message["partial"]},
            )
        elif event in ("done", "failed", "cancelled"):
            words = {"cause": message.get("cause", ""), "remedy": message.get("remedy", "")}
            self._end(job, event, **words)

    def _gone(self, box: list[Process], code: int) -> None:
        with self._lock:
            process = box[0]
            if process is self._spare:
                self._spare = None
                self._lost_the_spare()
                return
            job = self._job_of(process)
            self._running = {
                lane: pair for lane, pair in self._running.items() if pair[1] is not process
            }
            if self._closing:
                return
            if job is not None and not job.has_ended:
                cancelled = job.state == "cancelling"
                job = replace(job, results=self._store.whole_results(job.id))
                words = {} if cancelled else _crash(code)
                self._end(job, "cancelled" if cancelled else "failed", **words)
            self._advance()

    def _lost_the_spare(self) -> None:
        if self._closing or self.broken is not None:
            return
        self._deaths += 1
        if self.description is not None and self._deaths <= MOST_DEATHS:
            self._warm()  # it could be loaded before; the system may have taken its memory away
            return
        log = "The process that loads the model ended by itself."
        self.broken = {"cause": log, "remedy": "Try the model with `pellucid layers`."}
        self._hub.tell("session", {})

    def _job_of(self, process: Process) -> Job | None:
        for job, running in self._running.values():
            if running is process:
                return self._store.get(job)
        return None

    def _change(self, job: Job, **facts: Any) -> Job:
        changed = self._store.put(replace(job, **facts))
        self._tell(changed)
        return changed

    def _end(self, job: Job, state: Any, **words: str) -> Job:
        clock = self._clocks.pop(job.id, None)
        if clock is not None:
            clock.cancel()
        return self._change(job, state=state, ended=time.time(), seconds_left=None, **words)

    def _tell(self, job: Job) -> None:
        self._hub.tell("job", public(job))


def public(job: Job) -> dict[str, Any]:
    """A job as the page sees it."""
    return json.loads(json.dumps({k: v for k, v in vars(job).items() if k != "stamp"}))  # type: ignore[no-any-return]


def _lane(job: Job) -> Lane:
    return next(lane for lane, kinds in LANES.items() if job.kind in kinds)


def _crash(code: int) -> dict[str, str]:
    memory = " Most likely the memory ran out." if code in (-9, 137) else ""
    return {
        "cause": f"The job's process ended by itself (code {code}).{memory}",
        "remedy": "The studio goes on. Ask for less at once, or look into the job's log.",
    }
