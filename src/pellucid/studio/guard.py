"""Stands before the whole application and refuses what does not come from the studio's own page.

Checked on every request, whatever its verb or address: Host, Origin, Sec-Fetch-Site, credentials,
the size of the body. Everything is refused unless it is allowed here.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .credentials import Credentials, cookie_name

MEGABYTE = 2**20
LARGEST_BODY = MEGABYTE
LARGEST_UPLOAD = 64 * MEGABYTE
UPLOADS = "/api/v1/uploads"
BODY_SECONDS = 60.0
"""In which the whole body of a request has to have come."""

READING = ("GET", "HEAD")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True)
class Refusal:
    """An answer instead of the application's."""

    status: int
    cause: str
    remedy: str


class TooMuch(Exception):
    """The body grew beyond what is allowed, or came too slowly, while it was read."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.cause)
        self.refusal = refusal


class Guard:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, credentials: Credentials, port: int) -> None:
        self.app, self.credentials, self.port = app, credentials, port
        self.hosts = frozenset((f"127.0.0.1:{port}", f"localhost:{port}"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a refusal."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        answering = _with_headers(send)
        refusal = self._refusal(scope)
        if refusal is not None:
            await _answer(answering, refusal)
            return
        bounded = _Bounded(receive, answering, _largest(scope["path"]))
        try:
            await self.app(scope, bounded.receive, bounded.send)
        except TooMuch as error:
            await bounded.refuse(error.refusal)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        return (
            self._wrong_host(headers)
            or self._wrong_origin(scope, headers)
            or self._wrong_body(scope, headers)
            or self._no_credentials(scope, headers)
        )

    def _wrong_host(self, headers: Headers) -> Refusal | None:
        hosts = headers.getlist("host")
        if len(hosts) == 1 and hosts[0].lower() in self.hosts:
            return None
        return Refusal(
            400,
            "The request is not addressed to this studio.",
            f"Open http://127.0.0.1:{self.port}; from another machine, forward the same port: "
            f"ssh -L {self.port}:127.0.0.1:{self.port} HOST.",
        )

    def _wrong_origin(self, scope: Scope, headers: Headers) -> Refusal | None:
        foreign = Refusal(403, "The request comes from another page.", "Use the studio's own page.")
        origins = headers.getlist("origin")
        own = f"http://{headers['host'].lower()}"
        if len(origins) > 1 or (origins and origins[0] != own):
            return foreign
        site = headers.get("sec-fetch-site")
        if site in (None, "same-origin"):
            return None
        reading = scope["method"] in READING
        if site == "none":  # typed or pasted into the address bar
            return None if reading else foreign
        visiting = headers.get("sec-fetch-mode") == "navigate"
        document = headers.get("sec-fetch-dest") == "document"
        if reading and visiting and document and scope["path"] == "/":
            return None  # a link to the page; it shows nothing without the cookie
        return foreign

    def _wrong_body(self, scope: Scope, headers: Headers) -> Refusal | None:
        largest = _largest(scope["path"])
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return Refusal(400, "The length of the request is no number.", "Send it again.")
        if len(length) > 18 or int(length) > largest:
            return _too_large(largest)
        return None

    def _no_credentials(self, scope: Scope, headers: Headers) -> Refusal | None:
        path = scope["path"]
        if path == "/login" and scope["method"] == "POST":
            return None
        if (path == "/" or path.startswith("/assets/")) and scope["method"] in READING:
            return None
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self.credentials.is_token(token):
            return None
        if any(self.credentials.is_session(value) for value in self._cookies(headers)):
            return None
        return Refusal(
            401,
            "This browser has not been let in.",
            "Open the address that `pellucid studio` printed; it is new at every start.",
        )

    def _cookies(self, headers: Headers) -> list[str]:
        try:
            jar = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return []
        found = jar.get(cookie_name(self.port))
        return [] if found is None else [found.value]


def _largest(path: str) -> int:
    return LARGEST_UPLOAD if path == UPLOADS else LARGEST_BODY


def _too_large(largest: int) -> Refusal:
    return Refusal(
        413,
        f"The request is larger than {largest // MEGABYTE} MB.",
        "Open large files by their path: pellucid studio FOLDER.",
    )


_TOO_SLOW = Refusal(
    408,
    "The request took too long to send.",
    "Send it again; open large files by their path: pellucid studio FOLDER.",
)


class _Bounded:
    """A body that is read no further and no longer than allowed, whatever becomes of it then."""

    def __init__(self, receive: Receive, send: Send, largest: int) -> None:
        self._receive, self._send, self._largest = receive, send, largest
        self._seen = 0
        self._whole = False
        self._refusal: Refusal | None = None
        self._started = False
        self._end = time.monotonic() + BODY_SECONDS

    async def receive(self) -> Message:
        """The next part of the body. Raises `TooMuch`."""
        if self._whole:  # what is waited for now is the end of the connection
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._end - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise self._too_much(_TOO_SLOW) from None
        self._whole = not message.get("more_body", False)
        self._seen += len(message.get("body", b""))
        if self._seen > self._largest:
            raise self._too_much(_too_large(self._largest))
        return message

    def _too_much(self, refusal: Refusal) -> TooMuch:
        self._refusal = refusal
        return TooMuch(refusal)

    async def send(self, message: Message) -> None:
        """The application's answer, or the refusal instead of it."""
        if self._refusal is not None:
            await self.refuse(self._refusal)
            return
        self._started = True
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with the refusal, once."""
        if not self._started:
            self._started = True
            await _answer(self._send, refusal)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given: list[Any] = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [
                (name.encode(), value.encode())
                for name, value in HEADERS.items()
                if name.encode() not in names
            ]
            message = {**message, "headers": given}
        await send(message)

    return sending


async def _answer(send: Send, refusal: Refusal) -> None:
    body = json.dumps({"cause": refusal.cause, "remedy": refusal.remedy}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
