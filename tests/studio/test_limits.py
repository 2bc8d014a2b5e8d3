"""What takes too much is ended; the studio goes on and says why."""

import os
import signal
import sys

import pytest

from pellucid.studio import nursery
from pellucid.studio.plan import Limits
from studio.door import Door, until

pytestmark = pytest.mark.slow


def failed(door: Door) -> dict:
    door.ready()
    job = door.job(kind="predict", item=door.items()[0]["id"])
    assert job["state"] == "failed"
    assert door.get("/session")["ready"]
    return job


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
def test_memory_that_runs_out_fails_the_job(opened) -> None:
    job = failed(opened("hungry", limits=Limits(memory=4 * 2**30)))
    assert job["cause"] == "The memory ran out."
    assert "--job-memory" in job["remedy"]


def test_time_that_runs_out_fails_the_job(opened) -> None:
    job = failed(opened("stuck", limits=Limits(seconds=1.2)))
    assert job["cause"] == "The job took longer than 0.02 minutes."
    assert "--job-minutes" in job["remedy"]


def test_a_model_that_hangs_can_be_cancelled(opened) -> None:
    door = opened("stuck")
    door.ready()
    asked = {"kind": "predict", "item": door.items()[0]["id"]}
    job = door.post("/jobs", asked)["id"]
    until(lambda: door.get(f"/jobs/{job}"), lambda j: j["state"] == "running")
    door.post(f"/jobs/{job}/cancel")
    assert door.ended(job)["state"] == "cancelled"


def test_a_waiting_process_that_is_ended_is_started_anew(door) -> None:
    door.ready()
    scheduler = door.server.studio.scheduler
    spare = until(lambda: scheduler._spare, lambda found: found is not None)
    spare.kill()
    spare.wait(10)
    assert door.job(kind="layers", item=door.items()[1]["id"])["state"] == "done"
    assert door.get("/session")["problem"] is None


def test_a_job_whose_data_went_away_fails_and_the_next_one_runs(opened, tmp_path) -> None:
    from studio.door import pictures

    door = opened("slow", None, pictures(tmp_path / "photos"))
    door.ready()
    first, second, third = (item["id"] for item in door.items()[:3])
    post = [{"kind": "explain", "item": i, "methods": [{"name": "rise"}]} for i in (first, second)]
    running, waiting = (door.post("/jobs", asked)["id"] for asked in post)
    catalogue = door.server.studio.catalogue
    name = door.get("/session")["datasets"][0]["id"]
    catalogue.dataset(name).places.pop(second)
    door.post(f"/jobs/{running}/cancel")
    job = door.ended(waiting)
    assert job["state"] == "failed"
    assert "not among the data" in job["cause"]
    assert door.job(kind="predict", item=third)["state"] == "done"


@pytest.mark.skipif(not nursery.CAN_FORK, reason="processes are forked on Linux alone")
def test_where_processes_come_from_may_end(opened) -> None:
    """What runs goes on, and what comes later comes from a new one."""
    door = opened("slow")
    door.ready()
    item = door.items()[0]["id"]
    asked = {"kind": "explain", "item": item, "methods": [{"name": "occlusion"}]}
    running = door.post("/jobs", asked)["id"]
    until(lambda: door.get(f"/jobs/{running}"), lambda j: j["state"] == "running")
    os.kill(door.server.studio.nursery.number, signal.SIGKILL)
    assert door.job(kind="predict", item=item)["state"] == "done"
    assert door.ended(running)["state"] == "done"
    assert door.get("/session")["problem"] is None
