"""The files of charms that come from anywhere."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from botlab.catalogue.charm_files import read_charm_files
from botlab.errors import BotlabError
from helpers.charm_archives import TINY, write_archive


def test_archive_and_directory_hold_the_same_facts(tmp_path: Path) -> None:
    """Empty files are left out."""
    files = {**TINY, "charmcraft.yaml": "", "lxd-profile.yaml": "config: {}"}
    archive = write_archive(tmp_path / "tiny.charm", files)
    directory = tmp_path / "tiny"
    directory.mkdir()
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")

    packed, source = read_charm_files(archive), read_charm_files(directory)

    assert packed.mappings == source.mappings
    assert sorted(packed.mappings) == ["config.yaml", "manifest.yaml", "metadata.yaml"]
    assert packed.has_lxd_profile is source.has_lxd_profile is True


def damaged(path: Path) -> Path:
    """Return an archive with a wrong byte in its compressed data."""
    write_archive(path, {"metadata.yaml": "name: tiny\n" * 200})
    content = bytearray(path.read_bytes())
    content[50] ^= 0xFF
    path.write_bytes(content)
    return path


def plain(path: Path, content: bytes) -> Path:
    """Return a file with some content."""
    path.write_bytes(content)
    return path


def test_damaged_archive_is_refused_with_its_name(tmp_path: Path) -> None:
    """Whatever is wrong with it."""
    whole = write_archive(tmp_path / "whole.charm", TINY).read_bytes()
    files = [
        plain(tmp_path / "text.charm", b"name: tiny"),
        plain(tmp_path / "empty.charm", b""),
        plain(tmp_path / "half.charm", whole[: len(whole) // 2]),
        damaged(tmp_path / "damaged.charm"),
    ]

    for file in files:
        with pytest.raises(BotlabError, match=rf"^{re.escape(str(file))}: is not a charm archive"):
            read_charm_files(file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: [", "cannot be read as YAML"),
        ("- a", "the file must hold a mapping"),
        ("when: 2024-13-41", "cannot be read as YAML"),
    ],
)
def test_file_that_is_no_mapping_is_refused_with_its_name(
    content: str, reason: str, tmp_path: Path
) -> None:
    """Inside an archive the name follows a colon."""
    archive = write_archive(tmp_path / "x.charm", {"metadata.yaml": content})

    with pytest.raises(BotlabError, match=rf"x\.charm:metadata\.yaml: {reason}"):
        read_charm_files(archive)


def test_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """In a directory as in an archive."""
    archive = tmp_path / "x.charm"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("metadata.yaml", b"name: \xff")
    directory = tmp_path / "x"
    directory.mkdir()
    (directory / "metadata.yaml").write_bytes(b"name: \xff")

    for path in (archive, directory):
        with pytest.raises(BotlabError, match="is not UTF-8"):
            read_charm_files(path)


def test_only_a_mebibyte_of_a_file_is_unpacked(tmp_path: Path) -> None:
    """A small archive can hold a gigabyte of spaces."""
    archive = write_archive(tmp_path / "bomb.charm", {"config.yaml": " " * (64 << 20)})
    directory = tmp_path / "bomb"
    directory.mkdir()
    (directory / "metadata.yaml").write_bytes(b" " * (2 << 20))

    assert archive.stat().st_size < 100_000
    for path in (archive, directory):
        with pytest.raises(BotlabError, match="is larger than 1 MiB"):
            read_charm_files(path)
