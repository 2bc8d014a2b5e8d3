"""Figures of Monte-Carlo dropout: answers with their spread, and what referral brings."""

from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.figure import Figure

from ..core.uncertainty import Labels, Uncertainty
from .glyphs import drawable
from .panels import INK, QUIET, RULE
from .words import shortened

RIGHT, WRONG = "#1f6fc5", "#dd5a1b"
MOST_CLASSES = 5


def plot_uncertainty(u: Uncertainty, labels: Labels | None = None, *, samples: int = 4) -> Figure:
    """The strongest classes of the first `samples` with one standard deviation; with `labels`
    beside them the entropies of right and wrong predictions and the referral curve."""
    shown = range(min(samples, u.passes.shape[1]))
    told = labels is not None and u.probabilities
    across = len(shown) + 2 * told
    with matplotlib.style.context("default"):
        figure = Figure((2.6 * across + 0.4, 2.9), dpi=110, layout="constrained", facecolor="white")
        places = list(np.atleast_1d(figure.subplots(1, across)))
        for axes, sample in zip(places, shown, strict=False):
            _answers(axes, u, sample)
        if told and labels is not None:
            _entropies(places[-2], u, np.asarray(labels))
            _referral(places[-1], u, labels)
        for axes in places:
            _quiet(axes)
    return figure


def _answers(axes: Any, u: Uncertainty, sample: int) -> None:
    order = np.argsort(-u.mean[sample], kind="stable")[:MOST_CLASSES]
    names = u.classes if u.classes and len(u.classes) == u.passes.shape[2] else None
    texts = [drawable(shortened(names[i], 18)) if names else str(i) for i in order]
    places = np.arange(len(order))
    axes.barh(
        places, u.mean[sample, order], xerr=u.std[sample, order], height=0.65, color="#9fc3e8",
        error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 2.5},
    )  # fmt: skip
    axes.set_yticks(places, texts, parse_math=False)
    axes.invert_yaxis()
    if u.probabilities:
        axes.set_xlim(0, 1.02)
        told = f"entropy {u.entropy[sample]:.2f}, BALD {u.mutual_information[sample]:.2f} nats"
    else:
        told = "mean and standard deviation"
    axes.set_title(f"sample {sample}", fontsize=9, color=INK)
    axes.set_xlabel(told, fontsize=7.5, color=QUIET)


def _entropies(axes: Any, u: Uncertainty, labels: Any) -> None:
    right = u.predicted == labels
    bins = np.linspace(0, max(float(u.entropy.max()), 1e-3), 21)
    axes.hist(u.entropy[right], bins, color=RIGHT, alpha=0.7, label=f"right ({right.sum()})")
    axes.hist(u.entropy[~right], bins, color=WRONG, alpha=0.8, label=f"wrong ({(~right).sum()})")
    axes.legend(fontsize=7, frameon=False)
    axes.set_title("who is unsure", fontsize=9, color=INK)
    axes.set_xlabel("predictive entropy (nats)", fontsize=7.5, color=QUIET)
    axes.set_ylabel("samples", fontsize=7.5, color=QUIET)


def _referral(axes: Any, u: Uncertainty, labels: Labels) -> None:
    curve = u.referral(labels)
    axes.plot(curve.referred, curve.accuracy, color=RIGHT, linewidth=1.6, label="least sure first")
    axes.axhline(curve.random, color=QUIET, linewidth=1, linestyle="--", label="at random")
    axes.legend(fontsize=7, frameon=False, loc="lower right")
    axes.set_title("referral", fontsize=9, color=INK)
    axes.set_xlabel(
        f"share referred · AUROC of errors {curve.auroc:.2f}", fontsize=7.5, color=QUIET
    )
    axes.set_ylabel("accuracy of the others", fontsize=7.5, color=QUIET)


def _quiet(axes: Any) -> None:
    axes.tick_params(labelsize=7.5, length=0, labelcolor=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set(color=RULE)
