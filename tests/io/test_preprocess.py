"""From picture to tensor and back, without a lost grey level."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pellucid.errors import InputError, ParameterError
from pellucid.io.display import display_of
from pellucid.io.images import read_image
from pellucid.io.preprocess import ImagePreprocess
from pellucid.io.samples import sample

LITE = ImagePreprocess(size=224, mean=127, std=128, top=255, crop=0.875, interpolation="bicubic")
IMAGENET = ImagePreprocess(size=64, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def every_grey(channels: int) -> np.ndarray:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    return np.stack([np.roll(grey, 5 * c) for c in range(channels)], axis=2)


def test_efficientnet_lite_formula() -> None:
    photo = read_image(sample("chelsea"))
    expected = photo.resize((384, 256), Image.Resampling.BICUBIC).crop((80, 16, 304, 240))
    values = (np.asarray(expected, np.float32) - 127) / 128
    assert np.array_equal(LITE(photo)[0].permute(1, 2, 0).numpy(), values)
    assert np.array_equal(LITE.display(LITE(photo))[0], np.asarray(expected))


@settings(max_examples=40, deadline=None)
@given(
    mean=st.floats(-2, 2),
    std=st.floats(0.01, 100),
    top=st.sampled_from([1.0, 2.0, 255.0]),
    channels=st.sampled_from([1, 3]),
)
def test_display_is_the_exact_inverse(mean, std, top, channels) -> None:
    prepare = ImagePreprocess(
        mean=mean, std=std, top=top, mode="L" if channels == 1 else "RGB", size=None
    )
    pixels = every_grey(channels)
    seen = prepare.display(prepare(pixels))
    assert np.array_equal(seen[0], pixels if channels == 3 else pixels[:, :, 0])


def test_per_channel_statistics() -> None:
    tensor = IMAGENET(np.full((64, 64, 3), 255, np.uint8))
    expected = [(1 - m) / s for m, s in zip(IMAGENET.mean, IMAGENET.std, strict=True)]
    assert torch.allclose(tensor[0, :, 0, 0], torch.tensor(expected))


def test_no_statistics_are_assumed() -> None:
    tensor = ImagePreprocess()(np.full((4, 5, 3), 255, np.uint8))
    assert tensor.shape == (1, 3, 4, 5)
    assert torch.equal(tensor, torch.ones(1, 3, 4, 5))


def test_16_bits_are_scaled_by_their_own_white() -> None:
    prepare = ImagePreprocess(mode="L")
    deep = np.array([[0, 65535], [32768, 257]], np.uint16)
    tensor = prepare(Image.fromarray(deep))
    assert torch.allclose(tensor[0, 0], torch.tensor([[0.0, 1.0], [32768 / 65535, 1 / 255]]))
    assert np.array_equal(prepare.display(tensor)[0], [[0, 255], [128, 1]])


def test_16_bits_survive_resizing() -> None:
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    small = ImagePreprocess(size=16, mode="L")(ramp)
    assert len(small.unique()) > 250  # 8 bits in between would leave fewer levels than cells
    assert abs(float(small.mean()) - 0.5) < 1e-3


def test_many_channels_first_or_last() -> None:
    prepare = ImagePreprocess(mode="array", channels=13, size=8)
    cube = np.random.default_rng(0).random((13, 16, 16), dtype=np.float32)
    assert prepare(cube).shape == (1, 13, 8, 8)
    assert torch.equal(prepare(cube), prepare(cube.transpose(1, 2, 0)))
    assert prepare.display(prepare(cube)).shape == (1, 8, 8)


def test_short_side_keeps_proportions_and_stretch_does_not() -> None:
    wide = np.zeros((10, 40, 3), np.uint8)
    wide[:, 15:25] = 255
    cut = ImagePreprocess(size=10, interpolation="nearest")(wide)
    assert torch.equal(cut, torch.ones(1, 3, 10, 10))
    flat = ImagePreprocess(size=10, resize="stretch", interpolation="nearest")(wide)
    assert 0 < float(flat.mean()) < 0.5


def test_grey_picture_for_a_colour_network() -> None:
    tensor = ImagePreprocess()(Image.fromarray(every_grey(1)[:, :, 0]))
    assert torch.equal(tensor[:, 0], tensor[:, 2])


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": (0.5, 0.5)},
        {"std": 0},
        {"mode": "array"},
        {"mode": "L", "channels": 3},
        {"crop": 0},
    ],
)
def test_unusable_declarations_are_refused(wrong) -> None:
    with pytest.raises(ParameterError):
        ImagePreprocess(**wrong)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((4, 4, 3), np.int64),
        np.zeros((3, 4, 3), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
    ],
)
def test_pixels_without_one_meaning_are_refused(picture) -> None:
    with pytest.raises(InputError):
        ImagePreprocess()(picture)


class Normalize:
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


class Compose:
    transforms = (object(), Normalize())


def test_display_undoes_statistics_that_others_declare() -> None:
    pixels = every_grey(3)
    scaled = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    mean, std = (torch.tensor(v).reshape(1, 3, 1, 1) for v in (Normalize.mean, Normalize.std))
    seen, note = display_of(Compose(), (scaled - mean) / std)
    assert seen is not None
    assert np.array_equal(seen[0], pixels)
    assert "undone" in note


def test_display_says_when_it_only_stretches() -> None:
    seen, note = display_of(None, torch.linspace(-3, 5, 48).reshape(1, 3, 4, 4))
    assert seen is not None
    assert (seen.min(), seen.max()) == (0, 255)
    assert "stretched" in note


def test_display_of_what_is_no_picture() -> None:
    assert display_of(None, torch.zeros(2, 7))[0] is None
    assert display_of(None, torch.zeros(2, 5, 8, 8))[0] is None
