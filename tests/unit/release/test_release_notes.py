"""The notes of a release come from CHANGELOG.md."""

from __future__ import annotations

import pytest

from release_notes import NotesError, is_released, release_notes

OLD = "\n## 0.9.0\n\n- Old.\n"


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("0.10.0", "# botlab 0.10.0"),
        ("0.10.0 (2026-12-01)", "# botlab 0.10.0"),
        ("Unreleased", "# botlab 0.10.0 with changes that are not released"),
    ],
)
def test_newest_section_is_the_text(heading: str, title: str) -> None:
    """Older sections are left out."""
    notes = release_notes(f"# Changelog\n\n## {heading}\n\n### Added\n\n- New.\n{OLD}", "0.10.0")

    assert notes.startswith(f"{title}\n\n### Added\n\n- New.\n\n## Files\n\n")
    assert "Old." not in notes
    assert "`botlab-0.10.0-py3-none-any.whl`" in notes


def test_empty_section_for_later_changes_is_skipped() -> None:
    changelog = f"# Changelog\n\n## Unreleased\n\n## 1.0.0\n\n- New.\n{OLD}"

    assert release_notes(changelog, "1.0.0").startswith("# botlab 1.0.0\n\n- New.\n\n## Files\n")
    assert is_released(changelog, "1.0.0")
    assert not is_released(changelog, "1.0.1")


def test_last_section_ends_with_the_file() -> None:
    assert "- Old." in release_notes(OLD, "0.9.0")


@pytest.mark.parametrize(
    "changelog", [OLD, "# Changelog\n", "\n## 0.10.00\n\n- New.\n", "\n## 0.10.0\n"]
)
def test_changelog_of_another_version_is_refused(changelog: str) -> None:
    with pytest.raises(NotesError, match=r"^CHANGELOG.md: "):
        release_notes(changelog, "0.10.0")


def test_links_to_pages_become_text() -> None:
    """The pages are not beside the notes. Other links stay."""
    changelog = "\n## 1.0.0\n\n- See [the page](docs/a.md#b) and [Juju](https://juju.is).\n"

    assert "- See the page (docs/a.md#b) and [Juju](https://juju.is).\n" in release_notes(
        changelog, "1.0.0"
    )
