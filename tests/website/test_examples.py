"""The files of an example on its page."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from website.examples import files_section, is_example
from website.navigation import menus


def write(directory: Path, *names: str) -> Path:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"name: {name}\n")
    return directory


def test_site_file_is_shown_and_all_files_can_be_downloaded(tmp_path: Path) -> None:
    names = ("README.md", "site.yaml", "main.tf", "bundle.yaml", "overlays/a.yaml", "x.charm")

    assert files_section(write(tmp_path, *names)) == (
        "## Files\n\n"
        "To download: [bundle.yaml](bundle.yaml), [main.tf](main.tf),"
        " [overlays/a.yaml](overlays/a.yaml), [site.yaml](site.yaml).\n\n"
        "The site file `site.yaml`:\n\n```yaml\nname: site.yaml\n```\n"
    )


def test_site_file_may_have_another_name(tmp_path: Path) -> None:
    text = files_section(write(tmp_path, "README.md", "lab.yaml", "profiles/p/profile.yaml"))

    assert "The site file `lab.yaml`:\n\n```yaml\nname: lab.yaml\n```\n" in text
    assert "[profiles/p/profile.yaml](profiles/p/profile.yaml)" in text


def test_further_pages_of_an_example_are_in_the_menu(tmp_path: Path) -> None:
    text = files_section(write(tmp_path, "README.md", "RUNBOOK.md", "site.yaml"))

    assert "## Files\n\n- [Runbook](RUNBOOK.md)\n\n" in text
    assert list(menus(text)) == [
        "```{toctree}\n:hidden:\n:caption: Files\n\nRunbook <RUNBOOK>\n```"
    ]


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("examples/modern/README.md", True),
        ("examples/README.md", False),
        ("examples/modern/RUNBOOK.md", False),
        ("charms/metallb/README.md", False),
    ],
)
def test_page_of_an_example(path: str, is_one: bool) -> None:
    assert is_example(PurePosixPath(path)) is is_one
