"""The studio on a live model of a Python session, and the handle to steer it."""

import io
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..core.extras import require
from ..core.model import Model, as_model
from ..errors import InputError
from .plan import ModelSpec
from .server import Live, Options, Server

_INSTALL = "'pellucid[studio]'"
MOST_ITEMS = 1_000_000


class Handle:
    """A studio that runs beside the session. Close it, or let it end with the session."""

    def __init__(self, server: Server, thread: threading.Thread) -> None:
        self._server, self._thread = server, thread

    @property
    def url(self) -> str:
        """The address of the page, with the token."""
        return self._server.address

    @property
    def selection(self) -> int | None:
        """The position in `data` of the item that was explained or predicted last; None before."""
        studio = self._server.studio
        for job in studio.store.jobs():
            found = studio.catalogue.find(str(job.asked.get("item", "")))
            if found is not None and found[1].kind == "live":
                return found[1].row
        return None

    def explanations(self) -> list[Any]:
        """Every finished explanation of this studio, the newest first."""
        from ..core.explanation import Explanation

        store = self._server.studio.store
        paths = [
            store.job_folder(job.id) / number / "explanation.npz"
            for job in store.jobs()
            for number in job.results
        ]
        return [Explanation.load(path) for path in paths if path.is_file()]

    def close(self) -> None:
        """End the server and every process."""
        self._server.stop()
        self._thread.join(10)

    def __enter__(self) -> "Handle":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "open" if self._thread.is_alive() else "closed"
        return f"<studio, {state}: {self.url}>"

    def _repr_html_(self) -> str:
        return f'<a href="{self.url}" target="_blank" rel="noopener">Open the studio</a>'


def open_studio(
    model: Any,
    data: Any,
    *,
    labels: Sequence[Any] | None = None,
    browser: bool = True,
    port: int | None = None,
) -> Handle:
    """Open the studio on a live model; returns at once with a handle.

    `data` is a batch-first tensor or array, a data frame, a list of paths, pictures or texts, or a
    data set of (input, label). Every job works on a copy of the model as it is now. Raises
    `InputError` where model or data cannot be copied to another process.
    """
    wrapped = as_model(model)
    count = _count(data)
    options = Options(
        models=(ModelSpec("the session's model", None),),
        port=port,
        work=Path(tempfile.mkdtemp(prefix="pellucid-studio-")),
    )
    live = Live(
        pickled=_pickled(wrapped, data),
        names=_names(data, count),
        labels=_labels(data, labels, count),
        picture=_pictures(wrapped, data),
    )
    server = Server(options, live)
    handle = Handle(server, server.run_aside())
    if browser:
        server.open()
    return handle


def _count(data: Any) -> int:
    try:
        count = len(data)
    except TypeError:
        raise InputError(
            f"The items of {type(data).__name__} cannot be counted.", "Give a list of them."
        ) from None
    if count == 0 or count > MOST_ITEMS or isinstance(data, str):
        raise InputError(f"There are {count} items.", f"Give a list of 1 to {MOST_ITEMS:,}.")
    return count


def _pickled(model: Model, data: Any) -> bytes:
    cloudpickle = require("cloudpickle", "A live model", _INSTALL)
    try:
        found: bytes = cloudpickle.dumps((model, data))
    except Exception as error:  # what cannot be pickled says so in many ways
        raise InputError(
            f"The model or the data cannot be copied to another process: {error}.",
            "Name them instead: pellucid studio DATA --model file.py:factory.",
        ) from error
    return found


def _names(data: Any, count: int) -> list[str]:
    if isinstance(data, list | tuple) and all(isinstance(item, str | Path) for item in data):
        return [str(item)[:200] for item in data]
    return [f"item {k}" for k in range(count)]


def _labels(data: Any, labels: Sequence[Any] | None, count: int) -> list[str | None]:
    if labels is None:
        targets = getattr(data, "targets", None)
        labels = targets if targets is not None and len(targets) == count else None
    if labels is None:
        return [None] * count
    if len(labels) != count:
        raise InputError(f"{len(labels)} labels for {count} items.", "Give one for each.")
    return [str(label.item() if hasattr(label, "item") else label) for label in labels]


def _pictures(model: Model, data: Any) -> Callable[[int], bytes | None]:
    """Small pictures of live items, as the network sees them."""

    def picture(row: int) -> bytes | None:
        from PIL import Image

        from ..errors import PellucidError
        from ..io.inputs import read
        from ..render.photo import as_rgb
        from .opening import open_live

        try:
            _, display = read(model, open_live(data, row).given)
        except PellucidError:
            return None
        if display is None or display.dtype != "uint8":
            return None
        image = Image.fromarray(as_rgb(display[0]))
        image.thumbnail((320, 320))
        buffer = io.BytesIO()
        image.save(buffer, "webp", quality=85)
        return buffer.getvalue()

    return picture
