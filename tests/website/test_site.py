"""The built site of this checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.cli.parser import build_parser
from helpers.small_site import ROOT
from website.commands import commands_of
from website.pages import Pages
from website.urls import external_links, fetched_urls

PARTS = ("tutorial", "how-to", "reference", "explanation")


def test_every_page_of_the_repository_is_in_the_site(site: Path) -> None:
    pages = [site / name.with_suffix(".html") for name in Pages(ROOT).names.values()]

    assert [page for page in pages if not page.is_file()] == []
    assert site / "rules/BL031.html" in pages


def test_every_command_has_a_page(site: Path) -> None:
    names = [command.name for command in commands_of(build_parser())]

    assert sorted(page.stem for page in (site / "commands").glob("*.html")) == sorted(names)


@pytest.mark.parametrize("part", PARTS)
def test_menu_of_each_page_leads_to_the_four_parts(site: Path, part: str) -> None:
    for page in ("index.html", "rules/BL031.html", "commands/plan.html", "search.html"):
        start = "../" * page.count("/")
        assert f'href="{start}{part}/index.html"' in (site / page).read_text("utf-8")


def test_example_has_its_site_file_and_its_bundle(site: Path) -> None:
    page = (site / "examples/modern/index.html").read_text("utf-8")

    assert '<span class="nt">site</span>' in page
    assert "bundle.yaml" in page
    assert list(site.glob("_downloads/*/bundle.yaml"))


def test_nothing_comes_from_the_network(site: Path) -> None:
    assert fetched_urls(site) == []


def test_links_to_other_hosts_are_listed(output: Path) -> None:
    links = (output / "external-links.txt").read_text("utf-8").splitlines()

    assert links == external_links(output / "html")
    assert {"https://maas.io", "https://juju.is"} <= set(links)


def test_sources_and_dates_are_not_published(site: Path) -> None:
    """Sphinx would add both by default."""
    assert list(site.glob("_sources/*")) == []
    assert "Last updated" not in (site / "index.html").read_text("utf-8")
