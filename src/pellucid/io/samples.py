"""The bundled photographs."""

from pathlib import Path

from ..errors import ParameterError, suggest

_FOLDER = Path(__file__).parent.parent / "samples"


def sample_names() -> list[str]:
    """Names of the bundled photographs."""
    return sorted(path.stem for path in _FOLDER.glob("*.jpg"))


def sample(name: str) -> Path:
    """The file of a bundled photograph: `chelsea` (a cat) or `coffee` (a cup)."""
    if name not in sample_names():
        raise ParameterError(f"There is no photograph {name!r}.", suggest(name, sample_names()))
    return _FOLDER / f"{name}.jpg"
