"""The templates of all pages, and the styles and scripts that are written into them."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup


@cache
def template(name: str) -> Template:
    """A page's template; what it is given is escaped."""
    environment = Environment(
        loader=PackageLoader("pellucid.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


@cache
def static(*names: str) -> Markup:
    """Files of ours, one after the other, to stand in a page as they are."""
    folder = files("pellucid.report") / "static"
    return Markup("\n".join((folder / name).read_text("utf-8") for name in names))
