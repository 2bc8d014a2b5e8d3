"""Which result answers which question, so that nothing is computed twice."""

import json
from typing import Any

from pydantic import ValidationError

from .requests import Explain, Strict
from .store import Store

Place = tuple[str, str]
"""A job, and the number of a result in it."""


class CellIndex:
    """Results of explanations by everything they depend on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._places: dict[str, Place] = {}

    def remember(self) -> None:
        """Take in the results of earlier starts."""
        for job in reversed(self._store.jobs()):
            if job.kind != "explain":
                continue
            try:
                asked = Explain.model_validate(job.asked)
            except ValidationError:
                continue  # asked in the words of another version
            each = len(asked.targets)
            for number in map(int, job.results):
                self.note(job.stamp, asked, number // each, number % each, (job.id, str(number)))

    def note(self, stamp: str, asked: Explain, method: int, target: int, place: Place) -> None:
        """The result of this method for this target is, or will be, in this place."""
        self._places[_key(stamp, asked, method, target)] = place

    def known(self, stamp: str, asked: Explain, method: int, target: int) -> Place | None:
        """Where the result is or will be; None where it has to be computed."""
        found = self._places.get(_key(stamp, asked, method, target))
        job = None if found is None else self._store.get(found[0])
        if found is None or job is None:
            return None
        under_way = job.state in ("queued", "running")
        return found if under_way or found[1] in job.results else None

    def forget(self, job: str) -> None:
        """A job and its results are gone."""
        self._places = {key: place for key, place in self._places.items() if place[0] != job}


def _key(stamp: str, asked: Explain, method: int, target: int) -> str:
    one = asked.targets[target]
    parts: tuple[Any, ...] = (
        stamp,
        asked.model,
        asked.item,
        asked.methods[method].model_dump(mode="json"),
        one.model_dump() if isinstance(one, Strict) else one,
        asked.space,
        asked.seed,
    )
    return json.dumps(parts, sort_keys=True)
