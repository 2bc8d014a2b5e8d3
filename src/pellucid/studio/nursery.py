"""Where workers come from: a process that has imported what all of them need, and is forked.

    python -m pellucid.studio.nursery SOCKET

A fork is there at once and shares its memory; importing PyTorch anew takes seconds. The nursery
computes nothing and holds no model: it has no threads of PyTorch and nothing on a GPU that a fork
would break. Where systems cannot fork, or their libraries forbid it, every worker starts anew.
"""

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections import deque
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO

from .process import Child, environment, spawned

CAN_FORK = sys.platform == "linux"
_WORKER, _NURSERY = f"{__package__}.worker", f"{__package__}.nursery"
_SOON = ("predict", "explain", "layers")
"""What a page asks for first."""
_KILLED = -int(getattr(signal, "SIGKILL", 9))


class Nursery:
    """The server's end: asks for workers and hears how they end."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self.number: int | None = None
        """The nursery's process number, while there is one."""
        self._unborn: deque[_Forked] = deque()
        self._alive: dict[int, _Forked] = {}

    def open(self) -> None:
        """Start it, where workers are forked, so that it is ready when one is asked for."""
        with self._lock:
            if CAN_FORK and self._door is None:
                self._door = self._opened()

    def worker(self) -> Child:
        """A new worker, which waits for its plan."""
        if not CAN_FORK:
            return spawned(_WORKER, self._log)
        inner, stdin = os.pipe()
        stdout, outer = os.pipe()
        child = _Forked(os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"))
        with self._lock:
            self._unborn.append(child)
            door = self._door = self._door or self._opened()
            with self._log.open("ab") as log, suppress(OSError):  # it has ended: `_hear` says so
                socket.send_fds(door, [b"."], [inner, outer, log.fileno()])
            os.close(inner)
            os.close(outer)
        return child

    def close(self) -> None:
        """End the nursery; the workers end with their pipes."""
        with self._lock:
            if self._door is not None:
                with suppress(OSError):  # it has ended by itself
                    self._door.shutdown(socket.SHUT_RDWR)

    def _opened(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._log.open("ab") as log, theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", _NURSERY, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(),
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        self.number = process.pid
        hear = threading.Thread(
            target=self._hear, args=(ours, process), daemon=True, name="nursery"
        )
        hear.start()
        return ours

    def _hear(self, door: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        with door, door.makefile("rb") as lines, suppress(ConnectionError):
            for line in lines:
                number, code = json.loads(line)
                with self._lock:
                    if code is None:
                        child = self._alive[number] = self._unborn.popleft()
                        child.born(number)
                    else:
                        self._alive.pop(number).ended(code)
        process.wait()
        with self._lock:
            self._door = self.number = None
            lost = [*self._unborn, *self._alive.values()]
            self._unborn.clear()
            self._alive.clear()
        for child in lost:
            child.orphaned()


class _Forked:
    """A process that is another one's child, in the words of `Popen`."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.stdin, self.stdout = stdin, stdout
        self._lock = threading.Lock()
        self._number: int | None = None
        self._unwanted = False
        self._code = _KILLED
        self._over = threading.Event()

    def born(self, number: int) -> None:
        """Its number is known."""
        with self._lock:
            self._number = number
        if self._unwanted:
            self.kill()

    def ended(self, code: int) -> None:
        """It is no more, and its number may soon be another's."""
        with self._lock:
            self._code, self._number = code, None
        self._over.set()

    def orphaned(self) -> None:
        """Nobody will tell how it ends; it may still be killed."""
        self._over.set()

    def kill(self) -> None:
        """End it at once, or as soon as it is there."""
        with self._lock:
            self._unwanted = True
            if self._number is not None:
                with suppress(ProcessLookupError):  # it has ended, which will be told in a moment
                    os.kill(self._number, signal.SIGKILL)

    def wait(self) -> int:
        """How it ended: its exit code, or the signal's number below zero."""
        self._over.wait()
        return self._code


def main() -> None:
    """Import everything, then fork whenever asked; what goes on behind this is a worker."""
    door = socket.socket(fileno=int(sys.argv[1]))
    from ..core import registry
    from . import work, worker

    registry.load()
    for kind in _SOON:
        work.doer(kind)
    import_module("torch.fx.experimental.symbolic_shapes")  # the first gradient imports it
    gc.freeze()  # a collection in a child would copy every page that it looks at
    # OpenBLAS has threads, which it ends before a fork and starts anew behind it.
    warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
    for fd, pipe in enumerate(_forked(door)):
        os.dup2(pipe, fd)
        os.close(pipe)
    worker.main()


def _forked(door: socket.socket) -> list[int]:
    """Serves until the server ends, and returns in children alone: stdin, stdout and stderr."""
    wake, alarm = socket.socketpair()
    alarm.setblocking(False)
    signal.set_wakeup_fd(alarm.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([door, wake], [], [])
        if wake in ready:
            wake.recv(4096)
            _tell_the_dead(door)
        if door in ready:
            asked, pipes, _, _ = socket.recv_fds(door, 1, 3)
            if not asked:
                sys.exit(0)
            number = os.fork()
            if number == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for ours in (wake, alarm, door):
                    ours.close()
                os.setsid()
                return pipes
            for pipe in pipes:
                os.close(pipe)
            _tell(door, number, None)


def _tell_the_dead(door: socket.socket) -> None:
    while True:
        try:
            number, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if number == 0:
            return
        _tell(door, number, os.waitstatus_to_exitcode(status))


def _tell(door: socket.socket, number: int, code: int | None) -> None:
    door.sendall(json.dumps([number, code]).encode() + b"\n")


if __name__ == "__main__":
    main()
