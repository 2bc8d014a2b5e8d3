"""Jobs and their results in one SQLite file that survives the server."""

import json
import sqlite3
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

FORMAT = 1
"""Of the table of jobs; another is another file."""

State = Literal["queued", "running", "cancelling", "done", "failed", "cancelled"]

ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
"""States that never change again."""

MOST_ATTEMPTS = 2
"""Starts of a job that each time took the server with it, after which it is not tried again."""

_TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, created REAL NOT NULL, state TEXT NOT NULL, job TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state);
"""


@dataclass(frozen=True)
class Job:
    """One piece of work: what was asked, where it stands, what came out."""

    id: str
    kind: str
    title: str
    asked: dict[str, Any]
    state: State
    created: float
    stamp: str
    """What the result depends on beside what was asked: the model's weights, the item's file."""
    started: float | None = None
    ended: float | None = None
    attempts: int = 0
    task: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    cause: str = ""
    remedy: str = ""
    results: tuple[str, ...] = field(default=())
    """Numbers of the results within the job that are whole."""

    @property
    def has_ended(self) -> bool:
        """Whether its state is final."""
        return self.state in ENDED


class Store:
    """The jobs by id; every change is on disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._data = sqlite3.connect(folder / f"jobs-{FORMAT}.sqlite", check_same_thread=False)
        self._data.execute("PRAGMA journal_mode=WAL")
        self._data.execute("PRAGMA synchronous=NORMAL")
        self._data.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._data.close()

    def put(self, job: Job) -> Job:
        """Write a job down as it now is."""
        with self._lock, self._data:
            self._data.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET state = excluded.state, job = excluded.job",
                (job.id, job.created, job.state, json.dumps(asdict(job))),
            )
        return job

    def get(self, job: str) -> Job | None:
        """The job with this id."""
        with self._lock:
            row = self._data.execute("SELECT job FROM jobs WHERE id = ?", (job,)).fetchone()
        return None if row is None else _job(row[0])

    def jobs(self, most: int = 500) -> list[Job]:
        """The newest jobs, the newest first."""
        return self._select("ORDER BY created DESC, id DESC LIMIT ?", most)

    def unfinished(self) -> list[Job]:
        """Jobs that have not ended, the oldest first."""
        return self._select(
            "WHERE state NOT IN (?, ?, ?) ORDER BY created, id LIMIT 100000", *ENDED
        )

    def forget(self, job: str) -> None:
        """Take a job off the list."""
        with self._lock, self._data:
            self._data.execute("DELETE FROM jobs WHERE id = ?", (job,))

    def fact(self, name: str, value: str | None = None) -> str | None:
        """A remembered text; with `value`, remember that."""
        with self._lock, self._data:
            if value is not None:
                self._data.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
            row = self._data.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def recover(self) -> None:
        """After a start: put back what the last server left unfinished.

        What was waiting waits again; what ran is run again, unless it was running each time that
        the server ended; what was being cancelled is cancelled. Results that are whole stay.
        """
        for job in self.unfinished():
            whole = replace(job, results=self.whole_results(job.id))
            if job.state == "cancelling":
                self.put(replace(whole, state="cancelled", ended=time.time()))
            elif job.attempts >= MOST_ATTEMPTS:
                self.put(
                    replace(
                        whole,
                        state="failed",
                        ended=time.time(),
                        cause=f"The studio ended {job.attempts} times while this ran.",
                        remedy="Ask for less at once, or run it from the shell to see why.",
                    )
                )
            else:
                self.put(replace(whole, state="queued", task="", done=0, total=0))

    def whole_results(self, job: str) -> tuple[str, ...]:
        """Results of a job that were written to their end."""
        found = []
        for view in self.job_folder(job).glob("*/view.json"):
            try:
                partial = json.loads(view.read_text(encoding="utf-8")).get("partial", True)
            except (OSError, ValueError):
                continue
            if not partial:
                found.append(view.parent.name)
        return tuple(sorted(found, key=lambda name: (len(name), name)))

    def job_folder(self, job: str) -> Path:
        """Where a job keeps its results and its log."""
        return self.folder / "jobs" / job

    def _select(self, rest: str, *values: Any) -> list[Job]:
        with self._lock:
            rows = self._data.execute(f"SELECT job FROM jobs {rest}", values).fetchall()
        return [_job(row[0]) for row in rows]


def _job(text: str) -> Job:
    state = json.loads(text)
    return Job(**{**state, "results": tuple(state["results"])})
