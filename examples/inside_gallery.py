"""A page of what networks have learnt, from bundled models, photographs and data.

    python examples/inside_gallery.py --out gallery
    python examples/inside_gallery.py --only dream

Every file in `inside/` draws the figures of one subject: `draw(folder)` writes PNG files there and
returns a caption for each.
"""

import argparse
import html
import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

SUBJECTS = Path(__file__).parent / "inside"

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>What the network has learnt</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto }}
figure {{ margin: 2.5rem 0 }} img {{ max-width: 100% }} figcaption {{ color: #5c6370 }}
</style>
<h1>What the network has learnt</h1>
{figures}
</html>
"""


def subjects() -> dict[str, ModuleType]:
    """The modules in `inside/` by name."""
    found = {}
    for path in sorted(SUBJECTS.glob("[a-z]*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        found[path.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found[path.stem])
    return found


def page(captions: dict[str, str]) -> str:
    """HTML that shows every PNG, by file name, above its caption."""
    figures = [
        f'<figure><img src="{html.escape(name)}" alt="">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        for name, caption in captions.items()
    ]
    return PAGE.format(figures="\n".join(figures))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("inside-gallery"))
    parser.add_argument("--only", nargs="*", help="subjects to draw; all where left out")
    words = parser.parse_args()
    words.out.mkdir(parents=True, exist_ok=True)
    captions: dict[str, str] = {}
    for name, subject in subjects().items():
        if words.only and name not in words.only:
            continue
        start = time.perf_counter()
        captions |= subject.draw(words.out)
        sys.stderr.write(f"{name}: {time.perf_counter() - start:.0f} s\n")
    index = words.out / "index.html"
    index.write_text(page(captions), encoding="utf-8")
    sys.stdout.write(f"{index}\n")


if __name__ == "__main__":
    main()
