"""Figures of every kind of explanation."""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from pellucid.core.checks import Check
from pellucid.errors import InputError, ParameterError
from pellucid.render.encode import pixels_of, png
from pellucid.render.figure import plot
from pellucid.render.html import explanation_html
from pellucid.render.image import image
from pellucid.render.palette import colour
from pellucid.render.reading import over_channels, read
from pellucid.render.scale import Scale, scale_of
from pellucid.render.volume import strongest
from pellucid.render.words import shortened

NAMES = [
    "image", "colour image", "channels last", "grey image", "no display", "series", "series map",
    "long series", "volume", "features", "tokens", "maps", "strips", "vector",
]  # fmt: skip


def words(figure) -> str:
    """Every text of a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_drawn_and_not_blank(kinds, name) -> None:
    pixels = pixels_of(plot(kinds[name]), dpi=40)
    assert pixels.dtype == np.uint8
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20


def test_every_kind_is_listed(kinds) -> None:
    assert sorted(kinds) == sorted(NAMES)


def test_same_explanation_same_bytes_whatever_the_callers_style(kinds) -> None:
    plain = png(plot(kinds["features"]), dpi=40)
    styles = {"axes.facecolor": "red", "font.size": 30, "text.hinting": "none"}
    with matplotlib.rc_context(styles):
        assert png(plot(kinds["features"]), dpi=40) == plain
    assert b"Software" not in plain
    assert b"tIME" not in plain


def test_drawing_leaves_styles_alone(kinds) -> None:
    before = dict(matplotlib.rcParams)
    plot(kinds["series"])
    assert dict(matplotlib.rcParams) == before


def test_colour_bar_says_what_the_colours_mean_in_raw_units(make) -> None:
    values = np.zeros((1, 6, 6), np.float32)
    values[0, 0, 0], values[0, 1, 1] = -0.25, 0.125
    signed = words(plot(make(values, ("sample", "height", "width"))))
    assert "speaks against" in signed
    assert "supports cat (class 1)" in signed
    assert "−0.25" in signed
    assert "in units of the" not in signed
    shares = make(values, ("sample", "height", "width"), method="integrated_gradients")
    assert "in units of the logit" in words(plot(shares))
    positive = words(plot(make(values, ("sample", "height", "width"), method="grad_cam")))
    assert "no support" in positive
    assert "0.125" in positive
    assert "−0.25" not in positive


def test_clipping_is_stated(make) -> None:
    values = np.random.default_rng(0).normal(size=(1, 50, 50)).astype(np.float32)
    e = make(values, ("sample", "height", "width"))
    assert "colours end at the 99.5th percentile" in words(plot(e))
    assert "percentile" not in words(plot(e, clip=None))


@pytest.mark.parametrize(
    ("values", "diagnosis"),
    [(-1.0, "same value −1"), (0.0, "Zero everywhere"), (2.0, "same value 2")],
)
@pytest.mark.parametrize("view", ["overlay", "map", "boundaries", "top_share"])
def test_degenerate_maps_are_drawn_signed_with_their_diagnosis(make, values, diagnosis, view):
    photo = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), dtype=np.uint8)
    full = np.full((1, 8, 8), values, np.float32)
    e = make(full, ("sample", "height", "width"), photo, "grad_cam")
    assert read(e).signed
    assert diagnosis in words(plot(e, view=view))
    assert image(e, view=view).std() > 0 or (view == "map" and values)


def test_all_negative_evidence_is_shown_as_such(make) -> None:
    values = -np.linspace(0.5, 1, 36, dtype=np.float32).reshape(1, 6, 6)
    e = make(values, ("sample", "height", "width"), method="grad_cam")
    assert "No positive evidence" in words(plot(e))
    drawn = image(e, view="map")
    assert (drawn == colour(values[0], signed=True)).all()


def test_a_single_place_is_diagnosed(make) -> None:
    values = np.ones((1, 6, 6), np.float32)
    e = make(
        values,
        ("sample", "height", "width"),
        coarse=np.ones((1, 1, 1), np.float32),
        method="grad_cam",
    )
    assert "single place (1×1)" in words(plot(e))


def test_values_that_are_not_finite_are_said_and_drawn_as_zero(make) -> None:
    values = np.ones((1, 6, 6), np.float32)
    values[0, 0, 0] = np.nan
    e = make(values, ("sample", "height", "width"))
    assert "not finite" in words(plot(e))
    assert (image(e, view="map")[0, 0] == colour(0.0, signed=True)).all()


def test_failed_checks_reach_the_title(make) -> None:
    check = Check("completeness gap", 0.4, "failed", "The sum misses the score.")
    e = make(np.eye(6, dtype=np.float32)[None], ("sample", "height", "width"), checks=(check,))
    assert "The sum misses the score." in words(plot(e))


def test_shared_scale_makes_colours_comparable(make) -> None:
    weak, strong = np.eye(6, dtype=np.float32)[None], 10 * np.eye(6, dtype=np.float32)[None]
    e = make(np.concatenate([weak, strong]), ("sample", "height", "width"))
    assert (image(e, 0, "map") == image(e, 1, "map")).all()
    scale = scale_of([e.values], signed=True)
    assert (image(e, 0, "map", scale)[0, 0] == colour(0.1, signed=True)).all()
    assert "−1\n" in words(plot(e, sample=None)) + "\n"
    assert "−1\n" not in words(plot(e, sample=None, shared=True)) + "\n"


def test_channels_become_one_value_a_place() -> None:
    values = np.array([[1.0], [-3.0]], np.float32)
    assert over_channels(values).tolist() == [-2]
    assert over_channels(values, "sum_abs").tolist() == [4]
    assert over_channels(values, "max_abs").tolist() == [3]
    assert over_channels(values, 0).tolist() == [1]
    for wrong in (2, "mean"):
        with pytest.raises(ParameterError):
            over_channels(values, wrong)


def test_channels_last_are_found_by_name(kinds) -> None:
    e = kinds["channels last"]
    assert np.allclose(read(e).values, e.values[0].sum(-1))


def test_series_are_lines_of_the_input_coloured_by_evidence(make) -> None:
    evidence = np.zeros((1, 2, 10), np.float32)
    evidence[0, 1, 4] = 1
    seen = np.arange(20, dtype=np.float32).reshape(1, 2, 10)
    figure = plot(make(evidence, ("sample", "channel", "time"), seen))
    quiet, marked = figure.findobj(LineCollection)[:2]
    assert np.allclose(np.array(marked.get_segments())[:, 0, 1], np.arange(10, 19))
    assert len(np.unique(quiet.get_colors(), axis=0)) == 1
    assert (marked.get_colors()[4] != marked.get_colors()[0]).any()
    # the line up to the marked place has its colour, not the pale one of no evidence
    assert np.allclose(marked.get_colors()[3], marked.get_colors()[4])
    assert marked.get_linewidths()[4] > marked.get_linewidths()[0]


def test_series_with_channels_last_are_turned(make) -> None:
    evidence = np.random.default_rng(0).normal(size=(1, 10, 3)).astype(np.float32)
    figure = plot(make(evidence, ("sample", "time", "channel"), evidence))
    lines = [found for found in figure.findobj(LineCollection) if len(found.get_segments()) == 9]
    assert len(lines) == 3
    assert np.allclose(np.array(lines[0].get_segments())[:, 0, 1], evidence[0, :-1, 0])


def test_volume_is_cut_through_its_strongest_voxel() -> None:
    values = np.zeros((3, 4, 5))
    values[1, 2, 3], values[0, 0, 0] = 1, -2
    assert strongest(values, signed=False) == (1, 2, 3)
    assert strongest(values, signed=True) == (0, 0, 0)


def test_bars_name_the_strongest_features_and_their_values(make) -> None:
    values = np.zeros((1, 30), np.float32)
    values[0, 7], values[0, 3] = -5, 2
    record = {"feature_names": [f"f{k}" for k in range(30)], "space": "logit"}
    seen = np.arange(30, dtype=np.float32)[None]
    text = words(plot(make(values, ("sample", "feature"), seen, record=record)))
    assert text.index("f7 = 7") < text.index("f3 = 3")
    assert "10 weaker not shown" in text


def test_columns_that_are_one_feature_have_one_bar(make) -> None:
    values = np.array([[0.5, 2, 0.5, 1]], np.float32)
    seen = np.array([[51, 37646.0, 0.123456789, 2]])
    record = {"feature_names": ["age", "income", "job", "children"], "space": "logit"}
    e = make(values, ("sample", "feature"), seen, record=record)
    text = words(plot(replace(e, segments=np.array([[0, 1, 0, -1]], np.int32))))
    assert "age = 51, job = 0.123457" in text
    assert text.index("income = 37646") < text.index("children = 2") < text.index("age = 51")


def test_activations_show_the_range_of_every_channel(make) -> None:
    values = np.zeros((1, 20, 3, 3), np.float32)
    values[0, 5, 0, 0], values[0, 6, 1, 1] = 4, -2
    axes = ("sample", "channel", "height", "width")
    text = words(plot(make(values, axes, None, "activations")))
    assert "channel 5   0 … 4" in text
    assert "channel 6   −2 … 0" in text
    assert "16 strongest of 20 channels" in text


def test_dollar_signs_in_names_are_no_formulas(make) -> None:
    values = np.eye(6, dtype=np.float32)[None]
    odd = "$\\frac{$ (class 1)"
    for axes, shown in (
        (("sample", "height", "width"), values),
        (("sample", "feature"), values[0]),
    ):
        e = make(shown, axes, target=(odd,) * len(shown))
        assert odd in words(plot(e))
        pixels_of(plot(e), dpi=30)


def test_several_methods_stand_beside_one_photograph(kinds) -> None:
    text = words(plot([kinds["image"], kinds["colour image"]]))
    assert text.count("24 × 20 pixels") == 1
    assert "Grad-CAM" in text
    assert "Gradient" in text


def test_parts_are_drawn_one_by_one(make, kinds) -> None:
    e = kinds["image"]
    parts = {"a": make(e.values, e.axes, record={"part": "a"}), "b": kinds["features"]}
    text = words(plot(make(e.values, e.axes, parts=parts)))
    assert "Gradient · a" in text
    assert "feature" in text


def test_wrong_wishes_are_refused(kinds) -> None:
    with pytest.raises(InputError, match="sample 2"):
        plot(kinds["image"], sample=2)
    with pytest.raises(ParameterError, match="view"):
        plot(kinds["image"], view="heat")
    with pytest.raises(InputError):
        plot([])
    with pytest.raises(ParameterError, match="too many"):
        plot([kinds["image"]] * 31, sample=None)


def test_views_of_the_same_map_differ(kinds) -> None:
    views = [image(kinds["image"], view=v) for v in ("overlay", "map", "boundaries", "top_share")]
    for a in range(4):
        assert views[a].shape == (20, 24, 3)
        for b in range(a):
            assert (views[a] != views[b]).any()


def test_what_is_no_image_still_gives_pixels(kinds) -> None:
    assert image(kinds["features"], cmap="jet").ndim == 3


def test_zero_scale_draws_zero(make) -> None:
    e = make(np.ones((1, 4, 4), np.float32), ("sample", "height", "width"))
    drawn = image(e, view="map", scale=Scale(0.0, 0.0, True))
    assert (drawn == colour(0.0, signed=True)).all()


def test_html_escapes_and_embeds(make) -> None:
    check = Check("<b>", None, "poor", "<img src=x>")
    e = make(
        np.eye(6, dtype=np.float32)[None],
        ("sample", "height", "width"),
        target=("<script>alert(1)</script>",),
        checks=(check,),
    )
    page = explanation_html(e)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
    assert 'src="data:image/png;base64,' in page
    assert "2.5 logit" in page
    assert page == explanation_html(e)


def test_shortened_keeps_the_class_number() -> None:
    text = shortened("a cat having a striped coat (class 282)", 24)
    assert text.endswith("(class 282)")
    assert len(text) <= 24
    assert shortened("short", 24) == "short"
