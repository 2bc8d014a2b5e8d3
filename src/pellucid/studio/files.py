"""Opens files inside a folder that was named at the start, and nothing beside it."""

import errno
import os
import stat
from pathlib import Path

from ..errors import FileError

LARGEST = 512 * 2**20
"""Bytes of one file that a page may ask for."""


def read_inside(root: Path, parts: tuple[str, ...], most: int = LARGEST) -> bytes:
    """The content of `root/part/part`, a plain file reached without a symbolic link.

    Every refusal reads the same, so that nothing is learned about what lies elsewhere.
    """
    refused = FileError(
        f"{'/'.join(parts) or root.name} is not among the files of this studio.",
        "Name its folder when you start: pellucid studio FOLDER.",
    )
    if not all(map(_plain, parts)):
        raise refused
    try:
        descriptor = _open(root, parts)
    except (OSError, ValueError):
        raise refused from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise refused
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > most:
            raise FileError(
                f"{'/'.join(parts) or root.name} has {status.st_size / 2**20:.0f} MB; "
                f"the limit is {most / 2**20:.0f} MB.",
                "Make it smaller.",
            )
        return file.read(most + 1)


def _plain(part: str) -> bool:
    odd = {"", ".", ".."} & {part}
    return not odd and not any(letter in part for letter in "/\\\0:")


def _open(root: Path, parts: tuple[str, ...]) -> int:
    last = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not parts:  # the file itself was named at the start
        return os.open(root, last)
    if os.open not in os.supports_dir_fd:
        return _open_resolved(root, parts, last)
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(parts[-1], last | os.O_NOFOLLOW, dir_fd=here)
    finally:
        os.close(here)


def _open_resolved(root: Path, parts: tuple[str, ...], flags: int) -> int:
    path = root.joinpath(*parts)
    if path.resolve() != root.resolve().joinpath(*parts):
        raise OSError(errno.ELOOP, "a link")
    return os.open(path, flags)
