"""What a job works with: the models, its inputs, its folder, and whom it tells."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ...core.explanation import Explanation
from ...core.model import Model, as_model
from ...core.progress import Progress
from ...errors import InputError
from ...io.classes import read_classes
from ...io.models import load_model
from ..opening import Opened, open_source


class Telling(Protocol):
    """Where events go."""

    progress: Progress
    show: Callable[[Any], None] | None
    pace: float

    def say(self, event: str, **facts: Any) -> None:
        """One event."""
        ...


class Library:
    """The models by number, loaded at their first use."""

    def __init__(self, specs: list[dict[str, Any]], live: tuple[Any, Any] | None) -> None:
        self.specs, self.live = specs, live
        self._loaded: dict[int, Model] = {}

    @classmethod
    def of(cls, specs: list[dict[str, Any]], live: bytes | None) -> "Library":
        """The library of a plan, the first model loaded.

        Live bytes were pickled by the session that started this process; nothing else ever is.
        """
        library = cls(specs, None if live is None else pickle.loads(live))
        library.model(0)
        return library

    def model(self, number: int) -> Model:
        """The model with this number."""
        if number not in self._loaded:
            self._loaded[number] = self._load(self.specs[number])
        return self._loaded[number]

    def _load(self, spec: dict[str, Any]) -> Model:
        if spec["spec"] is None:
            assert self.live is not None
            return as_model(self.live[0])
        model = load_model(spec["spec"], spec["weights"], spec["trust_pickle"])
        if spec["classes"]:
            model.classes = read_classes(spec["classes"])
        if spec["device"]:
            model.module.to(spec["device"])
        return model


@dataclass(frozen=True)
class Context:
    """One job."""

    library: Library
    folder: Path
    sources: dict[str, Any]
    """How every item that was named is opened."""
    telling: Telling

    def open(self, item: str) -> Opened:
        """An item as `pl.explain` takes it."""
        return open_source(self.sources[item], self.library.live)

    def explanation(self, result: str) -> Explanation:
        """What another job found. Raises `InputError` where it is not finished."""
        path = Path(self.sources[result]["folder"]) / "explanation.npz"
        if not path.is_file():
            raise InputError("This result is not finished.", "Wait for it.")
        return Explanation.load(path)

    def result(self, number: str, partial: bool = False) -> None:
        """Tell that a result was written."""
        self.telling.say("result", number=number, partial=partial)
