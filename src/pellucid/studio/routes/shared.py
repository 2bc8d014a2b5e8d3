"""What routes have in common: the studio itself, and an answer for what is not there."""

from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from ..studio import Studio


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


The = Annotated[Studio, Depends(_studio)]
"""The running studio."""

IdOf = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.-]+$")]
"""An id as the server made it."""


def missing(what: str) -> HTTPException:
    """404, the same whatever the reason; to be raised."""
    return HTTPException(404, f"There is no such {what}.")
