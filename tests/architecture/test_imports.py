"""Imports go one way, and the command line starts without torch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(code: str) -> str:
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); "
    result = subprocess.run(
        [sys.executable, "-c", path + code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_contracts_are_kept() -> None:
    """In a process of its own: the linter starts others, which would close what pytest captures."""
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "Contracts: 4 kept, 0 broken" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["explain", "--help"], ["demo", "--help"], ["methods"], ["methods", "--json"]],
)
def test_command_line_starts_without_torch(arguments) -> None:
    heavy = python(
        "from pellucid.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        "print('\\nloaded:', [m for m in ('torch', 'matplotlib', 'PIL') if m in sys.modules])"
    ).splitlines()[-1]
    assert heavy == "loaded: []"


def test_import_of_the_package_is_light() -> None:
    loaded = python("import pellucid; print([m for m in ('torch', 'PIL') if m in sys.modules])")
    assert loaded.strip() == "[]"


def test_nothing_imports_torchvision_or_opencv() -> None:
    loaded = python(
        "import pellucid.io.models, pellucid.io.inputs, pellucid.run.files; "
        "print([m for m in ('torchvision', 'cv2', 'timm', 'transformers') if m in sys.modules])"
    )
    assert loaded.strip() == "[]"


def test_explaining_loads_nothing_that_draws() -> None:
    loaded = python(
        "import pellucid as pl; pl.explain; "
        "print([m for m in ('matplotlib', 'jinja2') if m in sys.modules])"
    )
    assert loaded.strip() == "[]"


def test_every_lent_service_is_there() -> None:
    from pellucid.api.lending import SERVICES
    from pellucid.core.services import service

    assert all(callable(service(name)) for name in SERVICES)
