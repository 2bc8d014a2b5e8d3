"""The built page belongs to its sources, and what it takes from Python is current."""

import hashlib
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB, STATIC = ROOT / "web", ROOT / "src" / "pellucid" / "studio" / "static"

pytestmark = pytest.mark.skipif(not WEB.is_dir(), reason="not a copy of the whole source")


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate", WEB / "scripts" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_built_files_are_those_of_the_sources() -> None:
    names = sorted(
        [
            *(str(p.relative_to(WEB)) for p in (WEB / "src").rglob("*") if p.is_file()),
            "index.html",
            "package-lock.json",
        ]
    )
    digest = hashlib.sha256()
    for name in names:
        digest.update(f"{name}\n".encode() + (WEB / name).read_bytes())
    assert (STATIC / "sources.txt").read_text().strip() == digest.hexdigest(), "say: make web"


def test_types_are_those_of_the_server(generate) -> None:
    first = (WEB / "src" / "api" / "schema.ts").read_text().partition("\n")[0]
    assert first == f"// {generate.mark()}", "say: python web/scripts/generate.py"


def test_generated_files_are_current(generate) -> None:
    for path, make in generate.FILES.items():
        assert path.read_text(encoding="utf-8") == make(), f"{path.name}: run generate.py"


def test_the_page_fetches_nothing_from_outside() -> None:
    text = (STATIC / "index.html").read_text()
    assert "http" not in text
    assert "<script>" not in text
    assert " style=" not in text


def test_the_page_writes_no_raw_html() -> None:
    banned = ("innerHTML", "dangerouslySetInnerHTML", "eval(", "new Function", "document.write")
    found = [
        (path.name, word)
        for path in (WEB / "src").rglob("*.ts*")
        for word in banned
        if word in path.read_text(encoding="utf-8")
    ]
    assert not found


def test_nothing_from_outside_is_unpickled() -> None:
    places = {
        path.name
        for path in (ROOT / "src" / "pellucid" / "studio").rglob("*.py")
        if any(w in path.read_text() for w in ("pickle.load", "torch.load(", "yaml.load", "eval("))
    }
    assert places <= {"context.py"}  # the session's own model, through its own pipe


def test_the_server_needs_no_torch() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import pellucid.studio.app, pellucid.studio.server; "
        "assert not {'torch', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
