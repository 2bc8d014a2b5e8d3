"""Results as files to take home: a picture, raw arrays, or the report page."""

import io
import re
import zipfile
from pathlib import Path

from ...core.explanation import Explanation
from ...io.writing import write_bytes
from ...report.page import report
from ..requests import Export
from .artefacts import write_view
from .context import Context
from .reel import film

_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "npz": "application/octet-stream",
    "html": "text/html; charset=utf-8",
    "gif": "image/gif",
}


def export(context: Context, asked: Export) -> None:
    """One file; several pictures or arrays lie in one archive."""
    found = [context.explanation(result) for result in asked.results]
    if asked.format == "html":
        name, data = "report.html", _page(context, asked, found)
    elif asked.format == "gif":
        name = f"{found[0].method}-{asked.sample}.gif"
        data = film(context, asked.results[0], asked.sample)
    elif len(found) == 1:
        name, data = f"{found[0].method}.{asked.format}", _file(found[0], asked.format, context)
    else:
        name, data = "explanations.zip", _archive(found, asked.format, context)
    write_bytes(context.folder / "0" / "export.bin", data)
    kind = "application/zip" if name.endswith(".zip") else _TYPES[asked.format]
    view = {"kind": "file", "name": name, "type": kind, "bytes": len(data)}
    write_view(context.folder / "0", {**view, "partial": False, "revision": 0})
    context.result("0")


def _page(context: Context, asked: Export, found: list[Explanation]) -> bytes:
    first = context.sources[asked.results[0]]
    title = f"What the network saw: {first['title']}"
    page = report(found, title=title, snippet_model=first["model"], snippet_input=first["path"])
    return page.encode()


def _file(e: Explanation, form: str, context: Context) -> bytes:
    if form == "npz":
        written = e.save(context.folder / "export")
        return Path(written).read_bytes()
    buffer = io.BytesIO()
    e.plot(sample=None if len(e) > 1 else 0).savefig(
        buffer, format=form, dpi=200, bbox_inches="tight"
    )
    return buffer.getvalue()


def _archive(found: list[Explanation], form: str, context: Context) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, e in enumerate(found):
            target = re.sub(r"\W+", "-", e.target[0] if e.target else "")[:40].strip("-")
            archive.writestr(f"{place + 1:02}-{e.method}-{target}.{form}", _file(e, form, context))
    return buffer.getvalue()
