"""The page of a picture, used with the keyboard, and on paper."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlab.picture.layout import drawing_of
from botlab.picture.model import LabPicture, Machine
from botlab.picture.page import write_page
from botlab.picture.svg import write_svg
from botlab.picture.themes import LIGHT
from helpers.chromium import Browser, installed_browser, started_browser
from helpers.pictured_labs import HOSTILE_TEXTS, hostile_picture, picture_in_all_states

WELL_FORMED_TEXTS = (
    "<script xmlns='http://www.w3.org/2000/svg'>window.stolen = 1</script>",
    "<image xmlns='http://www.w3.org/2000/svg' href='missing.png' onerror='window.stolen = 1'/>",
)
FOCUS = "document.activeElement.dataset.key || document.activeElement.nodeName"
MATCHES = """Array.from(document.querySelectorAll(".match")).map((part) => part.dataset.key)"""
RELATED = """Array.from(document.querySelectorAll(".related")).map((part) => part.dataset.key)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running browser."""
    with started_browser(installed_browser()) as started:
        yield started


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Browser:
    """A browser that shows the page of a running lab."""
    path = tmp_path / "lab.html"
    path.write_text(write_page(drawing_of(picture_in_all_states())), encoding="utf-8")
    browser.open(path.as_uri())
    return browser


def test_keyboard_reaches_the_parts_that_can_be_seen(page: Browser) -> None:
    """In the order of the picture. A subordinate that is only a word in a card has no focus."""
    reached: list[str] = []
    for _ in range(8):
        page.press("Tab")
        reached.append(page.evaluate(FOCUS))

    assert reached == [
        "INPUT", "BUTTON", "machine:0", "unit:easyrsa/0", "unit:etcd/0",
        "unit:kubeapi-load-balancer/0", "unit:kubernetes-master/0", "unit:nfs-server/0",
    ]  # fmt: skip
    assert page.evaluate("getComputedStyle(document.activeElement.querySelector('rect'))"
                         ".outlineStyle") == "solid"  # fmt: skip


def test_parts_are_no_parts_of_an_image(page: Browser) -> None:
    """Programs that read a page aloud do not look into an image."""
    roles = "['svg', '[data-key=\"machine:0\"]'].map((at) => document.querySelector(at).role)"
    assert page.evaluate(roles) == ["group", "group"]


@pytest.mark.parametrize("key", ["Enter", " "])
def test_key_highlights_what_belongs_to_the_part_with_the_focus(key: str, page: Browser) -> None:
    for _ in range(4):
        page.press("Tab")

    page.press(key)

    assert page.evaluate(RELATED) == ["machine:0", "unit:easyrsa/0", "application:easyrsa"]
    assert page.evaluate("scrollY") == 0
    page.press("Escape")
    assert page.evaluate(RELATED) == []


def test_search_by_keyboard_leads_to_the_first_match(page: Browser) -> None:
    hint = page.evaluate("document.querySelector('output').textContent")
    page.press("/")
    page.type("metallb")

    page.press("Enter")

    assert page.evaluate(FOCUS) == "unit:metallb/0"
    page.press("/")
    assert page.evaluate(FOCUS) == "INPUT"
    page.press("Escape")
    assert page.evaluate("document.querySelector('input').value") == ""
    assert page.evaluate("document.querySelector('output').textContent") == hint


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Machine  3", ["machine:3"]),
        ("32 cores", ["machine:2", "machine:4"]),
        ("32", ["machine:2", "machine:4"]),
        ("3", ["machine:3", "machine:4"]),
        ("node3", ["machine:3"]),
        ("10.0.0.1", ["machine:1"]),
        ("0.1", ["machine:1"]),
        ("10.0.0.", ["machine:1", "machine:31"]),
        ("cores node31", ["machine:31"]),
        ("10x0", []),
        ("(a|b)*", []),
        ("n.de", []),
    ],
)
def test_search_finds_texts_together_and_whole_numbers(
    text: str, keys: list[str], browser: Browser, tmp_path: Path
) -> None:
    """Terms that no text has together are searched one by one, without an order."""
    machines = (
        Machine("1", "node1", addresses=("10.0.0.1",)),
        Machine("2", "node2", hardware=("32 cores",)),
        Machine("3", "node3", hardware=("8 cores",)),
        Machine("4", "node4", hardware=("32 cores", "3 disks")),
        Machine("31", "node31", addresses=("10.0.0.12",), hardware=("16 cores",)),
    )
    path = tmp_path / "lab.html"
    path.write_text(write_page(drawing_of(LabPicture("lab", machines=machines))), encoding="utf-8")
    browser.open(path.as_uri())

    browser.press("/")
    browser.type(text)

    assert browser.evaluate(MATCHES) == keys


def test_match_without_a_shape_is_shown_by_its_principal(browser: Browser, tmp_path: Path) -> None:
    """The search scrolls to it, below the header."""
    path = tmp_path / "lab.html"
    path.write_text(write_page(drawing_of(picture_in_all_states())), encoding="utf-8")
    browser.open(path.as_uri(), height=300)

    browser.press("/")
    browser.type("flannel/3")
    browser.press("Enter")

    assert browser.evaluate(FOCUS) == "unit:kubernetes-worker/1"
    box = "document.activeElement.getBoundingClientRect()"
    header = "document.querySelector('header').offsetHeight"
    assert browser.evaluate(f"{box}.top >= {header} && {box}.bottom <= innerHeight")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_picture_fits_on_paper_and_is_light(theme: str, page: Browser, tmp_path: Path) -> None:
    path = tmp_path / "lab.html"
    page.open(path.as_uri(), theme, width=700)

    page.print_preview()

    width = "document.querySelector('svg').getBoundingClientRect().width"
    assert page.evaluate(width) <= 700
    assert page.evaluate("document.querySelector('header').offsetHeight") == 0
    colours = [int(LIGHT["card"][at : at + 2], 16) for at in (1, 3, 5)]
    card = page.evaluate("getComputedStyle(document.querySelector('.card')).fill")
    assert card == f"rgb({', '.join(map(str, colours))})"


@pytest.mark.parametrize("name", ["lab.html", "lab.svg"])
def test_hostile_texts_run_nothing_and_load_nothing(
    name: str, browser: Browser, tmp_path: Path
) -> None:
    """Nor does a text that stays well-formed where it is not escaped."""
    texts = (*HOSTILE_TEXTS, *WELL_FORMED_TEXTS)
    picture = dataclasses.replace(hostile_picture(), title=WELL_FORMED_TEXTS[0], facts=texts)
    path = tmp_path / name
    writer = write_page if name.endswith("html") else write_svg
    path.write_text(writer(drawing_of(picture)), encoding="utf-8")

    browser.open(path.as_uri())

    assert browser.evaluate("window.stolen") is None
    assert browser.requested == [path.as_uri()]
