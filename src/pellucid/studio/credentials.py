"""Who may talk to the studio: a token, exchanged once for a cookie."""

import hashlib
import hmac
import secrets
import time

LONGEST = 512
"""Letters of a token beyond which it is not even compared."""

SOON = 120.0
"""Seconds that a browser has to open the page."""


class Credentials:
    """The secrets of one start of the studio; they are new every time and never written down."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self._once: tuple[str, float] | None = None

    @property
    def session(self) -> str:
        """The value of the cookie, which is not the token."""
        return self._session

    def once(self) -> str:
        """A word that stands for the token once and soon.

        Every user of the machine can read how a browser was started, and with which address.
        """
        self._once = (secrets.token_urlsafe(32), time.monotonic() + SOON)
        return self._once[0]

    def spend(self, given: str) -> bool:
        """Whether `given` is that word, in time and for the first time."""
        if self._once is None or not _same(given, self._once[0]):
            return False
        in_time = time.monotonic() < self._once[1]
        self._once = None
        return in_time

    def is_token(self, given: str) -> bool:
        """Whether `given` is the token; takes as long for any answer."""
        return _same(given, self.token)

    def is_session(self, given: str) -> bool:
        """Whether `given` is the cookie's value."""
        return _same(given, self._session)


def cookie_name(port: int) -> str:
    """Browsers share cookies between ports, so the name carries it."""
    return f"pellucid-{port}"


def cookie(port: int, value: str) -> str:
    """The header that sets the cookie."""
    return f"{cookie_name(port)}={value}; Path=/; HttpOnly; SameSite=Strict"


def _same(given: str, wanted: str) -> bool:
    if not given or len(given) > LONGEST:
        return False
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, wanted))
    return hmac.compare_digest(*digests)
