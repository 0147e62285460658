"""The site in headless Chromium: what readers see, in both themes and on a small screen.

The pictures of the pages are kept in build/screenshots, to look at.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from helpers.chromium import Browser
from helpers.small_site import ROOT

PICTURES = ROOT / "build/screenshots"
THEMES = ("light", "dark")
# The first page, and pages of each part: tutorial, how-to, reference, explanation.
PAGES = (
    "index",
    "tutorial/notebook-on-a-gpu",
    "how-to/change-a-running-lab",
    "rules/BL031",
    "commands/validate",
    "charms/metallb",
    "examples/modern/index",
    "explanation/how-botlab-works",
)
PICTURES_OF = {"index": 1, "examples/modern/index": 1}
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The heading of the page, the menu, and its current entry, as far as they can be seen.
STRUCTURE = """(() => {
  const height = element => element.getBoundingClientRect().height;
  const visible = element => element.checkVisibility() && height(element) > 0;
  const texts = selector => [...document.querySelectorAll(selector)].filter(visible)
    .map(element => element.innerText.trim());
  return {
    headings: texts("article h1").length,
    captions: texts(".sidebar-tree .caption"),
    current: texts(".sidebar-tree .current-page > a"),
    images: [...document.images].filter(visible)
      .map(image => [image.naturalWidth, image.src]),
  };
})()"""
# The contrast of the text of all elements that have text of their own (WCAG 2, 1.4.3).
LOWEST_CONTRAST = """(() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const part = value =>
    value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const background = element => {
    for (; element; element = element.parentElement) {
      const color = numbers(getComputedStyle(element).backgroundColor);
      if (color.length < 4 || color[3] > 0.9) return color;
    }
    return [255, 255, 255];
  };
  const contrast = element => {
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(background(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const own = element => [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll("article *, .sidebar-tree *")]
    .filter(element => own(element) && element.checkVisibility())
    .map(element => [contrast(element), element.className + " " + element.innerText.slice(0, 40)])
    .sort((a, b) => a[0] - b[0])[0];
})()"""
# The beginning of each table that has to be scrolled to be read.
SCROLLED_TABLES = """[...document.querySelectorAll(".table-wrapper")]
  .filter(table => table.scrollWidth > table.clientWidth + 1)
  .map(table => table.innerText.slice(0, 80))"""
# The number of cards in each row of the first page.
CARDS = """(() => {
  const rows = {};
  for (const card of document.querySelectorAll("#documentation tbody tr")) {
    const top = card.getBoundingClientRect().top;
    rows[top] = (rows[top] ?? 0) + 1;
  }
  return Object.values(rows);
})()"""
# Short literals that a line break divides.
DIVIDED = """[...document.querySelectorAll("article code.short")]
  .filter(code => code.getClientRects().length > 1).map(code => code.innerText)"""
# Parts of names in tables that a line break divides. A line may end after a hyphen.
DIVIDED_PARTS = """[...document.querySelectorAll("article table code .pre")]
  .filter(part => !part.innerText.includes("-") && part.getClientRects().length > 1)
  .map(part => part.innerText)"""
SEARCH = """new Promise(resolve => {
  const links = () => [...document.querySelectorAll("#search-results li a")].map(a => a.innerText);
  const summary = () => document.querySelector("#search-results .search-summary")?.innerText ?? "";
  const ended = () => summary().startsWith("Search finished");
  const wait = left => ended() || !left ? resolve(links()) : setTimeout(wait, 50, left - 1);
  wait(200);
})"""


def brightness(color: str) -> float:
    """Return the mean of the parts of a colour as the browser writes it, such as rgb(1, 2, 3)."""
    parts = [float(part) for part in re.findall(r"[\d.]+", color)[:3]]
    return sum(parts) / 3


@pytest.mark.parametrize("width", [1000, 1280])
@pytest.mark.parametrize("page", ["metallb", "nfs-server", "nvidia-runtime"])
def test_name_of_a_resource_breaks_only_between_its_parts(
    browser: Browser, site: Path, page: str, width: int
) -> None:
    browser.open((site / f"charms/{page}.html").as_uri(), width=width)

    assert browser.evaluate(DIVIDED_PARTS) == []
    assert browser.evaluate(SCROLLED_TABLES) == []
    assert browser.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("page", PAGES)
def test_page_can_be_read_in_both_themes(
    browser: Browser, site: Path, page: str, theme: str
) -> None:
    browser.open((site / f"{page}.html").as_uri(), theme)
    browser.save_screenshot(PICTURES / f"{page.replace('/', '-')}-{theme}.png")

    assert (brightness(browser.evaluate(BACKGROUND)) > 128) == (theme == "light")
    assert browser.evaluate(OVERFLOW) <= 0
    assert browser.evaluate(DIVIDED) == []
    assert browser.evaluate(SCROLLED_TABLES) == []
    structure = browser.evaluate(STRUCTURE)
    assert structure["headings"] == 1
    assert structure["captions"] == ["DOCUMENTATION", "THE PROJECT"]
    assert len(structure["current"]) == (page != "index")
    pictures = PICTURES_OF.get(page, 0)
    assert len(structure["images"]) == pictures
    assert all(
        width > 0 and src.endswith(f"/modern-{theme}.svg") for width, src in structure["images"]
    )
    contrast, text = browser.evaluate(LOWEST_CONTRAST)
    assert contrast >= 4.5, text
    assert [url for url in browser.requested if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("page", PAGES)
def test_page_fits_a_small_screen(browser: Browser, site: Path, page: str) -> None:
    browser.open((site / f"{page}.html").as_uri(), width=390, height=844)
    browser.save_screenshot(PICTURES / f"{page.replace('/', '-')}-small.png")

    assert browser.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize(("width", "rows"), [(390, [1, 1, 1, 1]), (1280, [2, 2]), (1440, [4])])
def test_cards_of_the_first_page_fill_their_rows(
    browser: Browser, site: Path, width: int, rows: list[int]
) -> None:
    browser.open((site / "index.html").as_uri(), width=width)

    assert browser.evaluate(CARDS) == rows


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("overlaps pool", "BL031: Address pool overlaps addresses in use"),
        ("BL077", "BL077: Workers that are too small for Kubeflow"),
        ("J051", "Juju\u2019s own rules > J051"),
        ("spawner-tolerations", "Reference: the charm kubeflow-installer"),
        ("kubernetes.kubeconfig", "Site file reference"),
        ("--tag-script", "botlab init"),
        ("no credentials from kube-control yet", "Troubleshoot a deployment that hangs"),
        ("unable to configure the Docker daemon", "Why docker did not start on the GPU machine"),
    ],
)
def test_search_finds_pages_without_a_server(
    browser: Browser, site: Path, words: str, page: str
) -> None:
    """By words of a page, and by what readers copy: ids, options, keys, flags and messages."""
    browser.open(f"{(site / 'search.html').as_uri()}?{urlencode({'q': words})}")
    results = browser.evaluate(SEARCH)
    browser.save_screenshot(PICTURES / "search-light.png")

    assert page in results
