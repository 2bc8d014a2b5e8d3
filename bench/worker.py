"""Each library in a process of its own, as its users run it, without another's settings.

A worker builds what it times outside the clock, then runs it whenever it is asked to.
"""

import importlib
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


class Absent(Exception):
    """A library that cannot be imported, and why."""


class Worker:
    """Runs `module.function(**arguments)()` again and again in another process."""

    def __init__(self, threads: int, module: str, function: str, **arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        job = (there, threads, module, function, arguments)
        self._process = context.Process(target=_serve, args=job, daemon=True)
        self._process.start()
        there.close()
        self._answer()
        self.warm = False
        """Whether it has run before."""

    def seconds(self) -> float:
        """Time of one run."""
        return self.times()[0]

    def times(self) -> tuple[float, float]:
        """Time of one run, and processor time of its process, which what else runs on the machine
        hardly changes with one thread."""
        self.warm = True
        self._here.send("time")
        wall, processor = self._answer()
        return float(wall), float(processor)

    def result(self) -> Any:
        """What one run gives."""
        self.warm = True
        self._here.send("result")
        return self._answer()

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()

    def _answer(self) -> Any:
        try:
            answer = self._here.recv()
        except EOFError:
            raise RuntimeError("a worker died") from None
        if isinstance(answer, Absent):
            raise answer
        if isinstance(answer, Exception):
            raise RuntimeError(f"a worker failed: {answer!r}") from answer
        return answer


@contextmanager
def worker(threads: int, module: str, function: str, **arguments: Any) -> Iterator[Worker]:
    """A worker that ends with the body."""
    made = Worker(threads, module, function, **arguments)
    try:
        yield made
    finally:
        made.stop()


def _serve(
    pipe: Connection, threads: int, module: str, function: str, arguments: dict[str, Any]
) -> None:
    import torch

    torch.set_num_threads(threads)
    try:
        run = getattr(importlib.import_module(module), function)(**arguments)
        pipe.send("ready")
        while True:
            kind = pipe.recv()
            start = time.perf_counter(), time.process_time()
            found = run()
            times = time.perf_counter() - start[0], time.process_time() - start[1]
            pipe.send(times if kind == "time" else found)
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        pipe.send(error if isinstance(error, Absent) else RuntimeError(f"{error!r}"))
