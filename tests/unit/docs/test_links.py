"""Every link between the pages of this repository leads to a file and a heading that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """List the Markdown pages that git tracks or would track.

    The texts guarantees.md of the charms are parts of pages in docs/charms.
    """
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.md"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md"))
    names = [name for name in done.stdout.split() if not name.endswith("/guarantees.md")]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub forms them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = (heading.lower().replace("`", "") for heading in HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere; links to other sites are not followed."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    links = [link for link in LINK.findall(text) if "://" not in link and ":" not in link[:8]]
    return [link for link in links if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_missing_file_and_missing_heading_are_broken(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Has A `Title`\n[a](#has-a-title) [b](#none) [c](none.md) [d](https://x.y/)")
    assert broken_links(page) == ["#none", "none.md"]
