"""One axis of a sliding window: what of its output an interval of its input can change."""

from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

Places = Int[Tensor, " _"]


@dataclass(frozen=True)
class Sliding:
    """One axis of a convolution or a pooling; `before` is its padding at the low end."""

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0

    @property
    def span(self) -> int:
        """Cells from the first to the last that one output reads."""
        return self.dilation * (self.kernel - 1) + 1

    def changed(self, low: Places, high: Places, size: int) -> tuple[Places, Places]:
        """The outputs among `size` that read some of the inputs `low` to `high` (exclusive):
        ⌈(low + p − span + 1) / s⌉ to ⌊(high − 1 + p) / s⌋."""
        first = -((-(low + self.before - self.span + 1)) // self.stride)
        last = (high - 1 + self.before) // self.stride + 1
        return first.clamp(0, size), last.clamp(0, size)

    def read(self, start: Places, length: int) -> tuple[Places, int]:
        """Where the inputs begin that `length` outputs from `start` on read, and how many."""
        return start * self.stride - self.before, self.width(length)

    def width(self, length: int) -> int:
        """How many inputs `length` outputs read."""
        return (length - 1) * self.stride + self.span


def placed(low: Places, high: Places, size: int) -> tuple[Places, int]:
    """Intervals of one length within `size` that contain those from `low` to `high`."""
    length = max(1, min(size, int((high - low).max())))
    return low.clamp(0, size - length), length
