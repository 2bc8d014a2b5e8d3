"""Writes files whole or not at all."""

import os
import secrets
from pathlib import Path

from ..errors import FileError

PathLike = str | os.PathLike[str]


def write_bytes(path: PathLike, data: bytes) -> Path:
    """Write `data` to `path` at once; an earlier file stays untouched if anything fails.

    Missing folders are made. Raises `FileError`.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_new(temporary, data)
        temporary.replace(target)
    except OSError as error:
        raise FileError(
            f"{target} cannot be written: {_reason(error)}.", "Choose another place for it."
        ) from None
    finally:
        _remove(temporary)
    return target


def write_text(path: PathLike, text: str) -> Path:
    """`write_bytes` for text, in UTF-8."""
    return write_bytes(path, text.encode())


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # Its folder is gone or no folder at all, so there is no half-written file either.
        return


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
