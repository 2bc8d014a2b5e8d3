"""Pictures are read upright and opaque, or refused with one sentence."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from pellucid.errors import FileError
from pellucid.io.images import read_image, read_mask


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def photo() -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def test_exif_orientation_is_applied(photo: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 270 degrees to see it upright
    read = read_image(encoded(photo, exif=exif))
    assert read.size == (12, 20)
    assert np.array_equal(read, photo.transpose(Image.Transpose.ROTATE_270))


def test_a_mask_is_zero_where_it_is_black_or_transparent() -> None:
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 255]]], np.uint8)
    assert (read_mask(encoded(Image.fromarray(pixels))) > 0).tolist() == [[True, False, False]]
    deep = np.array([[0, 1, 60_000]], np.uint16)
    assert read_mask(encoded(Image.fromarray(deep))).tolist() == deep.tolist()
    indices = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    indices.putpalette([0, 0, 0, 128, 0, 0])
    assert (read_mask(encoded(indices)) > 0).tolist() == [[False, True]]


def test_transparency_lies_on_white() -> None:
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [0, 0, 0, 128]]], np.uint8)
    read = read_image(encoded(Image.fromarray(pixels)))
    assert read.mode == "RGB"
    assert np.array_equal(np.asarray(read)[0], [[200, 0, 0], [255, 255, 255], [127, 127, 127]])


def test_grey_with_transparency_stays_grey() -> None:
    read = read_image(encoded(Image.fromarray(np.array([[[9, 0]]], np.uint8))))
    assert read.mode == "L"
    assert np.asarray(read)[0, 0] == 255


def test_palette_gives_its_colours(photo: Image.Image) -> None:
    palette = photo.quantize(16)
    assert np.array_equal(read_image(encoded(palette)), palette.convert("RGB"))


def test_cmyk_becomes_rgb(photo: Image.Image) -> None:
    read = read_image(encoded(photo.convert("CMYK"), "TIFF"))
    assert read.mode == "RGB"
    assert np.array_equal(read, photo)


def test_16_bits_are_kept() -> None:
    deep = np.array([[0, 300], [40000, 65535]], np.uint16)
    assert np.array_equal(read_image(encoded(Image.fromarray(deep))), deep)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.png", None, "does not exist"),
        ("empty.png", b"", "is empty"),
        ("text.png", b"no picture at all", "not a picture"),
    ],
)
def test_refusals_name_file_and_cause(tmp_path, name, content, words) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=f"{name}.*{words}"):
        read_image(path)


def test_folder_is_refused(tmp_path) -> None:
    with pytest.raises(FileError, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_off_files_are_refused(tmp_path, photo, kind, share) -> None:
    data = encoded(photo.resize((200, 120)), kind)
    path = tmp_path / "cut"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileError, match=r"damaged or cut off|not a picture"):
        read_image(path)


def test_pixel_limit(photo: Image.Image) -> None:
    assert read_image(encoded(photo), limit=240).size == (20, 12)
    with pytest.raises(FileError, match="20 × 12 pixels"):
        read_image(encoded(photo), limit=239)


def test_bomb_is_refused_before_unpacking_without_a_warning() -> None:
    bomb = encoded(Image.new("1", (30_000, 20_000)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FileError, match="limit is 100 million"):
            read_image(bomb)


def test_several_pages_are_refused(photo: Image.Image) -> None:
    stack = encoded(photo, "TIFF", save_all=True, append_images=[photo])
    with pytest.raises(FileError, match="holds 2 pages"):
        read_image(stack)


def test_damaged_exif_leaves_the_pixels(photo: Image.Image) -> None:
    data = encoded(photo, "PNG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12")
    assert np.array_equal(read_image(data), photo)
