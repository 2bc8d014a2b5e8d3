"""Superpixels: lines where labels change, green for and red against."""

import numpy as np
import torch

import pellucid as pl
from pellucid.render.image import image
from pellucid.render.superpixels import edges, labels_at, outlined

LABELS = np.repeat(np.repeat([[0, 1], [2, 3]], 8, 0), 8, 1)


def quadrants(x: torch.Tensor) -> torch.Tensor:
    """For: upper left; against: lower right."""
    score = x[:, :, :8, :8].mean((1, 2, 3)) - x[:, :, 8:, 8:].mean((1, 2, 3))
    return torch.stack([-score, score], 1)


def explained() -> pl.Explanation:
    x = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) + 0.5
    e: pl.Explanation = pl.explain(
        quadrants, x, pl.Shapley(segments=LABELS), target=1, space="logit"
    )
    return e


def test_lines_run_where_labels_change() -> None:
    found = edges(LABELS)
    assert found[:, 7].all()
    assert found[7].all()
    assert found.sum() == 16 + 15


def test_segments_are_kept_in_the_explanation_and_its_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    e = explained()
    np.testing.assert_array_equal(labels_at(e, 1), LABELS)
    back = pl.Explanation.load(e.save(tmp_path / "e.npz"))
    np.testing.assert_array_equal(labels_at(back, 1), LABELS)
    np.testing.assert_array_equal(labels_at(e[1], 0), LABELS)


def test_the_overlay_has_lines_between_segments() -> None:
    e = explained()
    plain = image(pl.Explanation(e.values, e.axes, e.method, {}, display=e.display), 0, "overlay")
    drawn = image(e, 0, "overlay")
    assert (drawn != plain).any(-1)[edges(LABELS)].all()
    assert np.array_equal(drawn[~edges(LABELS)], plain[~edges(LABELS)])


def test_green_speaks_for_and_red_against() -> None:
    drawn = image(explained(), 0, "segments").astype(int)
    green, red = drawn[3, 3], drawn[12, 12]
    assert green[1] > green[0] + 60
    assert red[0] > red[1] + 60


def test_outlines_grow_with_the_picture() -> None:
    large = np.zeros((64, 64, 3), np.uint8)
    assert (outlined(large, LABELS) > 0).any(-1).sum() == 64 + 63


def test_bars_have_whiskers_of_one_standard_error() -> None:
    x = torch.randn(1, 14, generator=torch.Generator().manual_seed(0))
    net = torch.nn.Sequential(torch.nn.Linear(14, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    e = pl.explain(net, x, pl.KernelSHAP(n_samples=64, tolerance=None), target=0)
    assert e.std_error.any()
    figure = e.plot()
    axes = figure.subfigs[0].subfigs[0].axes[0]
    assert any(container.errorbar is not None for container in axes.containers
               if hasattr(container, "errorbar"))  # fmt: skip
    assert "one standard error" in axes.get_xlabel()
