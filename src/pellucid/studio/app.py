"""The application: routes behind the guard, errors in one shape, the page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from .. import __version__
from ..errors import PellucidError
from .answers import Problem
from .datasets import readable
from .guard import Guard
from .refusals import status_of
from .routes import data, events, jobs, page, results, session, work
from .studio import Studio

API = "/api/v1"
REFUSALS = (400, 401, 403, 404, 405, 408, 409, 413, 422, 429)


def application(studio: Studio) -> Guard:
    """The whole server, guarded."""
    return Guard(routes_of(studio), studio.credentials, studio.port)


def routes_of(studio: Studio | None) -> FastAPI:
    """The routes alone; without a studio only to describe them."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if studio is not None:
            studio.start()
        yield
        if studio is not None:
            studio.close()

    app = FastAPI(
        title="Pellucid studio",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        lifespan=lifespan,
        redirect_slashes=False,
        responses={status: {"model": Problem} for status in REFUSALS},
    )
    app.state.studio = studio
    for part in (session, data, work, jobs, results, events):
        app.include_router(part.router, prefix=API)
    app.include_router(page.router)
    _errors(app)
    return app


def _errors(app: FastAPI) -> None:
    @app.exception_handler(PellucidError)
    async def refused(request: Request, error: PellucidError) -> JSONResponse:
        return _problem(status_of(error), error.cause, error.remedy)

    @app.exception_handler(RequestValidationError)
    async def misread(request: Request, error: RequestValidationError) -> JSONResponse:
        first: Any = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:]) or "The request"
        return _problem(422, f"{place}: {first['msg'].lower()}.", "Correct it and send it again.")

    @app.exception_handler(RecursionError)
    async def nested(request: Request, error: RecursionError) -> JSONResponse:
        return _problem(422, "The request is nested too deeply.", "Send less.")

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        words = {"Not Found": "There is nothing at this address."}
        cause = words.get(error.detail, error.detail.rstrip(".") + ".")
        answer = _problem(error.status_code, cause, "Go back to the studio's first page.")
        if error.status_code == 405:
            answer.headers["allow"] = ", ".join(_verbs_of(app, request.scope))
        return answer


def _verbs_of(app: FastAPI, scope: Scope) -> list[str]:
    """What can be done at an address, over all routes that share it."""
    return [
        verb
        for verb in ("DELETE", "GET", "POST")
        if any(route.matches({**scope, "method": verb})[0] is Match.FULL for route in app.routes)
    ]


def _problem(status: int, cause: str, remedy: str) -> JSONResponse:
    # What was sent is told again in the cause, also where it is no text.
    told = {"cause": readable(cause), "remedy": remedy}
    return JSONResponse(told, status)
