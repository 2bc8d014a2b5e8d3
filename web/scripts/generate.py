"""Writes what the page takes from Python: types of the server's answers, and colour tables.

    python web/scripts/generate.py

`tests/studio/test_page.py` fails where these files are not current.
"""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np

from pellucid.render.palette import colour
from pellucid.studio.app import routes_of

WEB = Path(__file__).parents[1]

SEQUENTIAL = ("inferno", "viridis", "magma", "cividis", "gray", "turbo", "jet")
DIVERGING = ("pellucid", "RdBu_r", "coolwarm", "PuOr_r", "seismic")
ENTRIES = 511
"""Odd, so that zero lies on an entry of its own."""


def openapi() -> str:
    """The description of every route."""
    return json.dumps(routes_of(None).openapi(), indent=1, sort_keys=True) + "\n"


def tables() -> str:
    """Colour tables as TypeScript: base64 of `ENTRIES` RGB triples each."""
    lines = [
        "// Written by scripts/generate.py from the tables that `pellucid.render` draws with.",
        "",
        f"export const ENTRIES = {ENTRIES};",
        "",
    ]
    for kind, names in (("SEQUENTIAL", SEQUENTIAL), ("DIVERGING", DIVERGING)):
        lines.append(f"export const {kind}: Record<string, string> = {{")
        for name in names:
            low = -1 if kind == "DIVERGING" else 0
            rgb = colour(np.linspace(low, 1, ENTRIES), name, kind == "DIVERGING")
            lines.append(f'  {name}: "{base64.b64encode(rgb.tobytes()).decode()}",')
        lines += ["};", ""]
    return "\n".join(lines)


def samples() -> str:
    """Colours that matplotlib itself gives, to test the page's against."""
    import matplotlib

    values = [0.0, 0.013, 0.25, 0.333, 0.5, 0.61, 0.75, 0.987, 1.0]
    known = [n for n in (*SEQUENTIAL, *DIVERGING) if n in matplotlib.colormaps]
    found = {
        name: [
            [round(float(c) * 255, 3) for c in matplotlib.colormaps[name](v)[:3]] for v in values
        ]
        for name in known
    }
    return json.dumps({"values": values, "colours": found}) + "\n"


def types() -> None:
    """The server's description as TypeScript; its first line says of which description."""
    description = WEB / "openapi.json"
    description.write_text(openapi(), encoding="utf-8")
    made = WEB / "src" / "api" / "schema.ts"
    # What has a default may be left out of a request.
    command = ["npx", "openapi-typescript", description, "-o", made, "--default-non-nullable=false"]
    subprocess.run(command, cwd=WEB, check=True)
    made.write_text(f"// {mark()}\n{made.read_text(encoding='utf-8')}", encoding="utf-8")


def mark() -> str:
    """Which description the types were made of."""
    return f"of {hashlib.sha256(openapi().encode()).hexdigest()[:16]}"


FILES = {
    WEB / "src" / "colour" / "tables.ts": tables,
    WEB / "test" / "matplotlib.json": samples,
}

if __name__ == "__main__":
    for path, make in FILES.items():
        path.write_text(make(), encoding="utf-8")
    types()
