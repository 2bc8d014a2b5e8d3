"""The stream of events; a page that lost the connection is told what it missed."""

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from .shared import The

router = APIRouter(tags=["events"])


def _room(studio: The) -> None:
    if studio.hub.full:
        raise HTTPException(429, "Too many pages listen already; close some.")


@router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(_room)])
async def events(
    studio: The,
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """`job`, `result`, `session`, and `reset` where too much was missed.

    They go on after the event that the browser had last, or else after the number `after`.
    """
    digits = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
    after = int(last_event_id) if digits and last_event_id else after
    yield ServerSentEvent(comment="welcome", retry=1000)
    async for told in studio.hub.listen(after):
        yield ServerSentEvent(raw_data=json.dumps(told.data), event=told.name, id=str(told.number))
