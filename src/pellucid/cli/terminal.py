"""Results to standard output, messages to standard error."""

import re
import sys
from typing import Any

from rich.console import Console

_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: escapes, and turns of the direction of reading."""


def harmless(text: str) -> str:
    """The text with such letters written out: names of files and classes come from anybody."""
    return _COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def say(message: str) -> None:
    """A message to standard error, as it is."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    console.print(harmless(message))


def answer(text: str) -> None:
    """A result to standard output, as it is; letters that its encoding lacks are escaped."""
    text = harmless(text)
    try:
        sys.stdout.write(text + "\n")
    except UnicodeEncodeError:
        code = sys.stdout.encoding
        sys.stdout.write(text.encode(code, "backslashreplace").decode(code) + "\n")


def has_colours() -> bool:
    """Whether results are read in a terminal that shows colours, and these are wanted."""
    console = Console()
    return console.is_terminal and console.color_system is not None and not console.no_color


def show(renderable: Any) -> None:
    """A rich renderable to standard output; full width where it is not a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    console.print(renderable)
