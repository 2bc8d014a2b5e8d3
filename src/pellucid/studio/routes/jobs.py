"""Everything that runs or ran."""

import json
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from ..answers import JobInfo, Log
from ..scheduler import public
from .shared import IdOf, The, missing

router = APIRouter(tags=["jobs"])

MOST_EVENTS = 400


class Nothing(BaseModel):
    """An empty object: what is asked lies in the address."""


@router.get("/jobs")
def jobs(studio: The) -> list[JobInfo]:
    """The newest first."""
    return [JobInfo(**public(job)) for job in studio.store.jobs()]


@router.get("/jobs/{job}")
def job(studio: The, job: IdOf) -> JobInfo:
    """One job."""
    found = studio.store.get(job)
    if found is None:
        raise missing("job")
    return JobInfo(**public(found))


@router.get("/jobs/{job}/log")
def log(studio: The, job: IdOf) -> Log:
    """The newest events of a job, from its own file."""
    if studio.store.get(job) is None:
        raise missing("job")
    return Log(events=_events(studio.store.job_folder(job) / "events.jsonl"))


@router.post("/jobs/{job}/cancel")
def cancel(studio: The, job: IdOf, nothing: Nothing) -> JobInfo:
    """Stop it; one that has ended stays as it is."""
    found = studio.scheduler.cancel(job)
    if found is None:
        raise missing("job")
    return JobInfo(**public(found))


@router.post("/jobs/{job}/again", status_code=202)
def again(studio: The, job: IdOf, nothing: Nothing) -> JobInfo:
    """The same work once more."""
    found = studio.repeat(job)
    if found is None:
        raise missing("job")
    return JobInfo(**public(found))


@router.delete("/jobs/{job}")
def forget(studio: The, job: IdOf) -> JobInfo:
    """Take an ended job and its results away."""
    found = studio.forget(job)
    if found is None:
        raise missing("job")
    return JobInfo(**public(found))


def _events(path: Any) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[-MOST_EVENTS:]
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue  # the last line, cut off when the process ended
    return found
