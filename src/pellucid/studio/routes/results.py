"""Results: how they are read, and their raw arrays."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import FileResponse

from .shared import IdOf, The, missing

router = APIRouter(tags=["results"])

_SANDBOX = {"content-security-policy": "sandbox; default-src 'none'", "cache-control": "no-store"}
_LASTING = {"cache-control": "private, max-age=86400, immutable"}


@router.get("/results/{result}", response_model=dict[str, Any])
def result(studio: The, result: IdOf) -> Any:
    """Everything about a result but its arrays."""
    folder = studio.sources.result_folder(result)
    if folder is None or not (folder / "view.json").is_file():
        raise missing("result")
    found = (folder / "view.json").read_bytes()  # whole: it may be written anew meanwhile
    return Response(found, media_type="application/json")


@router.get("/results/{result}/arrays/{name}", response_class=Response)
def array(
    studio: The, result: IdOf, name: Annotated[str, Path(pattern=r"^[a-z_]{1,40}-\d{1,6}\.bin$")]
) -> Any:
    """Raw numbers, little-endian; shape and type are in the result."""
    folder = studio.sources.result_folder(result)
    if folder is None or not (folder / name).is_file():
        raise missing("array")
    return FileResponse(folder / name, media_type="application/octet-stream", headers=_LASTING)


@router.get("/results/{result}/picture", response_class=Response)
def picture(studio: The, result: IdOf) -> Any:
    """What the network saw, as PNG."""
    folder = studio.sources.result_folder(result)
    if folder is None or not (folder / "display.png").is_file():
        raise missing("picture")
    return FileResponse(folder / "display.png", media_type="image/png", headers=_LASTING)


@router.get("/results/{result}/pictures/{name}", response_class=Response)
def made(
    studio: The,
    result: IdOf,
    name: Annotated[str, Path(pattern=r"^(made-\d{1,2}\.png|frame-\d{1,6}-\d{1,2}\.webp)$")],
) -> Any:
    """A picture that was made, or one on the way to it."""
    folder = studio.sources.result_folder(result)
    if folder is None or not (folder / name).is_file():
        raise missing("picture")
    kind = "image/png" if name.endswith(".png") else "image/webp"
    return FileResponse(folder / name, media_type=kind, headers=_LASTING)


@router.get("/results/{result}/file", response_class=Response)
def file(studio: The, result: IdOf) -> Any:
    """What an export wrote, to be saved."""
    folder = studio.sources.result_folder(result)
    if folder is None or not (folder / "export.bin").is_file():
        raise missing("file")
    view = json.loads((folder / "view.json").read_text(encoding="utf-8"))
    return FileResponse(
        folder / "export.bin", media_type=view["type"], filename=view["name"], headers=_SANDBOX
    )
