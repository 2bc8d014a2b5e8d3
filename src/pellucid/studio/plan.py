"""What a worker has to know before its first job."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ModelSpec:
    """A model as it was named on the command line, or the live one of a Python session."""

    name: str
    spec: str | None
    weights: str | None = None
    trust_pickle: bool = False
    classes: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Limits:
    """What one job may take before it is ended; the studio goes on."""

    memory: int | None = None
    """Bytes; as much as the machine can bear where None."""
    seconds: float = 3600.0


@dataclass(frozen=True)
class Plan:
    """The models, and where work is kept."""

    models: tuple[ModelSpec, ...]
    folder: Path
    live: bytes | None = field(default=None, repr=False)
    """The pickled model and data of a Python session, for its own worker alone."""
    paths: tuple[str, ...] = ()
    """Where a live model's modules are found."""
    limits: Limits = field(default_factory=Limits)

    def as_json(self) -> dict[str, Any]:
        """For the pipe; live bytes follow it."""
        return {
            "models": [asdict(model) for model in self.models],
            "folder": str(self.folder),
            "live": len(self.live or b""),
            "paths": list(self.paths),
            "memory": self.limits.memory,
        }
