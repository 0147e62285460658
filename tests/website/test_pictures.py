"""The pictures of examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.errors import BotlabError
from helpers.small_site import ROOT
from website.pictures import draw, picture_section, with_first_picture


def test_lab_is_drawn_in_each_theme(tmp_path: Path) -> None:
    draw(ROOT / "examples/modern/site.yaml", tmp_path)
    light, dark = (tmp_path / f"modern-{theme}.svg" for theme in ("light", "dark"))

    assert "<title>modern</title>" in light.read_text("utf-8")
    assert light.read_text("utf-8") != dark.read_text("utf-8")


def test_site_that_cannot_be_drawn_ends_the_build_with_the_reason(tmp_path: Path) -> None:
    site = tmp_path / "broken/site.yaml"
    site.parent.mkdir()
    site.write_text("site: broken\nmachine: {}\n")

    with pytest.raises(BotlabError, match=r"no picture can be drawn\n(.|\n)*machine"):
        draw(site, tmp_path / "pictures")


def test_mark_of_the_first_page_becomes_a_picture_for_each_theme() -> None:
    text = with_first_picture("# Lab\n\n<!-- picture: examples/modern -->\n\nText.\n")

    assert text.startswith("# Lab\n\n```{image} /pictures/modern-light.svg\n")
    assert ":class: first-picture only-light\n" in text
    assert text.count(":target: examples/modern/index.html\n") == 2
    assert text.endswith("```\n\nText.\n")


def test_picture_of_an_example_leads_to_the_picture_alone() -> None:
    text = picture_section("modern")

    assert text.startswith("## Picture\n\n```{image} /pictures/modern-light.svg\n")
    assert ":target: ../../_images/modern-dark.svg\n" in text
