"""Asking for work."""

from typing import Any

from fastapi import APIRouter

from ..answers import Cells, JobInfo
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
