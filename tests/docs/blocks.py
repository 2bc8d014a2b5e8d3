"""The snippets of a Markdown page."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it shows, its line on the page, its text."""

    language: str
    file: str
    line: int
    text: str


def blocks(page: str, *languages: str) -> list[Block]:
    """The page's blocks in these languages, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        file = re.search(r"file=(\S+)", match[2])
        line = text[: match.start()].count("\n") + 2
        found.append(Block(match[1], file[1] if file else "", line, match[3]))
    return [block for block in found if block.language in languages]
