"""Where the studio stands: models, methods, data sets."""

from fastapi import APIRouter

from ..answers import SessionInfo
from .shared import The

router = APIRouter(tags=["session"])


@router.get("/session")
def session(studio: The) -> SessionInfo:
    """Everything a page has to know first."""
    return studio.info()
