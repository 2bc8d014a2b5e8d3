"""Explanations as lines, as JSON, and as files."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.checks import Check
from ..core.explanation import Explanation
from ..core.method import describe_value
from ..errors import ParameterError
from ..io.writing import write_bytes, write_text

FIGURES = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class About:
    """What a report says of the input and the model, and of the code that repeats it.

    `names` are those of the samples where an input holds several.
    """

    title: str
    model: str
    snippet: str | None = None
    names: tuple[str, ...] = ()


def lines(explanations: Sequence[Explanation]) -> list[str]:
    """One line a method and sample, and one for every check that is not ok."""
    found: list[str] = []
    wide = max(len(e.method) for e in explanations)
    for e in explanations:
        trust = e.record.get("trust")
        for index in range(len(e)):
            target = e.target[index] if e.target else "-"
            score = f"{float(e.score[index]):.4g}" if len(e.score) else "-"
            found.append(f"{e.method:<{wide}}  {e[index].verdict:<6}  {target}  {score}")
        found += [f"{'':<{wide}}  {text}" for text in _trust(trust)]
        found += [
            f"{'':<{wide}}  {check.verdict:<6}  {check.name}: {check.meaning}"
            for check in e.checks
            if check.verdict != "ok"
        ]
    return found


def _trust(trust: Any) -> list[str]:
    """The verdict of a verification, and what was not checked."""
    if not trust:
        return []
    skipped = [f"        not checked: {name} ({why})" for name, why in trust["skipped"].items()]
    return [f"{trust['verdict']:<6}  {trust['headline']}. {trust['reasons'][0]}", *skipped]


def as_json(e: Explanation) -> dict[str, Any]:
    """What is known about an explanation, without its arrays."""
    return {
        "method": e.method,
        "params": plain(e.params),
        "seed": e.seed,
        "target": list(e.target),
        "score": plain(e.score.tolist()),
        "axes": list(e.axes),
        "shape": list(e.values.shape),
        "verdict": e.verdict,
        "checks": checks_json(e.checks),
        **({"trust": plain(e.record["trust"])} if "trust" in e.record else {}),
        "cost": plain(e.cost),
        "record": plain(e.record),
        **_features(e),
    }


def checks_json(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Checks as plain values."""
    return [
        {"name": c.name, "value": plain(c.value), "verdict": c.verdict, "meaning": c.meaning}
        for c in checks
    ]


def _features(e: Explanation) -> dict[str, Any]:
    """What the words of a text and the columns of a table are called, and their values."""
    found = {name: plain(e.record[name]) for name in ("feature_names", "words") if name in e.record}
    if not found:
        return {}
    return {**found, "values": plain(e.values.tolist())}


def plain(value: Any) -> Any:
    """`value` as strict JSON: numbers that are not finite become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return describe_value(value)


def write(explanations: list[Explanation], out: Path, about: About) -> list[Path]:
    """Write to a report, a figure, an archive, or a folder with all three; the main file first."""
    suffix = out.suffix.lower()
    if out.is_dir() or not suffix:
        return write_folder(explanations, out, about)
    if suffix in (".html", ".htm"):
        return [write_report(explanations, out, about)]
    if suffix in FIGURES:
        return _write_figures(explanations, out)
    if suffix == ".npz":
        return [
            _write_arrays(e, out if len(explanations) == 1 else _beside(out, e.method))
            for e in explanations
        ]
    raise ParameterError(
        f"--out {out} has an unknown ending.",
        f"Use .html, .npz, {', '.join(FIGURES)}, or a folder.",
    )


def _beside(path: Path, word: str) -> Path:
    """A file of several: `out.png` becomes `out.word.png`."""
    return path.with_name(f"{path.stem}.{word}{path.suffix}")


def write_report(explanations: list[Explanation], path: Path, about: About) -> Path:
    """The report page on these explanations."""
    from ..report.page import report, reports

    if len(about.names) > 1:
        page = reports(
            explanations, title=about.title, names=about.names, snippet_model=about.model
        )
    else:
        page = report(
            explanations,
            title=about.title,
            snippet_model=about.model,
            snippet_input=about.snippet,
        )
    return write_text(path, page)


def write_folder(explanations: list[Explanation], folder: Path, about: About) -> list[Path]:
    """The report page, and every explanation as a figure and as raw arrays."""
    written = [write_report(explanations, folder / "report.html", about)]
    for e in explanations:
        written += _write_figures([e], folder / f"{e.method}.png")
        written.append(_write_arrays(e, folder / f"{e.method}.npz"))
    return written


def _write_figures(explanations: list[Explanation], path: Path) -> list[Path]:
    """A figure for every explanation and sample, numbered from 1 where there are several."""
    written = []
    for e in explanations:
        own = path if len(explanations) == 1 else _beside(path, e.method)
        for sample in range(len(e)):
            one = own if len(e) == 1 else _beside(own, str(sample + 1))
            written.append(_write_figure(e, sample, one))
    return written


def _write_figure(e: Explanation, sample: int, path: Path) -> Path:
    buffer = io.BytesIO()
    figure = e.plot(sample=sample)
    figure.savefig(buffer, format=path.suffix[1:].lower(), dpi=150, bbox_inches="tight")
    return write_bytes(path, buffer.getvalue())


def _write_arrays(e: Explanation, path: Path) -> Path:
    return Path(e.save(path))
