"""`pellucid benchmark`: the league table of methods on tasks with a known answer."""

from pathlib import Path

from ..api.benchmark import benchmark
from ..core.progress import Progress
from ..errors import ParameterError, suggest
from ..render.progress import ProgressBar
from .terminal import answer, say


def run(
    tasks: list[str] | None,
    methods: list[str] | None,
    level: str,
    items: int | None,
    seed: int,
    out: Path,
    json: bool,
) -> None:
    """Run it, write the page, print the table."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise ParameterError(f"--out {out} has an unknown ending.", suggest(out.suffix, [".html"]))
    say("Training networks on tasks with a known answer, and asking every method")
    with ProgressBar() as bar:
        found = benchmark(
            methods, tasks, level=level, items=items, seed=seed, progress=Progress(bar)
        )
    found.save(out)
    answer(found.to_json(indent=2) if json else f"{found}\n{out}")
