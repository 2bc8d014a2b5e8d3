"""How much a process of the studio may take, so that it fails and not the machine."""

import os
import sys
from contextlib import suppress
from pathlib import Path

SHARE = 0.8
"""Of the machine's memory, for one process."""

_FIRST_TO_GO = "700"
"""For the system that has to end some process to get memory back: from -1000, never, to 1000."""


def bound(memory: int | None = None) -> None:
    """Hold this process to `memory` bytes, or to its share of the machine's.

    Beyond them an allocation fails, which Python and PyTorch tell as an error. On Linux alone.
    """
    if sys.platform != "linux":
        return
    import resource

    most = memory or int(SHARE * machine_memory())
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)  # what was taken away from the studio cannot be given back
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def go_first() -> None:
    """Where the machine's memory runs out all the same, the system ends this process first; in
    containers that forbid to say so it is as likely to go as others."""
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def machine_memory() -> int:
    """Bytes that the machine, or the container around this process, has."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(found, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or one without a limit
        return found
