"""The site in headless Chromium: what readers see, in both themes and on a small screen.

The pictures of the pages are kept in build/screenshots, to look at.
"""

from __future__ import annotations

import re
from pathlib import Path

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
# Short literals that a line break divides.
DIVIDED = """[...document.querySelectorAll("article code.short")]
  .filter(code => code.getClientRects().length > 1).map(code => code.innerText)"""
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


def test_search_finds_pages_without_a_server(browser: Browser, site: Path) -> None:
    browser.open(f"{(site / 'search.html').as_uri()}?q=overlaps+pool")
    results = browser.evaluate(SEARCH)
    browser.save_screenshot(PICTURES / "search-light.png")

    assert "BL031: Address pool overlaps addresses in use" in results
