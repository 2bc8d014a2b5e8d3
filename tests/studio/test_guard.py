"""What strangers, other pages and rebound names are told: nothing."""

import re
import socket
from typing import Any

import httpx
import pytest

from pellucid.studio import credentials
from pellucid.studio.app import routes_of
from pellucid.studio.credentials import Credentials
from pellucid.studio.guard import HEADERS, Guard
from studio.door import TOKEN

ROUTES = sorted(
    (method, path)
    for path, verbs in routes_of(None).openapi()["paths"].items()
    for method in (verb.upper() for verb in verbs)
)
IDS = [f"{method} {path}" for method, path in ROUTES]
FILLED = {"dataset": "a", "item": "a", "job": "a", "result": "a.0", "name": "values-0.bin"}
PUBLIC = {("GET", "/"), ("GET", "/assets/{name}"), ("POST", "/login")}


def filled(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda m: FILLED[m[1]], path)


def every_route(app: Any) -> set[tuple[str, str]]:
    """All routes, also those without a description."""
    found = set()
    for route in app.routes:
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", ()
        )
        for one in inner or (route,):
            methods = getattr(one, "methods", None)
            assert methods is not None, f"{one} is no plain route: the guard's test must know it"
            found |= {(m, one.path) for m in methods if m != "HEAD"}
    return found


def test_every_route_is_known_to_this_test() -> None:
    bare = {(m, p.removeprefix("/api/v1")) for m, p in ROUTES}
    hidden = {
        (m, p)
        for m, p in every_route(routes_of(None))
        if (m, p.removeprefix("/api/v1")) not in bare
    }
    assert hidden == PUBLIC | {("GET", "/api/v1/openapi.json")}


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/api/v1/openapi.json")])
def test_without_credentials_every_route_is_closed(door, method, path) -> None:
    answer = door.stranger.request(method, filled(path), json={} if method == "POST" else None)
    assert answer.status_code == 401
    assert set(answer.json()) == {"cause", "remedy"}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=IDS)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_from_another_page_every_route_is_closed(door, method, path, headers) -> None:
    answer = door.client.request(method, filled(path), headers=headers)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_origins_are_compared_whole(door) -> None:
    for origin in (f"{door.base}.evil.example", f"{door.base}/", door.base.upper(), ""):
        assert door.client.post("/api/v1/jobs", headers={"origin": origin}).status_code == 403
    own = door.client.post("/api/v1/jobs", headers={"origin": door.base}, json={})
    assert own.status_code == 422  # let in, and refused for what it says


@pytest.mark.parametrize("verb", ["OPTIONS", "PUT", "PATCH", "TRACE", "NONSENSE"])
def test_other_verbs_are_refused_everywhere(door, verb) -> None:
    foreign = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    for path, status in (("/", 405), ("/api/v1/jobs", 405), ("/nowhere", 404)):
        asked = door.client.request(verb, path, headers=foreign)
        assert asked.status_code == 403
        assert not [name for name in asked.headers if name.startswith("access-control")]
        assert door.client.request(verb, path).status_code == status
    assert door.stranger.request(verb, "/api/v1/jobs").status_code == 401
    assert door.client.request(verb, "/api/v1/jobs").headers["allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/x", "/.git/config"])
def test_what_is_not_there_is_closed_too(door, path) -> None:
    assert door.stranger.get(path).status_code == 401
    assert door.client.get(path).status_code == 404


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example"],
        ["127.0.0.1.evil.example"],
        ["localhost@evil.example"],
        ["0.0.0.0"],
        [""],
        ["127.0.0.1"],
        ["localhost:80:evil.example"],
        ["OWN", "evil.example"],
        [],
    ],
    ids=str,
)
def test_other_hosts_are_refused(door, hosts) -> None:
    own = f"127.0.0.1:{door.server.port}"
    lines = [f"Host: {own if h == 'OWN' else h}" for h in hosts]
    request = "\r\n".join(["GET / HTTP/1.1", *lines, "Connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", door.server.port), 10) as stream:
        stream.sendall(request.encode())
        answer = stream.recv(4000).decode()
    assert answer.startswith("HTTP/1.1 400")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_its_own_names_are_let_in(door, host) -> None:
    answer = door.client.get("/", headers={"host": f"{host}:{door.server.port}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "token", ["", "wrong", "the-token-of-the-test", "x" * 4000, "the-token-of-the-tests ", "töken"]
)
def test_wrong_tokens_are_refused(door, token) -> None:
    answer = door.stranger.get("/", params={"token": token})
    assert "set-cookie" not in answer.headers
    assert door.stranger.post("/login", json={"token": token}).status_code == 401
    try:
        header = {"authorization": f"Bearer {token}".encode()}
        assert door.stranger.get("/api/v1/session", headers=header).status_code == 401
    except httpx.LocalProtocolError:
        assert token != token.strip() or not token  # such a header cannot even be sent


def test_a_token_becomes_a_cookie_and_leaves_the_address(door) -> None:
    answer = door.stranger.get("/", params={"token": door.server.credentials.token, "a": "b"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?a=b"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"pellucid-{door.server.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert door.server.credentials.token not in cookie
    value = cookie.partition(";")[0]
    entered = door.stranger.get("/api/v1/session", headers={"cookie": value})
    assert entered.status_code == 200
    assert door.stranger.get("/api/v1/session", headers={"cookie": value[:-1]}).status_code == 401
    door.stranger.cookies.clear()


def test_what_a_browser_is_started_with_lets_in_once(door, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    door.server.open()
    (address,) = seen
    assert TOKEN not in address
    word = address.partition("token=")[2]
    header = {"authorization": f"Bearer {word}"}
    assert door.stranger.get("/api/v1/session", headers=header).status_code == 401
    assert door.stranger.get(address).status_code == 303
    door.stranger.cookies.clear()
    assert "set-cookie" not in door.stranger.get(address).headers
    monkeypatch.setattr(credentials, "SOON", -1.0)
    door.server.open()
    assert "set-cookie" not in door.stranger.get(seen[-1]).headers


def test_secrets_are_new_at_every_start() -> None:
    first, second = Credentials(), Credentials()
    assert len({first.token, first.session, second.token, second.session}) == 4
    assert not first.is_token(first.session)
    assert not first.is_session("")


def test_a_link_from_another_page_opens_the_page_alone(door) -> None:
    visit = {
        "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document",
    }  # fmt: skip
    assert door.stranger.get("/", headers=visit).status_code == 200
    assert door.client.get("/api/v1/session", headers=visit).status_code == 403
    framed = {**visit, "sec-fetch-dest": "iframe"}
    assert door.stranger.get("/", headers=framed).status_code == 403


@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/nowhere", "/api/v1/jobs/none"])
@pytest.mark.parametrize("let_in", [True, False])
def test_every_answer_has_the_safe_headers(door, path, let_in) -> None:
    answer = (door.client if let_in else door.stranger).get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def told(door, head: str, body: bytes) -> str:
    """The first line of the answer to a request of which only a part is sent."""
    lines = [head, f"Host: 127.0.0.1:{door.server.port}", f"Authorization: Bearer {TOKEN}"]
    with socket.create_connection(("127.0.0.1", door.server.port), 10) as stream:
        stream.sendall("\r\n".join(lines).encode() + b"\r\n" + body)
        return stream.recv(200).decode().partition("\r\n")[0]


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/api/v1/jobs", "1048577", 413),
        ("/api/v1/uploads?name=a.png", "67108865", 413),
        ("/api/v1/jobs", "9" * 18, 413),
        ("/api/v1/jobs", "9" * 40, 400),
        ("/api/v1/jobs", "-1", 400),
        ("/api/v1/jobs", "ten", 400),
    ],
)
def test_large_bodies_are_refused_before_they_are_sent(door, path, length, status) -> None:
    head = f"POST {path} HTTP/1.1\r\nContent-Length: {length}"
    assert told(door, head, b"\r\n").startswith(f"HTTP/1.1 {status}")


def test_endless_bodies_are_cut_off(door) -> None:
    head = (
        "POST /api/v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert told(door, head, b"\r\n" + chunk * 17).startswith("HTTP/1.1 413")


def test_deep_nesting_is_refused(door) -> None:
    body = b'{"kind": "explain", "item": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = door.client.post(
        "/api/v1/explanations", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)


def test_a_plain_form_cannot_start_a_job(door) -> None:
    body = b'{"kind": "predict", "item": "a"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = door.client.post("/api/v1/jobs", content=body, headers={"content-type": kind})
        assert answer.status_code == 422
    assert door.client.post("/api/v1/jobs/a/cancel").status_code == 422


def test_reading_changes_nothing(door) -> None:
    before = door.get("/jobs")
    for method, path in ROUTES:
        if method == "GET" and not path.endswith("/events"):
            door.client.get(filled(path))
    assert door.get("/jobs") == before


def test_listeners_are_bounded(door) -> None:
    from pellucid.studio.events import MOST_LISTENERS

    streams = [door.client.stream("GET", "/api/v1/events") for _ in range(MOST_LISTENERS)]
    try:
        statuses = [stream.__enter__().status_code for stream in streams]
        assert set(statuses) == {200}
        assert door.client.get("/api/v1/events").status_code == 429
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)


def test_it_listens_on_this_machine_alone(door) -> None:
    assert door.server._socket.getsockname()[0] == "127.0.0.1"
    with pytest.raises(OSError, match=r".*"):
        socket.create_connection((_own_address(), door.server.port), 0.5).close()


def _own_address() -> str:
    """This machine as others see it; a name of nobody where it has no other address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "192.0.2.1"
        return str(probe.getsockname()[0])


def test_sockets_are_closed_before_they_open() -> None:
    import asyncio

    sent = []

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        guard = Guard(routes_of(None), Credentials("t"), 1)
        await guard({"type": "websocket", "path": "/", "headers": []}, None, send)

    asyncio.run(run())
    assert sent == [{"type": "websocket.close", "code": 1008}]
