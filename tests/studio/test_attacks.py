"""What is sent to break in, to wear down or to spoil, over the wire; the guard's own rules are
tested in `test_guard`, files in `test_files`."""

import socket
from contextlib import contextmanager

import pytest

from pellucid.studio import guard, patience
from studio.door import TOKEN, until

JSON = {"content-type": "application/json"}


@contextmanager
def line_to(door):
    with socket.create_connection(("127.0.0.1", door.server.port), 10) as stream:
        yield stream


def raw(door, *lines: str, token: str | None = TOKEN) -> str:
    """The answer to a request that no client would send."""
    own = [f"Host: 127.0.0.1:{door.server.port}"]
    own += [] if token is None else [f"Authorization: Bearer {token}"]
    with line_to(door) as stream:
        request = [lines[0], *own, *lines[1:], "Connection: close", "", ""]
        stream.sendall("\r\n".join(request).encode())
        parts = iter(lambda: stream.recv(65536), b"")
        return b"".join(parts).decode("utf-8", "replace")


# --- the network


@pytest.mark.parametrize("path", ["/", "/api/v1/events", "/api/v1/jobs"])
def test_no_socket_is_upgraded(door, path) -> None:
    wish = (
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: YWFhYWFhYWFhYWFhYWFhYQ==",
    )
    answer = raw(door, f"GET {path} HTTP/1.1", "Origin: http://evil.example", *wish)
    assert answer.startswith("HTTP/1.1 403")
    assert "101 Switching" not in raw(door, "GET / HTTP/1.1", *wish, token=None)


def test_a_head_that_never_ends_is_hung_up_on(door, monkeypatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    own = f"Host: 127.0.0.1:{door.server.port}\r\n".encode()
    for beginning in (b"", b"GET / HT", b"GET / HTTP/1.1\r\n" + own + b"X: "):
        with line_to(door) as stream:
            stream.sendall(beginning)
            assert stream.recv(100) == b""


def test_a_second_head_on_the_same_line_has_to_end_too(door, monkeypatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    own = f"GET /assets/none HTTP/1.1\r\nHost: 127.0.0.1:{door.server.port}\r\n".encode()
    with line_to(door) as stream:
        stream.sendall(own + b"\r\n")
        answer = b""
        while not answer.endswith(b"}"):
            answer += stream.recv(4000)
        assert answer.startswith(b"HTTP/1.1 404")
        stream.sendall(own)
        assert stream.recv(100) == b""


def test_a_body_that_never_comes_is_not_waited_for(door, monkeypatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.2)
    answer = raw(door, "POST /api/v1/uploads?name=a.png HTTP/1.1", "Content-Length: 1000",
                 "Content-Type: application/octet-stream")  # fmt: skip
    assert answer.startswith("HTTP/1.1 408")


def test_many_ranges_are_no_work(door) -> None:
    name = next(part for part in door.client.get("/").text.split('"') if part.endswith(".js"))
    size = len(door.client.get(name).content)
    ranges = ",".join("0-" for _ in range(5000))
    answer = door.client.get(name, headers={"range": f"bytes={ranges}"})
    assert len(answer.content) <= 2 * size


def test_the_line_is_not_kept_after_a_refusal(door) -> None:
    assert "connection: close" in raw(door, "GET /api/v1/session HTTP/1.1", token=None).lower()


# --- addresses and names


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../index.html",
        "/assets/..%2findex.html",
        "/assets/%2e%2e%2f%2e%2e%2fapp.py",
        "/assets/..%5c..%5capp.py",
        "/assets/%252e%252e%252fapp.py",
        "/assets//etc/passwd",
        "/assets/C:%5cwindows%5cwin.ini",
        "/assets/%5c%5chost%5cshare",
        "/assets/a%00.js",
        "/api/v1/items/..%2f..%2f..%2fetc%2fpasswd",
        "/api/v1/items/%2fetc%2fpasswd/thumbnail",
        "/api/v1/results/..%2f..%2fjobs-1.sqlite",
        "/api/v1/results/a.0/arrays/..%2fview.json",
        "/api/v1/results/a.0/arrays/values-0.bin%00.png",
        "/api/v1/jobs/..%2f..%2f../log",
        "/api/v1/datasets/%ff%fe/items",
        f"/api/v1/items/{'x' * 5000}",
    ],
)
def test_addresses_lead_nowhere_else(door, path) -> None:
    answer = raw(door, f"GET {path} HTTP/1.1")
    assert answer.split()[1] in ("400", "404", "422")
    assert "root:" not in answer
    assert "SQLite" not in answer


@pytest.mark.parametrize(
    "item",
    [
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/",
        "//host/share/a.png",
        "/etc/passwd",
        "2130706433",
        "a/../b",
    ],
)
def test_nothing_is_fetched_for_a_name(door, item) -> None:
    asked = {"kind": "predict", "item": item}
    assert door.client.post("/api/v1/jobs", json=asked).status_code in (404, 422)


@pytest.mark.parametrize(
    "more",
    [{"trust_pickle": True}, {"weights": "/tmp/x.pt"}, {"spec": "os:system"}, {"device": "cuda"}],
    ids=str,
)
def test_the_page_cannot_choose_what_code_runs(door, more) -> None:
    item = door.items()[0]["id"]
    asked = {"kind": "predict", "item": item, **more}
    assert door.client.post("/api/v1/jobs", json=asked).status_code == 422


# --- what is asked for


@pytest.mark.parametrize(
    "params",
    [
        '{"x": NaN}',
        '{"x": Infinity}',
        '{"x": 1e999}',
        '{"x": ' + "9" * 5000 + "}",
        '{"x": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"x": ' + "[" * 900 + "]" * 900 + "}",
        '{"_target_": "os.system", "_args_": ["true"]}',
        '{"layer": {"__class__": "a"}}',
    ],
    ids=[
        "nan",
        "infinity",
        "1e999",
        "digits",
        "surrogate",
        "surrogate name",
        "nested",
        "target",
        "class",
    ],
)
def test_odd_parameters_spoil_nothing(door, params) -> None:
    item = door.items()[0]["id"]
    methods = f'[{{"name": "gradient", "params": {params}}}]'
    body = f'{{"kind": "explain", "item": "{item}", "methods": {methods}}}'
    answer = door.client.post("/api/v1/explanations", content=body.encode(), headers=JSON)
    assert answer.status_code in (202, 400, 422), answer.text
    for job in door.get("/jobs"):  # the list can still be written and read
        if job["state"] in ("queued", "running"):
            door.client.post(f"/api/v1/jobs/{job['id']}/cancel", json={})
    until(lambda: door.get("/jobs"), lambda jobs: not [j for j in jobs if j["state"] == "running"])


@pytest.mark.parametrize(
    "fields",
    [
        {"seed": -1}, {"seed": 2**31}, {"seed": 1e308}, {"seed": "1; DROP TABLE jobs"},
        {"targets": []}, {"targets": [-1]}, {"targets": [None] * 17}, {"space": "x"},
        {"methods": []}, {"methods": [{"name": ""}]}, {"unknown": 1}, {"model": 10**9},
    ],
    ids=str,
)  # fmt: skip
def test_values_out_of_bounds_are_named(door, fields) -> None:
    item = door.items()[0]["id"]
    asked = {"kind": "explain", "item": item, "methods": [{"name": "gradient"}], **fields}
    answer = door.client.post("/api/v1/explanations", json=asked)
    assert answer.status_code in (404, 422)
    assert set(answer.json()) == {"cause", "remedy"}


@pytest.mark.parametrize(
    "name", ["a.zip", "a.tar", "a.png.exe", "a.pkl", "a.npz", "a.html", "a.dcm"]
)
def test_only_pictures_and_plain_arrays_are_uploaded(door, name) -> None:
    headers = {"content-type": "application/octet-stream"}
    answer = door.client.post(
        "/api/v1/uploads", params={"name": name}, content=b"PK", headers=headers
    )
    assert answer.status_code == 422
    assert name in answer.json()["cause"]


def test_an_item_whose_file_went_away_is_missing(opened, place, tmp_path) -> None:
    from studio.door import pictures

    folder = pictures(tmp_path / "photos")
    door = opened("build", None, folder)
    door.ready()
    item = door.items()[0]
    (folder / item["name"]).unlink()
    asked = {"kind": "explain", "item": item["id"], "methods": [{"name": "gradient"}]}
    answer = door.client.post("/api/v1/explanations", json=asked)
    assert answer.status_code == 404
    assert door.client.get(f"/api/v1/items/{item['id']}/thumbnail").status_code == 404


# --- what is written down


def test_no_secret_is_written_down(door) -> None:
    door.stranger.get("/", params={"token": TOKEN})
    door.stranger.post("/login", json={"token": TOKEN})
    door.stranger.cookies.clear()
    door.ready()
    secrets = [TOKEN.encode(), door.server.credentials.session.encode()]
    for path in door.server.studio.store.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret in content], path


def test_a_line_break_makes_no_line_in_a_log(door) -> None:
    item = door.items()[0]["id"]
    name = 'a\n{"event": "done", "cause": "forged"}\x1b[2J'
    asked = {"kind": "explain", "item": item, "methods": [{"name": name}]}
    cell = door.post("/explanations", asked)["cells"][0]
    door.ended(cell["job"])
    events = door.get(f"/jobs/{cell['job']}/log")["events"]
    assert events
    assert not [event for event in events if event.get("cause") == "forged"]


def test_the_folder_of_jobs_is_its_owners_alone(door) -> None:
    folder = door.server.studio.store.folder
    assert folder.stat().st_mode & 0o077 == 0


def test_children_do_not_learn_the_token(monkeypatch) -> None:
    from pellucid.studio import process

    monkeypatch.setenv(process.TOKEN, TOKEN)
    assert TOKEN not in process.environment().values()
