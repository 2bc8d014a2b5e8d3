"""How many rows go through the network at once: planned from its activations, halved when memory
runs out."""

import re
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from ..errors import PellucidError
from .progress import Progress

CPU_BYTES = 256 * 2**20
"""Activations of one batch on the CPU: more does not get faster and only takes memory."""

FEW = 8
"""Rows that a CPU is slower below: as many are taken up to `CPU_MOST` bytes."""

CPU_MOST = 2**31

GPU_SHARE = 0.2
"""Share of a GPU's memory for the activations of one batch."""

MOST_ROWS = 512

_NO_MEMORY = re.compile("out of memory|not enough memory|can't allocate memory", re.IGNORECASE)


def plan(row_bytes: int, device: torch.device, passes: int = 1) -> int:
    """Rows at once for activations of `row_bytes` a row, `passes` of them alive together.

    A function of network and device alone, so that results are reproducible to the bit.
    """
    row = max(row_bytes * passes, 1)
    rows = max(CPU_BYTES // row, min(FEW, CPU_MOST // row))
    if device.type == "cuda":
        room = torch.cuda.get_device_properties(device).total_memory * GPU_SHARE
        rows = int(room) // row
    return max(1, min(MOST_ROWS, 1 << max(rows.bit_length() - 1, 0)))


def bytes_of_function(inputs: Iterable[Tensor]) -> int:
    """Bytes that one row is taken to hold in a function, which does not tell: 16 times its input,
    and every number as 4 bytes."""
    return sum(16 * 4 * tensor[0].numel() for tensor in inputs)


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and bool(_NO_MEMORY.search(str(error)))


class Batches:
    """Splits work into batches and remembers the size that fitted."""

    def __init__(self, size: int, progress: Progress) -> None:
        self.size, self.progress = size, progress

    def each(
        self,
        total: int,
        work: Callable[[slice], None],
        task: str,
        partial: Callable[[], object] | None = None,
    ) -> None:
        """Call `work(slice)` over `range(total)`; a batch that does not fit is halved and redone.

        `work` must leave nothing behind when it raises.
        """
        for rows in self.progress.track(
            self.split(total, work), task, total, partial, lambda rows: rows.stop - rows.start
        ):
            del rows

    def split(self, total: int, work: Callable[[slice], None]) -> Iterator[slice]:
        """Call `work` as `each` does, and yield what was done."""
        start = 0
        while start < total:
            rows = slice(start, min(start + self.size, total))
            if self._try(rows, work):
                yield rows
                start = rows.stop

    def _try(self, rows: slice, work: Callable[[slice], None]) -> bool:
        try:
            work(rows)
            return True
        except Exception as error:
            if isinstance(error, PellucidError) or not out_of_memory(error):
                raise
            if rows.stop - rows.start == 1:
                raise PellucidError(
                    "Memory ran out with a single sample at once.",
                    "Use a smaller input, a smaller model, or another device.",
                ) from error
            self.size = max(1, (rows.stop - rows.start) // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return False
