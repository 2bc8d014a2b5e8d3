"""Deep Dream on a photograph, and what channels of two layers look for."""

from dataclasses import replace
from pathlib import Path

import pellucid as pl
from pellucid.io.samples import sample
from pellucid.render.figure import plot

SIZE, SMALL = (256, 384), 112


def draw(folder: Path) -> dict[str, str]:
    """The figures' captions by file name."""
    model = pl.load_model("efficientnet_lite0")
    return {
        "deep-dream.png": dream(model, folder / "deep-dream.png"),
        "channels.png": channels(model, folder / "channels.png"),
    }


def dream(model: pl.Model, path: Path) -> str:
    """The cup, as a layer in the middle would have it."""
    wide = pl.Model(
        model.net,
        preprocess=replace(model.preprocess, size=SIZE, resize="stretch", crop=1.0),
        classes=model.classes,
    )
    e = pl.explain(wide, str(sample("coffee")), "deep_dream", octaves=3, steps=20)
    e.plot().savefig(path, dpi=150)
    raised = next(check for check in e.checks if check.name == "objective raised by")
    before = e.score[0] - raised.value[0]
    return (
        f"Deep Dream on a cup of coffee, octave by octave: the energy of {e.target[0]} rises from "
        f"{before:.1f} on the photograph to {e.score[0]:.1f}, {e.score[0] / before:.1f} times."
    )


def channels(model: pl.Model, path: Path) -> str:
    """Four channels each of an early and a later layer."""
    x = (1, 3, SMALL, SMALL)
    found = [
        pl.explain(model, x, "feature_visualization", layer=layer, channel=[0, 1, 2, 3], steps=96)
        for layer in ("_blocks.3", "_blocks.6")
    ]
    plot(found, sample=None).savefig(path, dpi=150)
    return "Feature visualisation: what four channels of an early and of a later layer look for."
