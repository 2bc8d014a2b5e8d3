"""Data sets, their items, small pictures, uploads."""

import hashlib
import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from ...errors import FileError
from ...io.images import SUFFIXES
from ...io.writing import write_bytes
from ..answers import Confusion, ItemInfo, ItemPage, Uploaded
from ..listing import Order
from .shared import IdOf, The, missing

router = APIRouter(tags=["data"])

MOST_LISTED = 500
_MOST_UPLOADS = 500

ModelOf = Annotated[int, Query(ge=0, lt=2**31)]
"""Whose predictions are told."""


@router.get("/datasets/{dataset}/items")
def items(
    studio: The,
    dataset: IdOf,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 100,
    search: Annotated[str, Query(max_length=200)] = "",
    label: Annotated[str | None, Query(max_length=300)] = None,
    predicted: Annotated[int | None, Query(ge=0, le=10**7)] = None,
    order: Order = "given",
    seed: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    model: ModelOf = 0,
) -> ItemPage:
    """Some items under a filter and in an order."""
    found = studio.catalogue.dataset(dataset)
    if found is None:
        raise missing("data set")
    listing = studio.listing(found, model)
    return listing.page(offset, limit, search, label, predicted, order, seed)


@router.get("/datasets/{dataset}/confusion")
def confusion(studio: The, dataset: IdOf, model: ModelOf = 0) -> Confusion | None:
    """Labels against predictions; null before the data set was predicted."""
    found = studio.catalogue.dataset(dataset)
    if found is None:
        raise missing("data set")
    return studio.listing(found, model).confusion()


@router.get("/items/{item}")
def item(studio: The, item: IdOf, model: ModelOf = 0) -> ItemInfo:
    """One item."""
    found = studio.catalogue.find(item)
    if found is None:
        raise missing("item")
    return studio.listing(found[0], model).info(found[1])


@router.get("/items/{item}/thumbnail", response_class=Response)
def thumbnail(studio: The, item: IdOf) -> Any:
    """A small picture as WebP; 404 where an item is no picture."""
    found = studio.catalogue.find(item)
    if found is None or found[1].kind not in ("image", "live"):
        raise missing("picture")
    dataset, one = found
    small = studio.thumbnail(dataset, one)
    if small is None:
        raise missing("picture")
    return Response(
        small, media_type="image/webp", headers={"cache-control": "private, max-age=600"}
    )


@router.post("/uploads", status_code=201)
async def upload(
    studio: The, request: Request, name: Annotated[str, Query(min_length=1, max_length=255)]
) -> Uploaded:
    """Keep a picture or an array (`.npy`), the file itself being the body."""
    plain = _plain_name(name)
    suffix = f".{plain.rpartition('.')[2].lower()}"
    if suffix not in SUFFIXES | {".npy"} or "." not in plain:
        raise FileError(
            f"{plain} is no picture and no .npy array by its ending.",
            f"Upload one of {', '.join(sorted(SUFFIXES))}, .npy; open others by their path.",
        )
    if request.headers.get("content-type", "").partition(";")[0] != "application/octet-stream":
        raise FileError("An upload is the file itself.", "Send it as application/octet-stream.")
    data = await request.body()
    if not data:
        raise FileError(f"{plain} is empty.", "Choose another file.")
    folder = studio.store.folder / "uploads"
    if len(studio.add_uploads().items) >= _MOST_UPLOADS:
        raise FileError(
            f"{_MOST_UPLOADS} files were uploaded.", "Open more by path: pellucid studio FOLDER."
        )
    write_bytes(folder / hashlib.sha256(data).hexdigest()[:24] / plain, data)
    kept = studio.add_uploads()
    number = hashlib.sha256(data).hexdigest()[:24]
    one = next(item for item in kept.items if item.parts[0] == number)
    studio.hub.tell("session", {})
    return Uploaded(item=studio.listing(kept).info(one))


def _plain_name(name: str) -> str:
    """The last part of a file's name, of letters that every system can store."""
    last = re.split(r"[/\\]", name)[-1]
    kept = re.sub(r"[^\w.() -]", "_", last).lstrip(".").strip()
    return kept[-120:] or "upload"
