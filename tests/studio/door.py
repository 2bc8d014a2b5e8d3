"""A studio on a tiny model and a few files, asked through its real door."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from pellucid.studio.plan import Limits, ModelSpec
from pellucid.studio.server import Options, Server

MODEL = """
import time

import torch
from torch import nn

import pellucid as pl

class Slow(nn.Module):
    def __init__(self, net, seconds):
        super().__init__()
        self.net, self.seconds = net, seconds

    def forward(self, x):
        time.sleep(self.seconds)
        return self.net(x)

def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3),
    )

def model(net):
    return pl.Model(net, preprocess=pl.ImagePreprocess(size=16), classes=["cat", "dog", "bird"])

def build():
    return model(net())

def slow():
    return model(Slow(net(), 0.02))

def hostile():
    names = [f"<img src=x onerror='window.__ran={k}'>" for k in range(2)]
    return pl.Model(
        net(), preprocess=pl.ImagePreprocess(size=16), classes=[*names, "javascript:alert(1)"]
    )

class Hungry(nn.Module):
    def forward(self, x):
        return torch.zeros(2**33)[: x.shape[0] * 3].reshape(-1, 3)  # 32 GB

def hungry():
    return model(Hungry())

def stuck():
    return model(Slow(net(), 3600))

def dies():
    class Dies(nn.Module):
        def forward(self, x):
            import os
            os._exit(7)
    return model(Dies())
"""

TOKEN = "the-token-of-the-tests"


def pictures(folder: Path, count: int = 6) -> Path:
    """Pictures in folders named after two classes."""
    rng = np.random.default_rng(0)
    for k in range(count):
        place = folder / ("cat" if k % 2 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{k}.png")
    return folder


class Door:
    """The server and a client that was let in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.base = f"http://127.0.0.1:{server.port}"
        self.client = httpx.Client(base_url=self.base, timeout=30)
        self.client.headers["authorization"] = f"Bearer {TOKEN}"
        self.stranger = httpx.Client(base_url=self.base, timeout=30)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.client.post(f"/api/v1{path}", json=body if body is not None else {})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def ready(self) -> dict[str, Any]:
        """The session once the first process has told about model and methods."""
        return until(lambda: self.get("/session"), lambda s: s["ready"] or s["problem"])

    def ended(self, job: str) -> dict[str, Any]:
        return until(
            lambda: self.get(f"/jobs/{job}"),
            lambda j: j["state"] in ("done", "failed", "cancelled"),
        )

    def job(self, **asked: Any) -> dict[str, Any]:
        return self.ended(self.post("/jobs", asked)["id"])

    def items(self, dataset: int = 0, **query: Any) -> list[dict[str, Any]]:
        name = self.get("/session")["datasets"][dataset]["id"]
        return self.get(f"/datasets/{name}/items", params=query)["items"]


def until(look: Callable[[], Any], good: Callable[[Any], Any], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while True:
        found = look()
        if good(found):
            return found
        assert time.monotonic() < end, f"still {json.dumps(found)[:400]}"
        time.sleep(0.03)


def options(
    place: Path, factory: str, work: Path, *data: Path, limits: Limits | None = None
) -> Options:
    """Of the models that the factories build, `build` or several as `build+slow`."""
    names = factory.split("+")
    models = tuple(ModelSpec(name, f"{place / 'tiny.py'}:{name}") for name in names)
    return Options(
        models=models, data=data or (place / "photos",), port=0, work=work,
        token=TOKEN, limits=limits or Limits(),
    )  # fmt: skip
