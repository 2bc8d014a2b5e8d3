"""`pellucid studio`: start the server, say where it is, open the browser."""

import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ..errors import ParameterError, suggest
from ..studio.plan import Limits, ModelSpec
from ..studio.process import TOKEN
from ..studio.server import Options, Server
from .terminal import answer, say

_READINGS = ("table", "series")


@dataclass(frozen=True)
class Wanted:
    """What was asked on the command line."""

    data: tuple[Path, ...]
    models: tuple[str, ...]
    weights: Path | None
    trust_pickle: bool
    classes: Path | None
    drop: tuple[str, ...]
    reading: str | None
    device: str | None
    port: int | None
    work: Path | None
    browser: bool
    memory: float | None
    minutes: float


def run(wanted: Wanted) -> None:
    """Serve until Ctrl-C."""
    if wanted.reading not in (None, *_READINGS):
        raise ParameterError(
            f"--as {wanted.reading} is unknown.", suggest(str(wanted.reading), _READINGS)
        )
    if wanted.weights is not None and len(wanted.models) > 1:
        raise ParameterError("--weights is for one model.", "Let the factories load their weights.")
    server = Server(
        Options(
            models=tuple(_spec(wanted, name) for name in wanted.models),
            data=wanted.data,
            drop=wanted.drop,
            series=wanted.reading == "series",
            port=wanted.port,
            work=wanted.work,
            limits=_limits(wanted),
            token=os.environ.get(TOKEN),
        )
    )
    say("The studio listens on this machine alone. Ctrl-C ends it; jobs go on at the next start.")
    answer(server.address)
    sys.stdout.flush()
    if wanted.browser:
        threading.Thread(target=_open, args=(server,), daemon=True).start()
    server.run()


def _limits(wanted: Wanted) -> Limits:
    memory = None if wanted.memory is None else int(wanted.memory * 2**30)
    return Limits(memory, wanted.minutes * 60)


def _spec(wanted: Wanted, name: str) -> ModelSpec:
    return ModelSpec(
        name=name,
        spec=name,
        weights=None if wanted.weights is None else str(wanted.weights),
        trust_pickle=wanted.trust_pickle,
        classes=None if wanted.classes is None else str(wanted.classes),
        device=wanted.device,
    )


def _open(server: Server) -> None:
    while not server.started:
        time.sleep(0.05)
    server.open()
