"""The page that leads to the reports on many files."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment

from ..io.writing import write_text


@dataclass(frozen=True)
class Entry:
    """One input: its report, or why there is none."""

    name: str
    link: str = ""
    target: str = ""
    verdicts: tuple[tuple[str, str], ...] = ()
    error: str = ""


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pellucid: {{ entries|length }} inputs</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e6e6e6; }
a { color: #8ab4f8; } }
</style></head><body>
<h1>{{ entries|length }} inputs</h1>
{% if failed %}<p>{{ failed }} failed.</p>{% endif %}
<table><thead><tr><th>Input</th><th>Target</th><th>Checks</th></tr></thead><tbody>
{% for e in entries %}<tr>
<td>{% if e.link %}<a href="{{ e.link|path }}">{{ e.name }}</a>
{% else %}{{ e.name }}{% endif %}</td>
{% if e.error %}<td colspan="2">{{ e.error }}</td>{% else %}<td>{{ e.target }}</td>
<td>{% for m, v in e.verdicts %}{{ m }}: {{ v }}{% if not loop.last %}, {% endif %}{% endfor %}</td>
{% endif %}</tr>
{% endfor %}</tbody></table>
</body></html>
"""


def write_index(path: Path, entries: list[Entry]) -> Path:
    """Write the page; file names and messages are escaped."""
    environment = Environment(autoescape=True)
    environment.filters["path"] = quote
    failed = sum(bool(entry.error) for entry in entries)
    page = environment.from_string(_PAGE).render(entries=entries, failed=failed)
    return write_text(path, page)
