"""Colours and scales: zero is neutral, ends are ends, nothing divides by zero."""

import numpy as np
import pytest

from pellucid.errors import ParameterError
from pellucid.render.palette import colour, gradient, palette
from pellucid.render.scale import Scale, scale_of


def test_signed_colours_are_neutral_at_zero_and_turn_with_the_sign() -> None:
    against, zero, support = colour([-1, 0, 1], signed=True).astype(int)
    assert against[2] > against[0] + 50
    assert support[0] > support[2] + 50
    assert zero.min() > 200
    assert np.ptp(zero) < 12


def test_lightness_rises_evenly_without_sign() -> None:
    lightness = colour(np.linspace(0, 1, 50)) @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) > 0).all()


def test_colours_take_any_value() -> None:
    drawn = colour([np.nan, 5.0, -np.inf], signed=True)
    assert (drawn == colour([0.0, 1.0, -1.0], signed=True)).all()


def test_jet_on_request_and_unknown_names_refused() -> None:
    assert (colour([0.0], "jet") == [[0, 0, 128]]).all()
    with pytest.raises(ParameterError, match="inferno"):
        palette("infernoo")


def test_gradient_spans_the_scale() -> None:
    ends = gradient(signed=True)
    assert ends[0] == "#{:02x}{:02x}{:02x}".format(*colour(-1.0, signed=True))
    assert ends[-1] == "#{:02x}{:02x}{:02x}".format(*colour(1.0, signed=True))


def test_own_scale_keeps_the_sign_and_the_raw_ends() -> None:
    signed = scale_of([np.array([-4.0, 0.0, 2.0])], signed=True)
    assert (signed.low, signed.high) == (-4, 4)
    assert signed.apply([-4, 0, 2]).tolist() == [-1, 0, 0.5]
    positive = scale_of([np.array([-4.0, 0.0, 2.0])], signed=False)
    assert (positive.low, positive.high) == (0, 2)
    assert positive.apply([-4, 0, 1]).tolist() == [0, 0, 0.5]


def test_shared_scale_keeps_ratios_between_maps() -> None:
    weak, strong = np.array([0.1, 0.05]), np.array([1.0, 0.5])
    shared = scale_of([weak, strong], signed=False)
    assert shared.apply(strong).max() == pytest.approx(10 * shared.apply(weak).max())


@pytest.mark.parametrize("values", [np.zeros(4), np.full(4, np.nan), np.zeros(0)])
@pytest.mark.parametrize("signed", [True, False])
def test_nothing_to_scale_gives_zero(values, signed) -> None:
    scale = scale_of([values], signed)
    assert (scale.apply(values) == 0).all()


def test_clip_is_taken_among_values_that_are_drawn_and_stated() -> None:
    values = np.zeros(100_000)
    values[:2000] = np.linspace(0.001, 1, 2000)
    values[0] = 1000.0
    scale = scale_of([values], signed=False, clip=99.0)
    assert 0.97 < scale.high <= 1
    assert scale.clipped == 99
    assert scale_of([values], signed=False, clip=None) == Scale(0, 1000, False, 100)
    with pytest.raises(ParameterError):
        scale_of([values], signed=False, clip=0)
