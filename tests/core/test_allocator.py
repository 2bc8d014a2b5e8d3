"""The allocator is tuned once for the process, and left alone when asked."""

import sys

import pytest

from pellucid.core.allocator import tune

once = tune.__wrapped__  # without the memory of what the process did before


def test_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PELLUCID_ALLOCATOR", "system")
    monkeypatch.setattr("ctypes.CDLL", lambda name: pytest.fail("touched the allocator"))
    assert once() == "system (PELLUCID_ALLOCATOR=system)"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_keeps_large_blocks_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PELLUCID_ALLOCATOR", raising=False)
    assert once() in ("glibc, large blocks kept", "system")


def test_without_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.delenv("PELLUCID_ALLOCATOR", raising=False)
    monkeypatch.setattr("ctypes.CDLL", absent)
    assert once() == "system"
