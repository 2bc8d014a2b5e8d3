"""Links inside the pages lead somewhere."""

import re

import pytest

from docs.blocks import ROOT

PAGES = ["README.md", "CHANGELOG.md", "bench/README.md"]
PAGES += sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    inside = [link for link in found if "://" not in link and not link.startswith("mailto:")]
    lost = [link for link in inside if not ((ROOT / page).parent / link).exists()]
    assert not lost


def test_every_page_is_linked_from_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    unlinked = [page for page in PAGES if page != "README.md" and f"]({page})" not in text]
    assert not unlinked
