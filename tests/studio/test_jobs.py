"""Jobs end as they should, whatever happens to them or to the server."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pytest

import pellucid as pl
from pellucid.studio.events import Hub
from pellucid.studio.requests import LANES
from pellucid.studio.store import MOST_ATTEMPTS, Job, Store
from pellucid.studio.work import doer
from studio.door import TOKEN, Door, until


def first(door: Door) -> str:
    door.ready()
    return door.items()[0]["id"]


LONG = {"name": "rise", "params": {"n_masks": 100_000, "tolerance": 0}}
"""A method that is still at it when somebody cancels, however fast the machine."""


def explain(door: Door, item: str, *methods: str | dict, **more: object) -> dict:
    asked = {
        "kind": "explain",
        "item": item,
        "methods": [{"name": one} if isinstance(one, str) else one for one in methods],
        **more,
    }
    return door.post("/explanations", asked)


def test_results_are_what_the_library_gives(door, place) -> None:
    item = first(door)
    cells = explain(door, item, "grad_cam", "occlusion", targets=[None, 1])["cells"]
    assert door.ended(cells[0]["job"])["state"] == "done"
    model = pl.load_model(f"{place / 'tiny.py'}:build")
    name = door.get(f"/items/{item}")["name"]
    for cell in cells:
        method, target = ("grad_cam", "occlusion")[cell["method"]], (None, 1)[cell["target"]]
        wanted = pl.explain(model, str(place / "photos" / name), method, target=target)
        view = door.get(f"/results/{cell['result']}")
        info = view["arrays"]["values"]
        raw = door.client.get(f"/api/v1/results/{cell['result']}/arrays/{info['file']}").content
        found = np.frombuffer(raw, "<f4").reshape(info["shape"])
        wanted_values = wanted.values[0]
        np.testing.assert_array_equal(found, wanted_values)
        assert view["target"] == wanted.target[0]
        assert [c["name"] for c in view["checks"]] == [c.name for c in wanted.checks]
        assert view["partial"] is False
        assert f"target={target}" in view["snippet"] or target is None


def test_every_kind_of_work_has_its_home() -> None:
    kinds = [kind for lane in LANES.values() for kind in lane]
    assert all(doer(kind).__name__ == kind for kind in kinds)


@pytest.mark.slow
def test_the_same_is_computed_once(door) -> None:
    item = first(door)
    once = explain(door, item, "layer_cam", seed=7)
    door.ended(once["jobs"][0]["id"])
    count = len(door.get("/jobs"))
    again = explain(door, item, "layer_cam", "eigen_cam", seed=7)
    assert again["cells"][0] == once["cells"][0]
    assert again["cells"][1]["job"] != once["cells"][0]["job"]
    assert len(door.get("/jobs")) == count + 1
    other = explain(door, item, "layer_cam", seed=8)
    assert other["cells"][0]["result"] != once["cells"][0]["result"]


@pytest.mark.slow
def test_a_refusal_is_a_result_with_its_reason(door) -> None:
    cells = explain(door, first(door), "deeplift_of_nobody", "grad_cam")["cells"]
    job = door.ended(cells[0]["job"])
    assert job["state"] == "done"
    view = door.get(f"/results/{cells[0]['result']}")
    assert view["kind"] == "refused"
    assert "deeplift_of_nobody" in view["cause"]
    assert door.get(f"/results/{cells[1]['result']}")["kind"] == "image"


@pytest.mark.slow
def test_wrong_parameters_say_what_is_wrong(door) -> None:
    asked = {
        "kind": "explain",
        "item": first(door),
        "methods": [{"name": "rise", "params": {"n_mask": 3}}],
    }
    cell = door.post("/explanations", asked)["cells"][0]
    door.ended(cell["job"])
    assert "n_masks" in door.get(f"/results/{cell['result']}")["remedy"]


@pytest.mark.slow
def test_events_are_told_and_told_again(door) -> None:
    item = first(door)
    seen: list[str] = []

    def listen(until_done: str, **how: dict) -> None:
        with door.client.stream("GET", "/api/v1/events", **how) as stream:
            for line in stream.iter_lines():
                seen.append(line)
                if until_done in line and '"state": "done"' in line:
                    return

    once = door.job(kind="layers", item=item)["id"]  # others may have asked for it before
    last = door.get("/session")["event"]
    job = door.post(f"/jobs/{once}/again")["id"]
    door.ended(job)
    listen(job, headers={"last-event-id": str(last)})
    numbers = [int(line.split(":")[1]) for line in seen if line.startswith("id:")]
    assert numbers == list(range(last + 1, last + 1 + len(numbers)))
    assert any('"state": "queued"' in line for line in seen)
    assert any('"state": "running"' in line for line in seen)
    first_time = list(seen)
    seen.clear()
    listen(job, params={"after": last})  # a page that has just been opened knows no last event
    assert seen == first_time


def test_a_listener_that_missed_too_much_starts_anew() -> None:
    import asyncio

    hub = Hub(first=1)
    for k in range(5000):
        hub.tell("job", {"k": k})

    async def first_of(after: int) -> str:
        async for told in hub.listen(after):
            return told.name
        return ""

    assert asyncio.run(first_of(10)) == "reset"
    assert asyncio.run(first_of(4999)) == "job"
    assert asyncio.run(first_of(999_999)) == "reset"  # it listened to a later server


@pytest.fixture(scope="module")
def slow(opened) -> Door:
    return opened("slow")


@pytest.mark.slow
def test_cancel_stops_the_work_and_keeps_what_there_is(slow) -> None:
    item = first(slow)
    job = explain(slow, item, "gradient", LONG)["jobs"][0]["id"]
    until(lambda: slow.get(f"/jobs/{job}"), lambda j: j["done"] > 0 and "0" in j["results"])
    slow.post(f"/jobs/{job}/cancel")
    ended = slow.ended(job)
    assert ended["state"] == "cancelled"
    assert ended["results"] == ["0"]
    assert slow.get(f"/results/{job}.0")["kind"] == "image"
    assert slow.post(f"/jobs/{job}/cancel")["state"] == "cancelled"
    assert slow.job(kind="predict", item=item)["state"] == "done"


@pytest.mark.slow
def test_cancel_of_what_waits(slow) -> None:
    item = first(slow)
    running = explain(slow, item, LONG, seed=5)["jobs"][0]["id"]
    waiting = explain(slow, item, LONG, seed=6)["jobs"][0]["id"]
    assert slow.post(f"/jobs/{waiting}/cancel")["state"] == "cancelled"
    slow.post(f"/jobs/{running}/cancel")
    slow.ended(running)
    assert slow.client.post("/api/v1/jobs/unknown/cancel", json={}).status_code == 404


@pytest.mark.slow
def test_a_crash_hits_the_job_and_not_the_server(opened) -> None:
    door = opened("dies")
    item = first(door)
    job = door.job(kind="predict", item=item)
    assert job["state"] == "failed"
    assert "code 7" in job["cause"]
    assert door.get("/session")["ready"]


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_is_told(opened) -> None:
    door = opened("no_such_factory")
    problem = door.ready()["problem"]
    assert "no_such_factory" in problem["cause"]


@pytest.mark.slow
def test_an_ended_job_can_be_run_again_and_cleared(door) -> None:
    item = first(door)
    job = door.job(kind="predict", item=item)
    other = door.post(f"/jobs/{job['id']}/again")
    assert other["id"] != job["id"]
    door.ended(other["id"])
    assert door.client.delete(f"/api/v1/jobs/{other['id']}").status_code == 200
    assert door.client.get(f"/api/v1/jobs/{other['id']}").status_code == 404
    assert door.client.get(f"/api/v1/results/{other['id']}.0").status_code == 404


def test_a_second_studio_on_the_same_folder_is_refused(door, place) -> None:
    from pellucid.studio.server import Server
    from studio.door import options

    with pytest.raises(pl.FileError, match="Another studio"):
        Server(options(place, "build", door.server.studio.store.folder))


def test_what_was_interrupted_is_put_right(tmp_path) -> None:
    store = Store(tmp_path)

    def put(name: str, state: str, attempts: int) -> None:
        store.put(Job(name, "predict", "", {}, state, time.time(), "", attempts=attempts))  # type: ignore[arg-type]

    for name, state, attempts in [
        ("waits", "queued", 0), ("ran", "running", 1), ("poison", "running", MOST_ATTEMPTS),
        ("stops", "cancelling", 1), ("done", "done", 1), ("gone", "cancelled", 0),
    ]:  # fmt: skip
        put(name, state, attempts)
    store.recover()
    states = {job.id: job.state for job in store.jobs()}
    assert states == {
        "waits": "queued", "ran": "queued", "poison": "failed", "stops": "cancelled",
        "done": "done", "gone": "cancelled",
    }  # fmt: skip


SERVE = """
import sys
from pathlib import Path
from pellucid.studio.plan import ModelSpec
from pellucid.studio.server import Options, Server

place, work, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
spec = ModelSpec("build", f"{place / 'tiny.py'}:build")
Server(Options((spec,), (place / "photos",), port=port, work=work, token=sys.argv[4])).run()
"""


@pytest.mark.slow
def test_nothing_is_lost_when_the_server_is_killed(place, tmp_path) -> None:
    port = 17391

    def start() -> subprocess.Popen[bytes]:
        words = [str(place), str(tmp_path / "work"), str(port), TOKEN]
        return subprocess.Popen([sys.executable, "-c", SERVE, *words])

    def get(path: str) -> object:
        headers = {"authorization": f"Bearer {TOKEN}"}
        try:
            return httpx.get(f"http://127.0.0.1:{port}/api/v1{path}", headers=headers).json()
        except httpx.TransportError:
            return None

    def post(path: str, body: object) -> dict:
        headers = {"authorization": f"Bearer {TOKEN}"}
        address = f"http://127.0.0.1:{port}/api/v1{path}"
        return httpx.post(address, headers=headers, json=body, timeout=30).json()

    server = start()
    try:
        session = until(lambda: get("/session"), lambda s: s and s["ready"])
        item = session["first"]
        asked = [{"kind": "explain", "item": item, "methods": [{"name": "gradient"}], "seed": k}
                 for k in range(100)]  # fmt: skip
        jobs = [post("/jobs", one)["id"] for one in asked]
        for job in reversed(jobs[80:]):  # they wait: every job is seconds of loading a model
            assert post(f"/jobs/{job}/cancel", {})["state"] == "cancelled"
        until(lambda: get("/jobs"), lambda all_: sum(j["state"] == "done" for j in all_) >= 3)
        before = {job["id"]: job for job in get("/jobs")}
        os.kill(server.pid, signal.SIGKILL)
        server.wait()

        server = start()
        until(lambda: get("/session"), lambda s: s and s["ready"])
        after = {job["id"]: job for job in get("/jobs")}
        assert after.keys() == before.keys()
        for name, job in before.items():
            if job["state"] in ("done", "cancelled"):
                assert after[name]["state"] == job["state"]
                assert after[name]["results"] == job["results"]
            else:
                assert after[name]["state"] in ("queued", "running", "done")
        for name in jobs[20:]:
            post(f"/jobs/{name}/cancel", {})
        ended = ("done", "cancelled", "failed")
        until(lambda: get("/jobs"), lambda a: all(j["state"] in ended for j in a), 300)
        final = {job["id"]: job for job in get("/jobs")}
        assert {j["state"] for j in final.values()} == {"done", "cancelled"}
        assert all(final[name]["state"] == "done" for name in jobs[:20])
        for job in final.values():
            if job["state"] == "done":
                assert get(f"/results/{job['id']}.0")["kind"] == "image"
    finally:
        server.kill()
        server.wait()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_processes_end_with_the_server(place, tmp_path) -> None:
    words = [str(place), str(tmp_path / "work"), "0", TOKEN]
    server = subprocess.Popen([sys.executable, "-c", SERVE, *words])
    children = until(lambda: _children(server.pid), lambda found: len(found) > 0)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    until(lambda: [pid for pid in children if _lives(pid)], lambda left: not left, 30)


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_hub_takes_events_from_many_threads() -> None:
    hub = Hub()
    threads = [
        threading.Thread(target=lambda: [hub.tell("job", {}) for _ in range(200)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hub.last == 1600
    assert [told.number for told in hub._kept] == list(range(1, 1601))
