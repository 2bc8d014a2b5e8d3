"""`pl.studio` on live models: every kind of data, and the handle."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from studio.door import Door

pytest.importorskip("cloudpickle", reason="the extra studio is not installed")


def door_to(session) -> Door:
    door = Door(session._server)
    door.client.headers["authorization"] = f"Bearer {session._server.credentials.token}"
    door.ready()
    return door


def kinds(door: Door, *methods: str) -> list[str]:
    item = door.items()[0]["id"]
    asked = {"kind": "explain", "item": item, "methods": [{"name": name} for name in methods]}
    cells = door.post("/explanations", asked)["cells"]
    assert door.ended(cells[0]["job"])["state"] == "done"
    return [door.get(f"/results/{cell['result']}")["kind"] for cell in cells]


def test_a_live_network_is_explained_and_the_handle_knows() -> None:
    class Here(nn.Module):  # a class of this very function, as in a notebook
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))

        def forward(self, x):
            return self.net(x)

    torch.manual_seed(0)
    net, data = Here(), torch.randn(20, 4)
    with pl.studio(net, data, labels=range(20), browser=False) as session:
        door = door_to(session)
        assert session.selection is None
        item = door.items(offset=7, limit=1)[0]
        assert (item["name"], item["label"]) == ("item 7", "7")
        asked = {
            "kind": "explain",
            "item": item["id"],
            "methods": [{"name": "integrated_gradients"}],
        }
        cell = door.post("/explanations", asked)["cells"][0]
        door.ended(cell["job"])
        assert session.selection == 7
        (found,) = session.explanations()
        wanted = pl.explain(net, data[7:8], "integrated_gradients")
        np.testing.assert_array_equal(found.values, wanted.values)
        assert door.get(f"/results/{cell['result']}")["kind"] == "bars"
        assert session.url in session._repr_html_()
    assert "closed" in repr(session)


@pytest.mark.slow
def test_series_texts_and_tables() -> None:
    series = nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(),
                           nn.Linear(4, 2))  # fmt: skip
    with pl.studio(series, np.zeros((3, 2, 30), np.float32) + 1, browser=False) as session:
        assert kinds(door_to(session), "grad_cam", "occlusion") == ["series", "series"]

    def spam(texts):
        score = np.array([0.9 if "channel" in text else 0.1 for text in texts])
        return np.stack([1 - score, score], axis=1)

    with pl.studio(spam, ["my channel is good", "hello you"], browser=False) as session:
        door = door_to(session)
        assert door.get("/session")["models"][0]["kind"] == "function"
        assert kinds(door, "occlusion", "grad_cam") == ["words", "refused"]

    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame({"age": [20.0, 50.0, 30.0], "city": ["a", "b", "a"]})

    def rich(rows):
        return np.stack([rows["age"] / 100, 1 - rows["age"] / 100], axis=1)

    with pl.studio(rich, frame, browser=False) as session:
        assert kinds(door_to(session), "kernel_shap") == ["bars"]


@pytest.mark.parametrize("data", [[], "text", 3])
def test_what_has_no_items_is_refused(data) -> None:
    with pytest.raises(pl.InputError):
        pl.studio(nn.Linear(1, 2), data, browser=False)


def test_what_cannot_be_copied_is_refused() -> None:
    import threading

    net = nn.Linear(1, 2)
    net.lock = threading.Lock()
    with pytest.raises(pl.InputError, match="cannot be copied to another process"):
        pl.studio(net, torch.zeros(2, 1), browser=False)


CELLS = (
    """
import asyncio

import httpx
import torch
from torch import nn

import pellucid as pl

class Here(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(4, 2)

    def forward(self, x):
        return self.net(x)

session = pl.studio(Here(), torch.ones(5, 4), browser=False)
session
""",
    """
async with httpx.AsyncClient(base_url=session.url.partition("/?")[0], timeout=60) as client:
    entered = await client.get("/", params={"token": session.url.partition("token=")[2]})
    client.cookies.update(entered.cookies)
    while not (known := (await client.get("/api/v1/session")).json())["ready"]:
        await asyncio.sleep(0.05)
    items = f"/api/v1/datasets/{known['datasets'][0]['id']}/items"
    item = (await client.get(items, params={"offset": 3})).json()["items"][0]["id"]
    asked = {"kind": "explain", "item": item, "methods": [{"name": "gradient"}]}
    job = (await client.post("/api/v1/jobs", json=asked)).json()["id"]
    while (await client.get(f"/api/v1/jobs/{job}")).json()["state"] != "done":
        await asyncio.sleep(0.05)
print(session.selection)
session.explanations()[0]
""",
    """
session.close()
session
""",
    'pl.explain(Here(), torch.ones(1, 4), "occlusion", 0, progress=True)',
)


@pytest.mark.slow
def test_it_opens_in_a_notebook(monkeypatch, tmp_path) -> None:
    """In a kernel, whose own loop runs while the cells do, on a model that a cell defines."""
    nbformat = pytest.importorskip("nbformat", reason="nbclient is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    monkeypatch.setenv("PYTHONPATH", str(Path(pl.__file__).parents[1]))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(book, timeout=240, kernel_name="python3").execute()
    opened, explained, closed, progressed = (cell.outputs for cell in book.cells)
    assert re.search(r'href="http://127.0.0.1:\d+/\?token=', opened[0]["data"]["text/html"])
    assert explained[0]["text"] == "3\n"
    assert "<img" in explained[1]["data"]["text/html"]
    assert "closed" in closed[0]["data"]["text/plain"]
    assert [output.output_type for output in progressed] == ["execute_result"]
