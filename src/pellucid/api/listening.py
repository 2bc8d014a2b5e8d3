"""What a caller gave for `progress`, as a `Progress`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..core.progress import Event, Progress
from ..errors import ParameterError
from ..render.progress import ProgressBar


@contextmanager
def listening(progress: Progress | Callable[[Event], None] | bool) -> Iterator[Progress]:
    """True for a bar, a function of events, or a `Progress`, which can cancel."""
    if progress is True:
        with ProgressBar() as bar:
            yield Progress(bar)
    elif isinstance(progress, Progress):
        yield progress
    elif not progress or callable(progress):
        yield Progress(progress or None)
    else:
        raise ParameterError(
            f"progress={progress!r} is no listener.", "Give True, a function, or a pl.Progress."
        )
