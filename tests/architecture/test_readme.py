"""What the README says is true: its table of methods, its commands, its code."""

import re
from pathlib import Path

import pytest

from pellucid.core import registry
from pellucid.io.samples import sample

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def method_table() -> str:
    rows = [f"| `{name}` | {text} |" for name, text in registry.catalogue().items()]
    return "\n".join(["| method | what it shows |", "| --- | --- |", *rows])


def test_table_of_methods_is_current() -> None:
    found = TEXT.partition("<!-- methods -->\n")[2].partition("\n<!-- /methods -->")[0]
    assert found == method_table(), f"paste this between the markers:\n{method_table()}"


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)\b(?= |`)", TEXT)) <= targets


@pytest.mark.parametrize("code", PYTHON, ids=[f"block {i}" for i in range(len(PYTHON))])
def test_python_examples_run(code: str, tmp_path, monkeypatch) -> None:
    if "efficientnet_lite0" in code:
        pytest.importorskip("efficientnet_lite_pytorch", reason="the extra demo is not installed")
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(sample("coffee").read_bytes())
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize(
    "words", re.findall(r"^pellucid (.+)$", TEXT, re.MULTILINE), ids=lambda line: line[:30]
)
def test_shell_examples_use_known_words(words: str) -> None:
    from typer.main import get_command

    from pellucid.cli.app import with_commands

    command, *rest = words.split()
    known = get_command(with_commands()).commands[command]
    options = {option for p in known.params for option in p.opts}
    assert {word for word in rest if word.startswith("-")} <= options
