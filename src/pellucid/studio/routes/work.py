"""Asking for work."""

from typing import Any

from fastapi import APIRouter

from ..answers import Cells, JobInfo, KnownJob
from ..requests import Asked, Explain
from ..scheduler import public
from .shared import The

router = APIRouter(tags=["work"])


@router.post("/explanations", status_code=202)
def explanations(studio: The, asked: Explain) -> Cells:
    """A cell for every method and target; only what is not known yet is computed."""
    return studio.explain(asked)


@router.post("/jobs", status_code=202)
def submit(studio: The, asked: Asked) -> JobInfo:
    """A new job; one that was asked for before in this start of the studio is given again."""
    job: Any = studio.again(asked) or studio.submit(asked)
    return JobInfo(**public(job))


@router.post("/known")
def known(studio: The, asked: Asked) -> KnownJob:
    """The job that did or does the same, with the same model on the same file, if there is one."""
    found = studio.again(asked)
    return KnownJob(job=None if found is None else JobInfo(**public(found)))
