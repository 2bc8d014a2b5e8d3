"""The pieces of Deep Dream and feature visualisation, against formulas and exact inverses."""

import itertools

import numpy as np
import pytest
import torch

from pellucid.ops.adam import adam
from pellucid.ops.fourier import (
    correlated,
    decorrelated,
    frequencies,
    from_spectrum,
    spectrum_scale,
    to_spectrum,
)
from pellucid.ops.octaves import octave_sizes
from pellucid.ops.regularity import likeness, lp_norm, total_variation
from pellucid.ops.spatial import resized
from pellucid.ops.tiles import tiles
from pellucid.ops.warp import affine, rolled, warped


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_octave_sizes_follow_the_formula() -> None:
    found = octave_sizes((375, 500), 1.3, range(-2, 3))
    assert found == [(221, 295), (288, 384), (375, 500), (487, 650), (633, 845)]
    assert octave_sizes((3,), 1.4, [-9]) == [(1,)]


@pytest.mark.parametrize(
    ("space", "most"),
    [((300, 451), (128, 128)), ((16,), (512,)), ((5, 7, 9), (2, 3, 4))],
)
def test_tiles_cover_every_place_once(space: tuple[int, ...], most: tuple[int, ...]) -> None:
    count = np.zeros(space, int)
    for tile in tiles(space, most):
        assert all(s.stop - s.start <= m for s, m in zip(tile, most, strict=True))
        count[tile] += 1
    assert (count == 1).all()


@pytest.mark.parametrize("space", [(8, 9), (9, 8), (7,), (4, 5, 6)])
def test_a_picture_becomes_its_spectrum_and_back(space: tuple[int, ...]) -> None:
    x, scale = noise(2, 3, *space), spectrum_scale(space)
    torch.testing.assert_close(from_spectrum(to_spectrum(x, scale), scale, space), x)
    torch.testing.assert_close(correlated(decorrelated(x)), x, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shift", [(5, -3), (0, 40), (-17, 16)])
def test_a_roll_is_undone_exactly(shift: tuple[int, int]) -> None:
    x = noise(2, 3, 16, 13)
    back = [-s for s in shift]
    assert torch.equal(rolled(rolled(x, shift), back), x)


def test_no_turn_zoom_or_shift_changes_nothing() -> None:
    for shape in ((2, 3, 9, 14), (2, 3, 21), (1, 2, 4, 5, 6)):
        x = noise(*shape)
        still = affine(0.0, 1.0, [0.0] * (len(shape) - 2), shape[2:])
        torch.testing.assert_close(warped(x, still), x, atol=1e-5, rtol=1e-5)


def test_a_shift_moves_by_whole_places_and_a_quarter_turn_turns() -> None:
    x = noise(1, 1, 8, 12)
    moved = warped(x, affine(0.0, 1.0, [2.0, 3.0], (8, 12)))
    torch.testing.assert_close(moved[..., :6, :9], x[..., 2:, 3:], atol=1e-5, rtol=1e-5)
    series = noise(1, 2, 16)
    later = warped(series, affine(0.0, 1.0, [4.0], (16,)))
    torch.testing.assert_close(later[..., :12], series[..., 4:], atol=1e-5, rtol=1e-5)
    square = noise(1, 1, 7, 7)
    turned = warped(square, affine(90.0, 1.0, [0.0, 0.0], (7, 7)))
    same = [torch.allclose(turned, square.rot90(k, (2, 3)), atol=1e-4) for k in (1, 3)]
    assert any(same)


def test_the_spectrum_is_that_of_its_picture() -> None:
    """Unit amplitudes are an orthonormal basis: energy is kept (Parseval)."""
    for space in ((16, 16), (12, 15), (33,), (4, 6, 8)):
        x = noise(1, 2, *space)
        axes = tuple(range(2, x.ndim))
        z = torch.view_as_real(torch.fft.rfftn(x, dim=axes, norm="ortho"))
        ones = torch.ones(z.shape[2:-1])
        torch.testing.assert_close(from_spectrum(z, ones, space), x, atol=1e-5, rtol=1e-5)


def test_amplitudes_fall_with_frequency_and_have_unit_power() -> None:
    scale, f = spectrum_scale((32, 48)), frequencies((32, 48))
    product = (scale * f)[f > 1 / 48]
    torch.testing.assert_close(product, product[:1].expand_as(product), rtol=1e-4, atol=1e-6)
    pictures = from_spectrum(noise(64, 1, 32, 25, 2), scale, (32, 48))
    assert float(pictures.var()) == pytest.approx(2.0, rel=0.15)  # real and imaginary parts


def test_only_three_channels_are_correlated() -> None:
    grey = torch.zeros(1, 3, 4, 4)
    grey[:, 0] = 1.0  # the first direction is brightness: all colours rise
    assert (correlated(grey) > 0.5).all()
    seven = noise(1, 7, 4, 4)
    assert torch.equal(correlated(seven), seven)


def test_adam_is_torchs() -> None:
    p = torch.nn.Parameter(noise(5))
    optimiser = torch.optim.Adam([p], lr=0.05, maximize=True)
    own, first, second = p.detach().clone(), torch.zeros(5), torch.zeros(5)
    for step, g in enumerate(noise(7, 5, seed=1), 1):
        p.grad = g.clone()
        optimiser.step()
        own = own + adam(g, first, second, step, 0.05)
    torch.testing.assert_close(own, p.detach(), rtol=1e-5, atol=1e-6)


def test_penalties_by_hand() -> None:
    x = torch.tensor([[[[0.0, 1.0], [3.0, 3.0]]]])
    assert total_variation(x).tolist() == [(1 + 0) / 2 + (3 + 2) / 2]
    assert lp_norm(torch.full((1, 4), 2.0)).item() == pytest.approx(2.0)


def test_likeness_is_one_for_equal_copies_and_knows_its_group() -> None:
    a, b = noise(1, 4, 9), noise(1, 4, 9, seed=1)
    same = likeness(torch.cat([a, a, b, b]), 2)
    torch.testing.assert_close(same, torch.ones(4))
    assert (likeness(torch.cat([a, b, a, b]), 2) < 0.99).all()
    assert likeness(a, 1).tolist() == [0.0]


def test_resizing_keeps_constants_and_is_exact_at_its_own_size() -> None:
    x = noise(1, 3, 8, 10)
    assert resized(x, (8, 10)) is x
    for size in itertools.product((5, 11), (7, 20)):
        assert torch.allclose(resized(torch.full_like(x, 0.3), size), torch.tensor(0.3))
