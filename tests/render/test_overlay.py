"""What is laid over a photograph, pixel by pixel."""

import numpy as np
import pytest

from pellucid.errors import ParameterError
from pellucid.render.overlay import boundaries, overlay, top_region, top_share
from pellucid.render.palette import colour
from pellucid.render.photo import composite, enlarged, fitted, reduced
from pellucid.render.scale import scale_of


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)


@pytest.fixture
def evidence():
    values = np.zeros((12, 16), np.float32)
    values[3:6, 4:9] = 2.0
    values[9, 2] = -1.0
    return values


def test_no_evidence_leaves_the_pixel_alone(photo, evidence) -> None:
    drawn = overlay(photo, evidence, scale_of([evidence], True))
    untouched = evidence == 0
    assert (drawn[untouched] == photo[untouched]).all()
    assert (drawn[~untouched] != photo[~untouched]).any(-1).all()


def test_blend_is_proportional_to_evidence(photo, evidence) -> None:
    drawn = overlay(photo, evidence, scale_of([evidence], True), alpha=0.6)
    full = 0.4 * photo[4, 5] + 0.6 * colour(1.0, signed=True)
    half = 0.7 * photo[9, 2] + 0.3 * colour(-0.5, signed=True)
    assert np.abs(drawn[4, 5] - full).max() <= 0.5
    assert np.abs(drawn[9, 2] - half).max() <= 0.5


def test_uniform_weight_colours_every_pixel(photo, evidence) -> None:
    scale = scale_of([evidence], True)
    drawn = overlay(photo, evidence, scale, alpha=1.0, uniform=True)
    assert (drawn == colour(scale.apply(evidence), signed=True)).all()
    with pytest.raises(ParameterError):
        overlay(photo, evidence, scale, alpha=1.5)


def test_top_region_is_the_smallest_that_holds_the_share() -> None:
    values = np.array([[5.0, 3.0], [1.0, 1.0]])
    assert top_region(values, 0.5).tolist() == [[True, False], [False, False]]
    assert top_region(values, 0.51).tolist() == [[True, True], [False, False]]
    assert top_region(values, 1.0).all()
    assert not top_region(-values).any()
    assert not top_region(np.array([[1.0, 0.0, -9.0]]), 1.0)[0, 1:].any()


def test_spotlight_shows_the_region_and_dims_the_rest(photo, evidence) -> None:
    drawn = top_share(photo, evidence, 1.0)
    inside = evidence > 0
    assert (drawn[inside] == photo[inside]).all()
    assert (drawn[~inside] <= 0.31 * 255).all()
    assert (np.ptp(drawn[~inside], axis=-1) == 0).all()


def test_outline_runs_around_the_region_only(photo) -> None:
    values = np.zeros((200, 200), np.float32)
    values[60:140, 60:140] = 1
    large = np.full((200, 200, 3), 128, np.uint8)
    changed = (boundaries(large, values, 1.0) != 128).any(-1)
    assert changed[60, 60:140].all()
    assert not changed[75:125, 75:125].any()
    assert not changed[:50].any()


def test_a_region_of_everything_has_no_outline(photo) -> None:
    assert (boundaries(photo, np.ones((12, 16)), 1.0) == photo).all()


def test_maps_of_another_size_are_fitted() -> None:
    grown = fitted(np.array([[0.0, 1.0]]), (3, 8))
    assert grown.shape == (3, 8)
    assert (np.diff(grown[0]) >= 0).all()
    assert 0 < grown[0, 3] < 1


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_any_number_of_channels_gives_a_picture(channels) -> None:
    raw = np.random.default_rng(1).normal(size=(channels, 6, 5))
    raw[0] += 4
    pixels = composite(raw)
    assert pixels.shape == (6, 5, 3)
    assert pixels.dtype == np.uint8
    assert np.ptp(pixels) > 200
    grey = (pixels[..., 0] == pixels[..., 2]).all()
    assert grey == (channels < 3)


def test_constant_channels_give_middle_grey() -> None:
    assert (composite(np.full((3, 4, 4), 7.0)) == 128).all()


def test_sizes_for_a_page(photo) -> None:
    assert (
        enlarged(photo, 24)[2:4, 2:4].tolist()
        == np.repeat(np.repeat(photo[1:2, 1:2], 2, 0), 2, 1).tolist()
    )
    assert reduced(photo, 8).shape == (6, 8, 3)
    assert reduced(photo, 16) is photo
