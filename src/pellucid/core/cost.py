"""What an explanation cost, in passes of one input."""

import time
from dataclasses import dataclass, field


@dataclass
class Cost:
    """Counts passes; a backward pass that ends at an inner layer counts as `tail_backwards`."""

    forwards: int = 0
    backwards: int = 0
    tail_backwards: int = 0
    peak_batch: int = 0
    started: float = field(default_factory=time.perf_counter)

    def forward(self, rows: int) -> None:
        """Count a forward pass of a batch."""
        self.forwards += rows
        self.peak_batch = max(self.peak_batch, rows)

    def summary(self, samples: int) -> dict[str, float]:
        """Totals, and passes per sample as multiples of one forward."""
        total = self.forwards + self.backwards
        return {
            "forwards": self.forwards,
            "backwards": self.backwards,
            "tail_backwards": self.tail_backwards,
            "forward_equivalents": total / max(samples, 1),
            "peak_batch": self.peak_batch,
            "seconds": time.perf_counter() - self.started,
        }
