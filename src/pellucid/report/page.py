"""One self-contained HTML page on what a model saw; opens offline and fetches nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.explanation import Explanation
from ..errors import InputError
from ..render.photo import photo_of
from ..render.reading import expanded, read
from ..render.scale import Scale, scale_of
from .cards import Card, address, card
from .outcome import Outcome, outcome_of
from .pages import static, template

_VIEW_NAMES = {
    "auto": "As suits each",
    "overlay": "Over the photograph",
    "map": "Map alone",
    "boundaries": "Outline",
    "top_share": "Spotlight",
}


@dataclass(frozen=True)
class Section:
    """One input: its picture, the model's answer, and a card for every method and target."""

    name: str
    photo: str
    outcome: Outcome
    cards: tuple[Card, ...]


def report(
    explanations: Explanation | Sequence[Explanation],
    *,
    title: str | None = None,
    sample: int = 0,
    snippet_model: str | None = None,
    snippet_input: str | None = None,
) -> str:
    """The page on one input with its methods side by side, one card for each of its targets.

    `sample` numbers the inputs. `snippet_model` and `snippet_input` are what the code to repeat it
    loads: what `pl.load_model` takes, and a path. The same explanations give the same bytes.
    """
    return reports(
        explanations,
        title=title,
        samples=[sample],
        snippet_model=snippet_model,
        snippet_inputs=None if snippet_input is None else [snippet_input],
    )


def reports(
    explanations: Explanation | Sequence[Explanation],
    *,
    title: str | None = None,
    samples: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    snippet_model: str | None = None,
    snippet_inputs: Sequence[str] | None = None,
    shared: bool = False,
) -> str:
    """The page on several inputs, a section each; `shared` gives each method one scale for all."""
    found = expanded(explanations)
    chosen = list(range(_inputs(found))) if samples is None else list(samples)
    for given, what in ((names, "names"), (snippet_inputs, "snippet_inputs")):
        if given is not None and len(given) != len(chosen):
            raise InputError(f"{len(given)} {what} for {len(chosen)} inputs.", "Give one for each.")
    sections = []
    scales = [_scale(e, chosen) if shared else None for e in found]
    for k, sample in enumerate(chosen):
        source = snippet_inputs[k] if snippet_inputs else None
        name = names[k] if names else f"Input {sample}" if len(chosen) > 1 else ""
        sections.append(_section(found, scales, sample, name, snippet_model, source))
    return template("page.html").render(
        title=title or "What the network saw",
        sections=sections,
        views=list(_VIEW_NAMES.items()),
        record=_made(found[0]),
        style=static("page.css"),
    )


def _section(
    found: list[Explanation],
    scales: list[Scale | None],
    sample: int,
    name: str,
    model: str | None,
    source: str | None,
) -> Section:
    rows = [
        (e, row, scale) for e, scale in zip(found, scales, strict=True) for row in _rows(e, sample)
    ]
    if not rows:
        raise InputError(
            f"There is no input {sample} in these explanations.",
            f"They hold {_inputs(found)}, numbered from 0.",
        )
    first, row, _ = rows[0]
    photo = next((p for e, r, _ in rows if (p := photo_of(e, r)) is not None), None)
    targets = tuple(e.target[r] for e, r, _ in rows if r < len(e.target))
    return Section(
        name=name,
        photo="" if photo is None else address(photo),
        outcome=outcome_of(first, first.sample_of([row])[0], targets),
        cards=tuple(card(e, r, model, source, scale) for e, r, scale in rows),
    )


def _rows(e: Explanation, sample: int) -> list[int]:
    sources = e.sample_of(list(range(len(e))))
    return [row for row, source in enumerate(sources) if source == sample]


def _inputs(found: list[Explanation]) -> int:
    return max(max(e.sample_of(list(range(len(e)))), default=-1) for e in found) + 1


def _scale(e: Explanation, samples: list[int]) -> Scale:
    readings = [read(e, row) for sample in samples for row in _rows(e, sample)]
    return scale_of([r.values for r in readings], any(r.signed for r in readings))


def _made(e: Explanation) -> list[tuple[str, str]]:
    """What is needed to trust the numbers again: model, input and versions."""
    record = e.record
    versions = ", ".join(f"{name} {number}" for name, number in record.get("versions", {}).items())
    shapes = "; ".join(" × ".join(map(str, shape)) for shape in record.get("input_shapes", ()))
    pairs = [
        ("Model", record.get("model")),
        ("Model fingerprint", record.get("model_fingerprint")),
        ("Input", shapes),
        ("Input fingerprint", record.get("input_fingerprint")),
        ("Numbers", " on ".join(str(record[k]) for k in ("dtype", "device") if record.get(k))),
        ("Versions", versions),
        ("Time", record.get("time")),
        ("Notes", " ".join(map(str, record.get("model_notes", ())))),
    ]
    return [(name, str(value)) for name, value in pairs if value]
