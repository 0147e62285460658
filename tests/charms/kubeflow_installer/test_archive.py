"""Archives are taken apart whole, or not at all, and never beside their folder."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kubeflow_installer.sources import archive
from kubeflow_installer.sources.archive import ArchiveError, is_archive, program, unpack

Files = dict[str, bytes]
Writer = Callable[[Path, Files], Path]
RUNS = ("kfctl", "run.sh")


def write_tar(path: Path, files: Files) -> Path:
    """Write a .tar.gz; what is in RUNS may be run, and a name that ends in / is a folder."""
    with tarfile.open(path, "w:gz", pax_headers={"comment": "d8d643f1"}) as tar:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755 if name.endswith((*RUNS, "/")) else 0o644
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return path


def write_zip(path: Path, files: Files) -> Path:
    """Write a .zip of the same."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, body in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name.endswith(RUNS) else 0o100644) << 16
            zipped.writestr(info, body)
    return path


WRITERS = pytest.mark.parametrize("write", [write_tar, write_zip])
SOURCES = {"top-1.2/": b"", "top-1.2/a/b.yaml": b"x: 1\n", "top-1.2/run.sh": b"#!/bin/sh\n"}


@WRITERS
def test_sources_come_out_as_they_went_in(write: Writer, tmp_path: Path) -> None:
    """The folder at the top is returned; content and what may be run are kept."""
    top = Path(unpack(str(write(tmp_path / "archive", SOURCES)), str(tmp_path / "out")))

    assert top == tmp_path / "out/top-1.2"
    assert (top / "a/b.yaml").read_bytes() == b"x: 1\n"
    assert (top / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (top / "a/b.yaml").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in top.rglob("*")) == ["a", "b.yaml", "run.sh"]


@WRITERS
@pytest.mark.parametrize("name", ["../evil", "/evil", "top/../../evil", "top/a\\..\\evil"])
def test_nothing_leads_out(write: Writer, name: str, tmp_path: Path) -> None:
    """A name that leads out of the archive refuses it as a whole."""
    path = write(tmp_path / "archive", {"top/": b"", name: b"evil"})

    with pytest.raises(ArchiveError, match="archive names a file outside of itself"):
        unpack(str(path), str(tmp_path / "out/deep"))

    assert not list(tmp_path.rglob("evil"))


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    """A link could lead anywhere, and a file after it through it."""
    path = tmp_path / "archive"
    with tarfile.open(path, "w:gz") as tar:
        for name, kind in (("top/link", tarfile.SYMTYPE), ("top/hard", tarfile.LNKTYPE),
                           ("top/pipe", tarfile.FIFOTYPE)):  # fmt: skip
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, str(tmp_path)
            tar.addfile(entry)
        entry = tarfile.TarInfo("top/link/evil")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"evil"))
    top = Path(unpack(str(path), str(tmp_path / "out")))

    assert [path.name for path in sorted(top.rglob("*"))] == ["link", "evil"]
    assert not (top / "link").is_symlink()
    assert not (tmp_path / "evil").exists()


@WRITERS
@pytest.mark.parametrize(
    "files",
    [{"one/a": b"", "two/b": b""}, {"a": b"alone"}, {"top/a": b"", "b": b""}],
    ids=["two folders", "a file", "a file beside"],
)
def test_an_archive_that_was_repacked(write: Writer, files: Files, tmp_path: Path) -> None:
    """It needs the one folder that GitHub puts at its top."""
    path = write(tmp_path / "manifests.tar.gz", files)

    with pytest.raises(ArchiveError) as caught:
        unpack(str(path), str(tmp_path / "out"))

    assert str(caught.value) == (
        "manifests.tar.gz has not one folder at its top; give the archive as GitHub makes it, not"
        " repacked"
    )


def test_an_empty_archive(tmp_path: Path) -> None:
    """It has no folder either."""
    with pytest.raises(ArchiveError, match="has not one folder at its top"):
        unpack(str(write_zip(tmp_path / "archive", {})), str(tmp_path / "out"))


@pytest.mark.parametrize("body", [b"", b"not one", b"\x1f\x8bbroken"])
def test_what_is_no_archive(body: bytes, tmp_path: Path) -> None:
    """It is named, with what to give."""
    (tmp_path / "kfctl.tar.gz").write_bytes(body)

    with pytest.raises(ArchiveError, match=r"kfctl\.tar\.gz cannot be unpacked .*unchanged"):
        unpack(str(tmp_path / "kfctl.tar.gz"), str(tmp_path / "out"))


@WRITERS
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_download_that_was_cut_off(write: Writer, share: float, tmp_path: Path) -> None:
    """No program comes out of it, not even a part of one."""
    path = write(tmp_path / "archive", {"kfctl": os.urandom(200_000), "README": b"x" * 100})
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * share)])

    with pytest.raises(ArchiveError, match="archive cannot be unpacked"):
        program(str(path), "kfctl", str(tmp_path / "bin"))

    assert list((tmp_path / "bin").glob("*")) == []


def test_what_is_missing(tmp_path: Path) -> None:
    """The system's word is told."""
    with pytest.raises(ArchiveError, match="gone cannot be unpacked: No such file or directory"):
        unpack(str(tmp_path / "gone"), str(tmp_path / "out"))


@WRITERS
def test_what_is_larger_than_any_release(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sizes nor numbers of files fill the disk."""
    path = str(write(tmp_path / "archive", {"top/kfctl": b"x" * 2000, "top/b": b""}))

    monkeypatch.setattr(archive, "_MOST_BYTES", 1999)
    with pytest.raises(ArchiveError, match="is larger than any release"):
        unpack(path, str(tmp_path / "out"))
    with pytest.raises(ArchiveError, match="is larger than any release"):
        program(path, "kfctl", str(tmp_path / "out"))
    monkeypatch.setattr(archive, "_MOST_BYTES", 2000)
    monkeypatch.setattr(archive, "_MOST_ENTRIES", 1)
    with pytest.raises(ArchiveError, match="is larger than any release"):
        unpack(path, str(tmp_path / "out"))


@WRITERS
@pytest.mark.parametrize("name", ["kfctl", "./kfctl", "release/bin/kfctl"])
def test_a_program_is_found_and_can_be_run(write: Writer, name: str, tmp_path: Path) -> None:
    """Wherever it is in its release archive; kfctl's has it as ./kfctl."""
    files = {"LICENSE": b"", "kfctl.md": b"", name: b"#!/bin/sh\necho it runs\n"}
    found = program(str(write(tmp_path / "archive", files)), "kfctl", str(tmp_path / "bin"))

    assert found == str(tmp_path / "bin/kfctl")
    assert subprocess.run([found], capture_output=True).stdout == b"it runs\n"


def test_the_program_itself(tmp_path: Path) -> None:
    """It may be attached as it is."""
    elf = b"\x7fELF" + os.urandom(100)
    (tmp_path / "attached").write_bytes(elf)
    found = Path(program(str(tmp_path / "attached"), "kustomize", str(tmp_path / "bin")))

    assert found.read_bytes() == elf
    assert found.stat().st_mode & 0o777 == 0o755


@WRITERS
def test_a_program_that_is_not_there_or_twice(write: Writer, tmp_path: Path) -> None:
    """Which one was meant cannot be known."""
    path = str(write(tmp_path / "tool.tar.gz", {"a/kfctl": b"1", "b/kfctl": b"2"}))

    with pytest.raises(ArchiveError, match=r"^tool\.tar\.gz holds no kustomize$"):
        program(path, "kustomize", str(tmp_path))
    with pytest.raises(ArchiveError, match=r"^tool\.tar\.gz holds more than one kfctl$"):
        program(path, "kfctl", str(tmp_path))


def test_archives_are_told_by_how_they_begin(tmp_path: Path) -> None:
    """A name says nothing, and a part of one is still one."""
    path = tmp_path / "manifests.tar.gz"
    path.write_text("kind: Namespace\n", encoding="utf-8")
    assert not is_archive(str(path))
    write_zip(path, SOURCES)
    assert is_archive(str(path))
    write_tar(path, SOURCES)
    path.write_bytes(path.read_bytes()[:40])
    assert is_archive(str(path))
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("plain"))
    assert is_archive(str(path))
