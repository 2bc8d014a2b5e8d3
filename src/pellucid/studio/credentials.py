"""Who may talk to the studio: a token, exchanged once for a cookie."""

import hashlib
import hmac
import secrets

LONGEST = 512
"""Letters of a token beyond which it is not even compared."""


class Credentials:
    """The secrets of one start of the studio; they are new every time and never written down."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)

    @property
    def session(self) -> str:
        """The value of the cookie, which is not the token."""
        return self._session

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
