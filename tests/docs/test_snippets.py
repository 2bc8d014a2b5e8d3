"""Every snippet of the pages runs; those of one page under docs/ go on from each other."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from docs.blocks import ROOT, Block, blocks
from pellucid.cli import main
from pellucid.cli.app import with_commands

PAGES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))
SHELL = [
    (page, line)
    for page in ("README.md", *PAGES)
    for block in blocks(page, "sh", "shell", "console", "bash")
    for line in block.text.splitlines()
    if line.startswith("pellucid ")
]


def needs_demo(text: str) -> None:
    if "efficientnet_lite0" in text or text.startswith("pellucid demo"):
        pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")


def run(block: Block, page: str, names: dict[str, Any]) -> None:
    if block.file:
        Path(block.file).write_text(block.text, encoding="utf-8")
        return
    padding = "\n" * (block.line - 1)  # so that a traceback names the page's own line
    exec(compile(padding + block.text, str(ROOT / page), "exec"), names)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("folder", "own_random_state")
def test_python_of_docs_runs(page: str) -> None:
    found = blocks(page, "python")
    needs_demo("".join(block.text for block in found))
    names: dict[str, Any] = {}
    for block in found:
        run(block, page, names)


@pytest.mark.parametrize("block", blocks("README.md", "python"), ids=lambda b: f"line {b.line}")
@pytest.mark.usefixtures("folder")
def test_python_of_readme_runs(block: Block) -> None:
    needs_demo(block.text)
    run(block, "README.md", {})


RUNNING = [(page, line) for page, line in SHELL if line.split()[1] != "studio"]
"""The studio serves until it is stopped: see tests/studio."""


@pytest.mark.parametrize(
    ("page", "line"), RUNNING, ids=[line.partition("#")[0].strip()[9:49] for _, line in RUNNING]
)
def test_shell_commands_run(
    page: str, line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_demo(line)
    before = set(folder.rglob("*"))
    with pytest.raises(SystemExit) as done:
        main(shlex.split(line, comments=True)[1:])
    printed = capsys.readouterr()
    assert not done.value.code, f"{page}: {line}\n{printed.err}"
    assert printed.out.strip()
    if " --out " in line:
        assert {path.suffix for path in set(folder.rglob("*")) - before} & {".html", ""}


@pytest.mark.parametrize("line", [line for _, line in SHELL if line.split()[1] == "studio"])
def test_commands_that_serve_use_known_options(line: str) -> None:
    known = get_command(with_commands()).commands["studio"]
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in shlex.split(line) if word.startswith("-")} <= options


def test_snippets_are_found() -> None:
    """A change of the fences must not leave every page untested."""
    assert {"docs/adding-a-method.md", "docs/architecture.md", "docs/models.md"} <= set(PAGES)
    assert len(blocks("docs/models.md", "python")) > 20
    assert len(SHELL) >= 5
