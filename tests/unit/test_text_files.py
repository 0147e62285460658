"""Reading of files that the user or a bundle names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.text_files import is_dangling, is_regular_file, read_bytes, read_text


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe without a writer and an endless device would stop the program."""
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(BotlabError, match=f"^{path}: is not a regular file"):
            read_text(path)
    with pytest.raises(BotlabError, match="cannot be read: Is a directory"):
        read_text(tmp_path)


def test_link_to_a_regular_file_is_read(tmp_path: Path) -> None:
    """Many people keep their site file in another directory."""
    (tmp_path / "site.yaml").write_text("site: lab", encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to("site.yaml")

    assert read_text(tmp_path / "link.yaml") == "site: lab"


def test_file_above_the_size_is_not_read(tmp_path: Path) -> None:
    """The limit belongs to the accepted sizes."""
    (tmp_path / "file").write_bytes(b"x" * 100)

    assert len(read_bytes(tmp_path / "file", 100)) == 100
    with pytest.raises(BotlabError, match="file: is larger than 0 MiB"):
        read_bytes(tmp_path / "file", 99)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 300, "File name too long"), ("a\0b", "Invalid argument"), ("none", "No such file")],
)
def test_path_that_no_file_can_have_is_an_error(name: str, reason: str, tmp_path: Path) -> None:
    """Whether the system or Python refuses it."""
    with pytest.raises(BotlabError, match=f"cannot be read: {reason}"):
        read_text(tmp_path / name)


def test_directory_that_must_not_be_searched_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in it may exist or not."""

    def refuse(path: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    assert not is_regular_file(tmp_path / "none")
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(BotlabError, match="cannot be read: Permission denied"):
        is_regular_file(tmp_path / "metadata.yaml")


def test_only_a_link_to_nothing_is_dangling(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name, target in (("nothing", "nowhere"), ("loop", "loop"), ("link", "file")):
        (tmp_path / name).symlink_to(target)
    names = ("file", "link", "loop", "none", "nothing", "a\0b")
    assert [name for name in names if is_dangling(tmp_path / name)] == ["nothing"]
