"""The page itself, its built files, and the way in."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from ..credentials import cookie
from .shared import The, missing

router = APIRouter(include_in_schema=False)

STATIC = Path(__file__).parents[1] / "static"

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class Login(BaseModel):
    """The token, from the form."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(max_length=4096)


@router.get("/")
def page(
    studio: The, request: Request, token: Annotated[str | None, Query(max_length=4096)] = None
) -> Any:
    """The page; a token in the address becomes a cookie and leaves the address."""
    if token is None or not (studio.credentials.is_token(token) or studio.credentials.spend(token)):
        return FileResponse(STATIC / "index.html", headers={"cache-control": "no-store"})
    rest = [pair for pair in request.query_params.multi_items() if pair[0] != "token"]
    answer = RedirectResponse(f"/?{urlencode(rest)}" if rest else "/", 303)
    answer.headers["set-cookie"] = cookie(studio.port, studio.credentials.session)
    answer.headers["cache-control"] = "no-store"
    return answer


@router.post("/login")
def login(studio: The, given: Login) -> Response:
    """The token for a cookie."""
    if not studio.credentials.is_token(given.token):
        return Response(
            '{"cause": "This is not the token of this start.", '
            '"remedy": "Copy it from the address that `pellucid studio` printed."}',
            401,
            media_type="application/json",
        )
    return Response(
        status_code=204, headers={"set-cookie": cookie(studio.port, studio.credentials.session)}
    )


@router.get("/assets/{name}")
def asset(name: str) -> Any:
    """A built file; their names change with their content."""
    known = {path.name: path for path in (STATIC / "assets").glob("*")}
    path = known.get(name)
    if path is None or path.suffix not in _TYPES:
        raise missing("file")
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)
