"""Keeps glibc from giving large blocks back to the system between batches.

By default glibc maps every large tensor anew and clears it page by page, which can double the time
of a batched forward pass on the CPU. Raising its two thresholds keeps freed memory for the next
batch. It holds for the process; `PELLUCID_ALLOCATOR=system` leaves the allocator alone.
"""

import ctypes
import os
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_BLOCK = 1 << 30


@cache
def tune() -> str:
    """Raise the thresholds once; says what holds now."""
    if os.environ.get("PELLUCID_ALLOCATOR", "").lower() == "system":
        return "system (PELLUCID_ALLOCATOR=system)"
    if not sys.platform.startswith("linux"):
        return "system"
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return "system"
    done = mallopt(_MMAP_THRESHOLD, _BLOCK) and mallopt(_TRIM_THRESHOLD, _BLOCK)
    return "glibc, large blocks kept" if done else "system"
