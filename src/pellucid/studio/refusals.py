"""What the server refuses, by the status that HTTP has for it."""

from ..errors import InputError


class Missing(InputError):
    """What a request names is not there: 404."""


class NotEnded(InputError):
    """It cannot be done while a job waits or runs: 409."""


class Busy(InputError):
    """There is more to do already than is taken: 429."""


def status_of(error: Exception) -> int:
    """The status of the answer; 422 for what is wrong in the request itself."""
    found = {Missing: 404, NotEnded: 409, Busy: 429}
    return next((status for kind, status in found.items() if isinstance(error, kind)), 422)
