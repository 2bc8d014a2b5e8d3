"""Only what was named at the start is opened, and only what it claims to be."""

import io
import os
import socket
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pellucid as pl
from pellucid.studio import datasets
from pellucid.studio.files import read_inside
from pellucid.studio.opening import open_source
from pellucid.studio.thumbnailer import small_picture

KEY = b"k" * 16


@pytest.fixture
def root(tmp_path):
    inside = tmp_path / "inside"
    (inside / "cat").mkdir(parents=True)
    (inside / "cat" / "a.png").write_bytes(png())
    (tmp_path / "secret.png").write_bytes(png())
    (tmp_path / "inside-too.png").write_bytes(png())
    return inside


def png(width: int = 4, height: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "png")
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_file_inside_is_read(root) -> None:
    assert read_inside(root, ("cat", "a.png")) == png()


@pytest.mark.parametrize(
    "parts",
    [
        ("..", "secret.png"),
        ("cat", "..", "..", "secret.png"),
        ("../secret.png",),
        ("cat/a.png",),
        ("..\\secret.png",),
        ("/etc/passwd",),
        ("C:\\windows\\win.ini",),
        ("\\\\host\\share",),
        ("//host/share",),
        ("cat", "a.png\0.txt"),
        ("cat", "."),
        ("",),
        (".",),
        ("%2e%2e", "secret.png"),
        ("．．", "secret.png"),
        ("x" * 5000,),
        ("cat",),
        ("nothing.png",),
    ],
    ids=lambda parts: "/".join(parts)[:30].replace("\0", "NUL"),
)
def test_every_other_path_gets_the_same_answer(root, parts) -> None:
    with pytest.raises(pl.FileError, match="is not among the files of this studio"):
        read_inside(root, parts)


def test_links_are_not_followed(root, tmp_path) -> None:
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "dir").symlink_to(tmp_path)
    for parts in (("link.png",), ("dir", "secret.png")):
        with pytest.raises(pl.FileError, match="not among"):
            read_inside(root, parts)
    found = datasets.of_path(KEY, root)
    assert [item.name for item in found.items] == ["cat/a.png"]
    assert found.skipped == 2


def test_a_file_that_became_a_link_is_not_followed(root, tmp_path) -> None:
    found = datasets.of_path(KEY, root)
    (root / "cat" / "a.png").unlink()
    (root / "cat" / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(pl.FileError, match="not among"):
        open_source(found.source(found.items[0]), None)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_names_that_are_no_text_are_told_all_the_same(root) -> None:
    (root / "cat" / os.fsdecode(b"caf\xe9.png")).write_bytes(png())
    item = datasets.of_path(KEY, root).items[1]
    assert item.name.encode() == b"cat/caf?.png"
    assert open_source(datasets.of_path(KEY, root).source(item), None).given.size == (4, 4)


def test_what_is_no_plain_file_is_refused(root, monkeypatch) -> None:
    os.mkfifo(root / "pipe.png")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(root)  # the address of a socket has few letters
        listener.bind("socket.png")
    for name in ("pipe.png", "socket.png"):
        with pytest.raises(pl.FileError, match="not among"):
            read_inside(root, (name,))
    assert [item.name for item in datasets.of_path(KEY, root).items] == ["cat/a.png"]


def test_hidden_files_are_not_listed(root) -> None:
    (root / ".key.png").write_bytes(png())
    (root / ".ssh").mkdir()
    (root / ".ssh" / "a.png").write_bytes(png())
    assert [item.name for item in datasets.of_path(KEY, root).items] == ["cat/a.png"]


def test_large_files_are_refused_before_they_are_read(root) -> None:
    with (root / "large.npy").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(pl.FileError, match="the limit is"):
        read_inside(root, ("large.npy",))


def test_ids_say_nothing_of_paths_and_depend_on_the_key(root) -> None:
    (item,) = datasets.of_path(KEY, root).items
    (other,) = datasets.of_path(b"j" * 16, root).items
    assert item.id != other.id
    assert item.id == datasets.of_path(KEY, root).items[0].id
    assert item.label == "cat"


def source(root, name: str) -> dict:
    return {"kind": "array" if name.endswith(".npy") else "image", "root": str(root),
            "parts": [name], "row": None, "drop": []}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/tmp/x) (w) file\n",
        b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 9, 9, 8, 3) + b"\0" * 40,
        b"GIF89a",
        b"",
        png()[:40],
    ],
    ids=["svg", "html", "eps", "psd", "cut gif", "empty", "cut png"],
)
def test_what_is_no_picture_is_refused(root, content) -> None:
    (root / "x.png").write_bytes(content)
    with pytest.raises(pl.FileError):
        open_source(source(root, "x.png"), None)
    with pytest.raises(pl.FileError):
        small_picture(source(root, "x.png"))


def test_a_picture_bomb_is_refused_by_its_header(root) -> None:
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (root / "bomb.png").write_bytes(bomb)
    for opening in (lambda s: open_source(s, None), small_picture):
        with pytest.raises(pl.FileError, match="limit"):
            opening(source(root, "bomb.png"))


def test_a_loop_of_pages_ends(root) -> None:
    page = struct.pack("<HHIII", 256, 4, 1, 4, 0)[:12]  # a width, and nothing else
    (root / "loop.tif").write_bytes(
        b"II*\0" + struct.pack("<IH", 8, 1) + page + struct.pack("<I", 8)
    )
    with pytest.raises(pl.FileError):
        small_picture(source(root, "loop.tif"))


def test_a_picture_full_of_words_is_refused(root) -> None:
    words = zlib.compress(b"x" * 900_000)
    image = png()
    texts = b"".join(chunk(b"zTXt", b"k%d\0\0" % k + words) for k in range(90))
    (root / "words.png").write_bytes(image[:33] + texts + image[33:])
    with pytest.raises(pl.FileError):
        small_picture(source(root, "words.png"))


def test_arrays_are_never_unpickled(root, tmp_path) -> None:
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(marker),))

    np.save(root / "evil.npy", np.array([Evil()], dtype=object), allow_pickle=True)
    with pytest.raises(pl.FileError, match="no plain"):
        open_source(source(root, "evil.npy"), None)
    assert not marker.exists()


def test_an_array_that_lies_about_its_size_is_refused(root) -> None:
    with (root / "lie.npy").open("wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(b"\0" * 64)
    with pytest.raises(pl.FileError, match="no plain"):
        open_source(source(root, "lie.npy"), None)


def test_sixteen_bit_pictures_have_thumbnails(root) -> None:
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16).reshape(8, 8)
    Image.fromarray(ramp).save(root / "deep.png")
    small = np.asarray(Image.open(io.BytesIO(small_picture(source(root, "deep.png")))).convert("L"))
    assert small.min() < 40
    assert small.max() > 215


def test_labels_rows_and_lines_are_items(tmp_path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,"x\ny"\n2,z\n')
    (tmp_path / "t.txt").write_text("one\n\ntwo\n")
    np.save(tmp_path / "t.npy", np.zeros((5, 2, 8), np.float32))
    rows = {p: datasets.of_path(KEY, tmp_path / p).items for p in ("t.csv", "t.txt", "t.npy")}
    assert [item.row for item in rows["t.csv"]] == [0, 1]
    assert [item.name for item in rows["t.txt"]] == ["one", "two"]
    assert len(rows["t.npy"]) == 5
    with pytest.raises(pl.FileError, match="does not exist"):
        datasets.of_path(KEY, tmp_path / "nothing")


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("../../evil.png", png(), 201),
        ("a\0b.png", png(), 201),
        ("x.svg", b"<svg/>", 422),
        ("x.pt", b"x", 422),
        ("noending", png(), 422),
        ("a.png", b"", 422),
    ],
    ids=["slip", "nul", "svg", "pickle", "no ending", "empty"],
)
def test_uploads_stay_in_their_folder(door, name, content, status) -> None:
    headers = {"content-type": "application/octet-stream"}
    params = {"name": name}
    answer = door.client.post("/api/v1/uploads", params=params, content=content, headers=headers)
    assert answer.status_code == status, answer.text
    folder = door.server.studio.store.folder
    assert not list(folder.parent.glob("evil*"))
    if status == 201:
        item = answer.json()["item"]
        assert "/" not in item["name"]
        got = door.client.get(f"/api/v1/items/{item['id']}/thumbnail")
        assert got.headers["content-type"] == "image/webp"


def test_an_upload_has_to_be_a_file_of_its_own(door) -> None:
    answer = door.client.post("/api/v1/uploads?name=a.png", content=png())
    assert answer.status_code == 422


def test_a_hundred_thousand_items_are_listed_by_pages() -> None:
    from pellucid.studio.listing import Listing

    items = [
        datasets.Item(f"{k:06}", f"{k:06}.png", "image", (f"{k:06}.png",), None, str(k % 10))
        for k in range(100_000)
    ]
    listing = Listing(datasets.Dataset("s", "s", Path(), items))
    page = listing.page(99_990, 200)
    assert (page.total, len(page.items)) == (100_000, 10)
    found = listing.page(0, 5, search="0999", label="9")
    assert [item.name for item in found.items][:2] == ["000999.png", "009999.png"]
    shuffled = listing.page(0, 5, order="random", seed=3)
    assert shuffled == listing.page(0, 5, order="random", seed=3)
    assert shuffled.items[0].place != 0
