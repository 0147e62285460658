"""Links of the repository, as the site needs them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from helpers.small_site import write_checkout
from website.links import SiteLinks
from website.pages import Pages

PAGE = PurePosixPath("docs/how-to/arm64.md")


@pytest.fixture
def links(tmp_path: Path) -> SiteLinks:
    more = {
        "LICENSE": "Apache\n",
        "examples/README.md": "# Examples\n",
        "examples/modern/README.md": "# modern\n",
        "bundle-templates/common/x.yaml": "a: 1\n",
        "tests/mutation/README.md": "# Mutation\n",
        "docs/rules/BL001.md": "# BL001\n",
    }
    return SiteLinks(Pages(write_checkout(tmp_path, more)))


@pytest.mark.parametrize(
    ("link", "changed"),
    [
        ("[a](../commands.md)", "[a](../commands.md)"),
        ("[a](../commands.md#exit-status)", "[a](../commands.md#exit-status)"),
        ("[a](README.md)", "[a](index.md)"),
        ("[a](../../README.md#start)", "[a](../overview.md#start)"),
        ("[a\nb](../../examples/modern/README.md)", "[a\nb](../examples/modern/index.md)"),
        ("[`a[0-7]`](../../examples/)", "[`a[0-7]`](../examples/index.md)"),
        ("[a](../../LICENSE)", "[a](../files/LICENSE)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](https://maas.io/README.md)", "[a](https://maas.io/README.md)"),
        ("[a](mailto:lab@example.com)", "[a](mailto:lab@example.com)"),
    ],
)
def test_link_leads_to_the_page_of_the_site(links: SiteLinks, link: str, changed: str) -> None:
    assert links.change(f"See {link}.", PAGE) == f"See {changed}."


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("Not `BL001`.", "Not [`BL001`](../rules/BL001.md)."),
        ("A rule that does not exist: `BL999`.", "A rule that does not exist: `BL999`."),
        ("[`BL001`](README.md)", "[`BL001`](index.md)"),
        ("BL001, `BL0011`, `x BL001`", "BL001, `BL0011`, `x BL001`"),
    ],
)
def test_id_of_a_rule_leads_to_its_page(links: SiteLinks, text: str, changed: str) -> None:
    assert links.change(text, PAGE) == changed


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("In `docs/commands.md`.", "In [`docs/commands.md`](../commands.md)."),
        ("`examples/README.md`", "[`examples/README.md`](../examples/index.md)"),
        ("`docs/none.md`, `README.md`", "`docs/none.md`, `README.md`"),
        ("This page is `docs/how-to/arm64.md`.", "This page is `docs/how-to/arm64.md`."),
        ("[`docs/commands.md`](README.md)", "[`docs/commands.md`](index.md)"),
    ],
)
def test_path_of_a_page_leads_to_it(links: SiteLinks, text: str, changed: str) -> None:
    assert links.change(text, PAGE) == changed


def test_page_of_a_rule_does_not_lead_to_itself(links: SiteLinks) -> None:
    assert (
        links.change("The rule `BL001`.", PurePosixPath("docs/rules/BL001.md"))
        == "The rule `BL001`."
    )


@pytest.mark.parametrize("target", ["../../bundle-templates/", "../../tests/mutation/README.md"])
def test_link_to_what_the_site_does_not_show_keeps_its_text(links: SiteLinks, target: str) -> None:
    assert links.change(f"See [`the rest`]({target}).", PAGE) == "See `the rest`."


def test_only_existing_files_are_copied(links: SiteLinks) -> None:
    """A link to a missing file stays broken, so that the build reports it."""
    text = links.change("[a](../../LICENSE) [b](none.yaml) [c](none.md)", PAGE)

    assert links.files == {PurePosixPath("LICENSE")}
    assert "(../files/docs/how-to/none.yaml)" in text
    assert "(../files/docs/how-to/none.md)" in text


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_code_blocks_stay_as_they_are(links: SiteLinks, fence: str) -> None:
    text = f"1. Look:\n\n   {fence}\n   [a](README.md)\n   {fence}\n\n[b](README.md)\n"

    assert links.change(text, PAGE) == text.replace("[b](README.md)", "[b](index.md)")
