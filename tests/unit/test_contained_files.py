"""Files below a directory are read only if they are there when all links are followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.contained_files import OutsideError, read_contained_bytes, read_contained_text
from botlab.errors import FileError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a directory beside a file that does not belong to it."""
    (tmp_path / "secret").write_text("hidden", encoding="utf-8")
    home = tmp_path / "home"
    (home / "parts").mkdir(parents=True)
    (home / "parts/file").write_text("text", encoding="utf-8")
    return home


def test_link_within_the_directory_is_followed(home: Path) -> None:
    (home / "link").symlink_to("parts/file")
    (home / "directory").symlink_to(home / "parts")

    assert read_contained_text(home / "link", home) == "text"
    assert read_contained_bytes(home / "directory/file", home) == b"text"


def test_directory_itself_can_be_a_link(home: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home)

    assert read_contained_text(tmp_path / "link/parts/file", tmp_path / "link") == "text"


@pytest.mark.parametrize("target", ["../secret", "absolute", "other/../../secret"])
def test_link_out_of_the_directory_is_refused(home: Path, tmp_path: Path, target: str) -> None:
    (home / "other").symlink_to("parts")
    (home / "link").symlink_to(tmp_path / "secret" if target == "absolute" else target)

    with pytest.raises(OutsideError) as caught:
        read_contained_bytes(home / "link", home)
    problem = f"is a link that leads out of the directory {home}, so it was not read"
    assert str(caught.value) == f"{home}/link: {problem}"


def test_link_of_a_directory_that_leads_out_is_refused(home: Path, tmp_path: Path) -> None:
    (home / "link").symlink_to(tmp_path)

    with pytest.raises(OutsideError):
        read_contained_text(home / "link/secret", home)


def test_directory_whose_name_begins_with_that_of_the_directory_is_outside(home: Path) -> None:
    neighbour = home.with_name("home2")
    neighbour.mkdir()
    (neighbour / "file").touch()
    (home / "link").symlink_to(neighbour / "file")

    with pytest.raises(OutsideError):
        read_contained_text(home / "link", home)


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("nothing", "is a link to a file that does not exist"),
        ("link", "cannot be read: Too many levels of symbolic links"),
    ],
)
def test_link_that_leads_to_nothing_is_an_error(home: Path, target: str, problem: str) -> None:
    (home / "link").symlink_to(target)

    with pytest.raises(FileError, match=problem):
        read_contained_text(home / "link", home)


def test_directory_cannot_be_read_as_bytes(home: Path) -> None:
    with pytest.raises(FileError, match="parts: cannot be read: Is a directory"):
        read_contained_bytes(home / "parts", home)
