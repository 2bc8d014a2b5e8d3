"""Class names from lists and files."""

import pytest

from pellucid.errors import FileError
from pellucid.io.classes import read_classes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.txt", "cat\ndog\r\n bird \n\n"),
        ("c.json", '["cat", "dog", "bird"]'),
        ("c.json", '{"1": "dog", "0": "cat", "2": "bird"}'),
    ],
)
def test_files(tmp_path, name, text) -> None:
    (tmp_path / name).write_text(text)
    assert read_classes(tmp_path / name) == ("cat", "dog", "bird")


def test_list() -> None:
    assert read_classes(["cat", "dog"]) == ("cat", "dog")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("c.json", b'{"0": "cat", "2": "dog"}', "none with index 1"),
        ("c.json", b"[", "not valid JSON"),
        ("c.json", b'{"cat": 0}', "neither"),
        ("c.txt", b"\n\n", "no class names"),
        ("c.txt", b"\xff\xfe\x00", "not text"),
    ],
)
def test_refusals(tmp_path, name, content, words) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=words):
        read_classes(tmp_path / name)
