"""What imports cannot express: sizes, names, and where hooks and printing may be."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "pellucid"
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]

FILE_LINES, FUNCTION_LINES = 300, 60
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "stuff"}
HOOKS = {
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_module_forward_hook",
    "register_hook",
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = first.end_lineno if text and first.end_lineno else first.lineno - 1
    return (node.end_lineno or start) - start


def calls(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            callee = node.func
            found.add(callee.attr if isinstance(callee, ast.Attribute) else ast.unparse(callee))
    return found


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{lines} lines; one thought a file"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_functions_are_short(path: Path) -> None:
    functions = [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)]
    long = {f.name: body_lines(f) for f in functions if body_lines(f) > FUNCTION_LINES}
    assert not long


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_names_say_what_is_inside(path: Path) -> None:
    assert not VAGUE & {part.removesuffix(".py") for part in path.relative_to(PACKAGE).parts}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_library_code_does_not_print(path: Path) -> None:
    assert "print" not in calls(path) or path.parent.name == "cli"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_hooks_live_in_core(path: Path) -> None:
    assert not HOOKS & calls(path) or path.parent.name == "core"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_public_names_have_docstrings(path: Path) -> None:
    module = tree(path)
    bare = [
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert not bare


def test_no_backward_call() -> None:
    """Gradients are taken with `torch.autograd.grad`; `.backward()` would fill `.grad`."""
    assert not [name for path, name in zip(FILES, NAMES, strict=True) if "backward" in calls(path)]
