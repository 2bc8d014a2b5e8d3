"""`pellucid doctor`."""

from ..app import app
from ..arguments import JsonOption


@app.command(help="Versions, devices, optional parts, and what would be chosen on this machine.")
def doctor(json: JsonOption = False) -> None:
    """Describe the installation."""
    from ..doctor import run

    run(json)
