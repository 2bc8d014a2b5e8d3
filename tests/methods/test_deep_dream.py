"""Deep Dream: identities on small nets, the published recipes, and a real dream."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import pellucid as pl
from pellucid.io.animation import write_animation
from pellucid.io.samples import sample
from pellucid.methods.deep_dream import PRESETS, mean_size, standard_deviation
from pellucid.ops.octaves import octave_sizes
from pellucid.testing.nets import Plain, built


def net() -> nn.Module:
    return built(Plain)


def batch(n: int = 2, *shape: int) -> torch.Tensor:
    return torch.rand(n, *(shape or (3, 16, 16)), generator=torch.Generator().manual_seed(3))


def dream(model: nn.Module, x: torch.Tensor, **params) -> pl.Explanation:
    e: pl.Explanation = pl.explain(
        model, x, "deep_dream", **{"bounds": (0, 1), "steps": 2, "octaves": 2, **params}
    )
    return e


@pytest.mark.parametrize("preset", ["original", "tensorflow"])
def test_no_steps_give_the_input_bit_for_bit(preset: str) -> None:
    x = batch()
    assert np.array_equal(dream(net(), x, steps=0, preset=preset).values, x.numpy())


def test_octaves_are_those_of_the_formula() -> None:
    x = batch(1, 3, 40, 30)
    original = dream(net(), x, octaves=4, steps=1)
    around = dream(net(), x, preset="tensorflow", octaves=5, steps=1)
    wanted = [list(s) for s in octave_sizes((40, 30), 1.4, range(-3, 1))]
    assert original.record["octave_sizes"] == wanted
    assert around.record["octave_sizes"] == [
        list(s) for s in octave_sizes((40, 30), 1.3, range(-2, 3))
    ]
    assert original.curve.shape == (1, 4)


def test_presets_are_the_published_ones() -> None:
    first, second = PRESETS["original"], PRESETS["tensorflow"]
    assert (first.steps, first.octaves, first.octave_scale, first.jitter) == (10, 4, 1.4, 32)
    assert first.rate == 1.5 / 255
    assert first.norm is mean_size
    assert (second.steps, second.octaves, second.octave_scale) == (100, 5, 1.3)
    assert second.rate == 0.01 / 2  # of a range from −1 to 1
    assert second.norm is standard_deviation


def test_one_step_is_the_paper_s() -> None:
    """x + rate · g / mean |g| of ½ mean A², without octaves and jitter; clipped to the range."""
    model, x = net(), batch()
    e = dream(model, x, layer="conv2", octaves=1, jitter=0, steps=1, rate=0.01)
    start = x.clone().requires_grad_()
    energy = 0.5 * model.conv2(model.pool(model.conv1(start).relu())).square().flatten(1).mean(1)
    (g,) = torch.autograd.grad(energy.sum(), start)
    wanted = (x + 0.01 * g / g.abs().flatten(1).mean(1).reshape(-1, 1, 1, 1)).clamp(0, 1)
    np.testing.assert_allclose(e.values, wanted.numpy(), atol=1e-5)
    np.testing.assert_allclose(e.curve[:, 0], energy.detach().numpy(), rtol=1e-4)


@pytest.mark.parametrize("preset", ["original", "tensorflow"])
def test_the_size_of_the_objective_does_not_matter(preset: str) -> None:
    x = batch()
    one, hundred = (
        dream(net(), x, layer="conv2", weights=[w], preset=preset) for w in (1.0, 100.0)
    )
    np.testing.assert_allclose(one.values, hundred.values, atol=2e-4)


def test_tiles_see_every_pixel_and_change_little() -> None:
    model, x = net(), batch(1, 3, 48, 40)
    tiled = dream(model, x, layer="conv1", tile=16, octaves=1, jitter=0, steps=1)
    moved = np.abs(tiled.values - x.numpy()).max(1)[0]
    inside = (x.numpy() > 0.05).all(1)[0] & (x.numpy() < 0.95).all(1)[0]
    assert (moved[inside] > 0).mean() > 0.99
    for part in (moved[32:], moved[:, 27:]):  # the last row and column of tiles
        assert part.max() > 0


def test_a_linear_layer_is_followed_in_sign() -> None:
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    x = torch.full((1, 3, 4, 4), 0.5) + 0.01 * batch(1, 3, 4, 4)
    e = pl.explain(
        linear, x, "deep_dream", target=1, octaves=1, jitter=0, steps=3, rate=0.001, bounds=(0, 1)
    )
    w = linear[1].weight[1].detach().reshape(3, 4, 4).numpy()
    assert (np.sign(e.values[0] - x[0].numpy()) == np.sign(w)).all()


def test_the_objective_rises_and_stays_in_range() -> None:
    for params in ({}, {"layer": ["conv1", "conv2"], "weights": [1, 0.5]}, {"channel": [0, 1]}):
        e = dream(net(), batch(), steps=8, **params)
        assert e.verdict == "ok", e.checks
        assert e.values.min() >= 0
        assert e.values.max() <= 1
        assert (e.curve[:, -1] > e.curve[:, 8]).all()  # within the last octave


def score(**params) -> np.ndarray:
    return np.asarray(dream(net(), batch(), **{"steps": 0, **params}).score)


def test_layers_count_by_their_weights() -> None:
    first, second = score(layer="conv1"), score(layer="conv2")
    both = score(layer=["conv1", "conv2"], weights=[2.0, -0.5])
    np.testing.assert_allclose(both, 2 * first - second / 2, rtol=1e-5)
    weaker = dream(net(), batch(), layer="conv2", weights=[-1.0], steps=4)
    assert (weaker.score > -second).all()  # what is raised is the layer turned round


def test_channels_and_classes_can_be_raised_instead() -> None:
    maps = activations(net(), "conv2", batch())
    wanted = maps[:, [1, 3]].mean((1, 2, 3))
    np.testing.assert_allclose(score(layer="conv2", channel=[1, 3]), wanted, rtol=1e-5)
    e = pl.explain(net(), batch(), "deep_dream", target=2, bounds=(0, 1), steps=4, octaves=1)
    with torch.no_grad():
        before, after = net()(batch())[:, 2], net()(torch.tensor(e.values))[:, 2]
    np.testing.assert_allclose(e.score, after, rtol=1e-4)
    assert (after > before).all()


def activations(model: nn.Module, layer: str, x: torch.Tensor) -> torch.Tensor:
    found: list[torch.Tensor] = []
    handle = model.get_submodule(layer).register_forward_hook(
        lambda *a: found.append(a[2].detach())
    )
    model(x)
    handle.remove()
    return found[0]


def test_a_guide_is_matched() -> None:
    x, guide = batch(1), batch(1, 3, 20, 24)
    e = dream(net(), x, layer="conv2", guide=guide, steps=6)
    assert e.target == ("the guide's features in conv2",)
    assert e.verdict == "ok"


def test_a_net_of_one_size_sees_octaves_at_its_own() -> None:
    fixed = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 196, 2))
    e = dream(fixed, batch(), steps=3)
    class_dream = pl.explain(fixed, batch(), "deep_dream", target=1, steps=2, bounds=(0, 1))
    assert "resized for the network" in [c.name for c in class_dream.checks]
    assert class_dream.target == ("class 1", "class 1")
    assert e.values.shape == (2, 3, 16, 16)


def test_a_dead_layer_leaves_the_input_and_says_so() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    with torch.no_grad():
        model[0].bias.fill_(-1e4)
    x = batch()
    e = dream(model, x, layer="1")
    np.testing.assert_allclose(e.values, x.numpy(), atol=1e-5)
    assert [c.verdict for c in e.checks if c.name == "no gradient"] == ["failed"]


@pytest.mark.parametrize("shape", [(1, 20, 20), (7, 20, 24), (5, 40), (2, 8, 9, 10)])
def test_any_number_of_channels_and_axes(shape: tuple[int, ...]) -> None:
    model = built(lambda: Plain(shape[0], 3, len(shape) - 1))
    e = dream(model, batch(1, *shape))
    assert e.values.shape == (1, *shape)
    assert e.plot().axes


def test_the_range_comes_from_the_preprocessing() -> None:
    mean, std = (0.4, 0.5, 0.6), (0.2, 0.3, 0.4)
    model = pl.Model(net(), preprocess=pl.ImagePreprocess(size=24, mean=mean, std=std))
    e = pl.explain(model, str(sample("coffee")), "deep_dream", steps=4, octaves=2, rate=0.5)
    low, high = (np.array(bound) for bound in e.record["range"][0])
    np.testing.assert_allclose(low, -np.array(mean) / std, rtol=1e-5)
    np.testing.assert_allclose(high, (1 - np.array(mean)) / std, rtol=1e-5)
    values = e.values[0].reshape(3, -1)
    np.testing.assert_allclose(values.min(1), low, atol=1e-5)  # so large steps reach both ends
    np.testing.assert_allclose(values.max(1), high, atol=1e-5)


def test_a_range_that_is_not_known_is_said_or_asked_for() -> None:
    e = pl.explain(net(), batch(), "deep_dream", steps=1)
    assert next(c for c in e.checks if c.name == "valid range").verdict == "poor"
    with pytest.raises(pl.ParameterError, match="bounds"):
        pl.explain(net(), torch.zeros(1, 3, 16, 16), "deep_dream", steps=1)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"layer": "conv2", "target": 1}, "two objectives"),
        ({"channel": 0, "guide": batch(1)}, "two objectives"),
        ({"layer": ["conv1", "conv2"], "weights": [1.0]}, "1 weights for 2 layers"),
        ({"layer": "conv2", "channel": 999}, "no channel 999"),
        ({"guide": "photo.jpg"}, "no preprocess"),
    ],
)
def test_contradictions_are_refused(params, text: str) -> None:
    with pytest.raises(pl.PellucidError, match=text) as caught:
        dream(net(), batch(), **params)
    assert caught.value.remedy


def test_a_live_picture_for_every_step() -> None:
    seen = []

    def listen(event: pl.Event) -> None:
        if event.partial is not None:
            seen.append(event.partial().values)

    e = dream(net(), batch(), steps=3, octaves=2)
    dreamt = pl.explain(
        net(), batch(), "deep_dream", steps=3, octaves=2, bounds=(0, 1), progress=listen
    )
    assert len(seen) == 6
    assert all(values.shape == e.values.shape for values in seen)
    assert np.array_equal(seen[-1], dreamt.values)


def test_a_film_of_the_way(tmp_path) -> None:
    from PIL import Image

    film = pl.Film(size=12)
    pl.explain(net(), batch(), "deep_dream", steps=3, octaves=2, progress=film)
    assert len(film.frames) == 6
    for ending in ("gif", "webp", "png"):
        with Image.open(film.save(tmp_path / f"dream.{ending}")) as found:
            assert found.n_frames > 1
            assert found.size == (12, 12)
    with pytest.raises(pl.InputError, match="no pictures"):
        pl.Film().save(tmp_path / "empty.gif")


FFMPEG = f"""#!{sys.executable}
import sys
words, given = sys.argv[1:], sys.stdin.buffer.read()
with open(words[-1], "wb") as film:
    film.write(" ".join(words[:-1]).encode() + b"|" + given)
"""


def ffmpeg(folder: Path, monkeypatch, script: str | None) -> None:
    """Put a program of this name on the PATH, and nothing else."""
    if script is not None:
        (folder / "ffmpeg").write_text(script)
        (folder / "ffmpeg").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_film_is_encoded_by_the_users_own_program(tmp_path, monkeypatch) -> None:
    frames = [np.full((5, 6, 3), shade, np.uint8) for shade in (0, 100, 200)]
    ffmpeg(tmp_path, monkeypatch, FFMPEG)
    words, _, given = write_animation(frames, tmp_path / "a.mp4", 3).read_bytes().partition(b"|")
    assert b"-pix_fmt rgb24 -s 6x4 -r 1 -i -" in words  # even sides
    pictures = np.frombuffer(given, np.uint8).reshape(-1, 4, 6, 3)
    assert [int(one.max()) for one in pictures] == [0, 100, 200, 200]  # held for a second and more
    ffmpeg(tmp_path, monkeypatch, f"#!{sys.executable}\nimport sys; sys.exit('no such codec')")
    with pytest.raises(pl.FileError, match="no such codec"):
        write_animation(frames, tmp_path / "b.mp4")
    assert not (tmp_path / "b.mp4").exists()


def test_without_that_program_a_film_is_refused(tmp_path, monkeypatch) -> None:
    ffmpeg(tmp_path, monkeypatch, None)
    with pytest.raises(pl.FileError, match=r"no ffmpeg on the PATH.*Install ffmpeg, or use .gif"):
        write_animation([np.zeros((4, 4, 3), np.uint8)], tmp_path / "dream.mp4")
    with pytest.raises(pl.FileError, match="no moving picture"):
        write_animation([np.zeros((4, 4, 3), np.uint8)], tmp_path / "dream.txt")


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_a_true_film_is_written(tmp_path) -> None:
    frames = [np.full((32, 32, 3), shade, np.uint8) for shade in (0, 100, 200)]
    assert write_animation(frames, tmp_path / "a.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_real_dream_doubles_its_objective(name: str) -> None:
    pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")
    model = pl.load_model("efficientnet_lite0")
    model.preprocess = replace(model.preprocess, size=160)
    photo = str(sample(name))
    before = pl.explain(model, photo, "deep_dream", steps=0)
    after = pl.explain(model, photo, "deep_dream", steps=20)
    assert after.score[0] >= 2 * before.score[0]
    assert after.verdict == "ok"


def test_the_caller_s_tensor_gets_no_gradient() -> None:
    x = batch().requires_grad_()
    dream(net(), x)
    assert x.grad is None
