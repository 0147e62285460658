"""Archives are unpacked as a whole or not at all, and never outside of their directory."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.damage import damaged, refusals
from kubeflow_installer.sources import archive
from kubeflow_installer.sources.archive import (
    decompress,
    extract_program,
    is_archive,
    unpack,
)
from labcharm.archives import ArchiveError

Files = dict[str, bytes]
Writer = Callable[[Path, Files], Path]
EXECUTABLES = ("kfctl", "run.sh")


def write_tar(path: Path, files: Files) -> Path:
    """Write a .tar.gz; a final / marks a directory, and EXECUTABLES are executable."""
    with tarfile.open(path, "w:gz", pax_headers={"comment": "d8d643f1"}) as tar:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755 if name.endswith((*EXECUTABLES, "/")) else 0o644
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return path


def write_zip(path: Path, files: Files) -> Path:
    """Write a .zip with the same content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, body in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name.endswith(EXECUTABLES) else 0o100644) << 16
            zipped.writestr(info, body)
    return path


WRITERS = pytest.mark.parametrize("write", [write_tar, write_zip])
SOURCES = {"top-1.2/": b"", "top-1.2/a/b.yaml": b"x: 1\n", "top-1.2/run.sh": b"#!/bin/sh\n"}


@WRITERS
def test_unpacked_sources_keep_content_and_modes(write: Writer, tmp_path: Path) -> None:
    """The path of the directory at the top is returned."""
    top = Path(unpack(str(write(tmp_path / "archive", SOURCES)), str(tmp_path / "out")))

    assert top == tmp_path / "out/top-1.2"
    assert (top / "a/b.yaml").read_bytes() == b"x: 1\n"
    assert (top / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (top / "a/b.yaml").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in top.rglob("*")) == ["a", "b.yaml", "run.sh"]


@WRITERS
@pytest.mark.parametrize("name", ["../evil", "/evil", "top/../../evil", "top/a\\..\\evil"])
def test_name_that_leads_out_of_the_archive_is_refused(
    write: Writer, name: str, tmp_path: Path
) -> None:
    """Nothing of the archive is unpacked outside of the target."""
    path = write(tmp_path / "archive", {"top/": b"", name: b"evil"})

    with pytest.raises(ArchiveError, match="archive has a path that leads out of the archive"):
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
    ids=["two directories", "a file", "a file beside a directory"],
)
def test_repacked_archive_is_refused(write: Writer, files: Files, tmp_path: Path) -> None:
    """It needs the one directory that GitHub puts at its top."""
    path = write(tmp_path / "manifests.tar.gz", files)

    with pytest.raises(ArchiveError) as caught:
        unpack(str(path), str(tmp_path / "out"))

    assert str(caught.value) == (
        "manifests.tar.gz does not have exactly one directory at its top; provide the archive as"
        " GitHub makes it, not repacked"
    )


def test_empty_archive_is_refused(tmp_path: Path) -> None:
    """It has no directory either."""
    with pytest.raises(ArchiveError, match="does not have exactly one directory at its top"):
        unpack(str(write_zip(tmp_path / "archive", {})), str(tmp_path / "out"))


@pytest.mark.parametrize("body", [b"", b"not one", b"\x1f\x8bbroken"])
def test_file_that_is_not_an_archive_is_refused(body: bytes, tmp_path: Path) -> None:
    """The message names it, and what to provide."""
    (tmp_path / "kfctl.tar.gz").write_bytes(body)

    with pytest.raises(ArchiveError, match=r"kfctl\.tar\.gz cannot be unpacked .*unchanged"):
        unpack(str(tmp_path / "kfctl.tar.gz"), str(tmp_path / "out"))


@WRITERS
@pytest.mark.parametrize("fraction", [0.3, 0.6, 0.9])
def test_truncated_archive_yields_no_program(
    write: Writer, fraction: float, tmp_path: Path
) -> None:
    """Not even a part of one."""
    path = write(tmp_path / "archive", {"kfctl": os.urandom(200_000), "README": b"x" * 100})
    body = path.read_bytes()
    path.write_bytes(body[: int(len(body) * fraction)])

    with pytest.raises(ArchiveError, match="archive cannot be unpacked"):
        extract_program(str(path), "kfctl", str(tmp_path / "bin"))

    assert list((tmp_path / "bin").glob("*")) == []


def test_missing_archive_is_refused(tmp_path: Path) -> None:
    """The message has the system's own words."""
    with pytest.raises(ArchiveError, match="gone cannot be unpacked: No such file or directory"):
        unpack(str(tmp_path / "gone"), str(tmp_path / "out"))


@WRITERS
def test_archive_larger_than_any_release_is_refused(
    write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sizes nor numbers of files can fill the disk."""
    path = str(write(tmp_path / "archive", {"top/kfctl": b"x" * 2000, "top/b": b""}))

    monkeypatch.setattr(archive, "_MOST_BYTES", 1999)
    with pytest.raises(ArchiveError, match="is larger than any release"):
        unpack(path, str(tmp_path / "out"))
    with pytest.raises(ArchiveError, match="is larger than any release"):
        extract_program(path, "kfctl", str(tmp_path / "out"))
    monkeypatch.setattr(archive, "_MOST_BYTES", 2000)
    monkeypatch.setattr(archive, "_MOST_ENTRIES", 1)
    with pytest.raises(ArchiveError, match="is larger than any release"):
        unpack(path, str(tmp_path / "out"))


@WRITERS
@pytest.mark.parametrize("name", ["kfctl", "./kfctl", "release/bin/kfctl"])
def test_extracted_program_is_executable(write: Writer, name: str, tmp_path: Path) -> None:
    """Wherever it is in its release archive; kfctl's has it as ./kfctl."""
    files = {"LICENSE": b"", "kfctl.md": b"", name: b"#!/bin/sh\necho it runs\n"}
    program = extract_program(
        str(write(tmp_path / "archive", files)), "kfctl", str(tmp_path / "bin")
    )

    assert program == str(tmp_path / "bin/kfctl")
    assert subprocess.run([program], capture_output=True).stdout == b"it runs\n"


def test_program_may_be_attached_without_an_archive(tmp_path: Path) -> None:
    """It is copied as it is."""
    elf = b"\x7fELF" + os.urandom(100)
    (tmp_path / "attached").write_bytes(elf)
    program = Path(extract_program(str(tmp_path / "attached"), "kustomize", str(tmp_path / "bin")))

    assert program.read_bytes() == elf
    assert program.stat().st_mode & 0o777 == 0o755


@WRITERS
def test_archive_without_exactly_one_program_is_refused(write: Writer, tmp_path: Path) -> None:
    """Which of two is meant cannot be known."""
    path = str(write(tmp_path / "tool.tar.gz", {"a/kfctl": b"1", "b/kfctl": b"2"}))

    with pytest.raises(ArchiveError, match=r"^tool\.tar\.gz does not hold kustomize$"):
        extract_program(path, "kustomize", str(tmp_path))
    with pytest.raises(ArchiveError, match=r"^tool\.tar\.gz holds more than one kfctl$"):
        extract_program(path, "kfctl", str(tmp_path))


def test_archives_are_recognised_by_their_first_bytes(tmp_path: Path) -> None:
    """The name does not count, and a truncated archive is still one."""
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


def write_bz2(path: Path, files: Files) -> Path:
    """Write a .tar.bz2, which is read although no release is published as one."""
    return _compressed(path, files, "bz2")


def write_xz(path: Path, files: Files) -> Path:
    """Write a .tar.xz."""
    return _compressed(path, files, "xz")


def _compressed(path: Path, files: Files, compression: str) -> Path:
    with tarfile.open(path, f"w:{compression}") as tar:  # type: ignore[call-overload]
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return path


def truncations(content: bytes) -> list[bytes]:
    """Return the content cut off at every place where a header or the data may end."""
    return [content[:size] for size in range(0, len(content), max(len(content) // 150, 1))]


@pytest.mark.parametrize("write", [write_tar, write_zip, write_bz2, write_xz])
def test_damaged_archive_is_named_whatever_the_damage(write: Writer, tmp_path: Path) -> None:
    """Its library's errors of every class become one error that names the file."""
    files = dict(SOURCES, **{"top-1.2/data": os.urandom(3000) + b"x" * 3000})
    content = write(tmp_path / "sound", files).read_bytes()
    path = tmp_path / "manifests.tar.gz"

    def read(copy: bytes) -> None:
        path.write_bytes(copy)
        is_archive(str(path))
        with contextlib.suppress(ArchiveError):
            extract_program(str(path), "run.sh", str(tmp_path / "bin"))
        with tempfile.TemporaryDirectory(dir=tmp_path) as target:
            unpack(str(path), target)

    messages = refusals(read, [*truncations(content), *damaged(content)], ArchiveError)
    assert len(messages) > 100
    assert all(message.startswith("manifests.tar.gz ") for message in messages)


def test_damaged_compressed_manifests_are_named_whatever_the_damage(tmp_path: Path) -> None:
    """A flipped bit inside the data is neither an OSError nor the end of the file."""
    content = gzip.compress(os.urandom(2000) + b"kind: ConfigMap\n" * 500)
    path = tmp_path / "manifests.yaml.gz"

    def read(copy: bytes) -> None:
        path.write_bytes(copy)
        is_archive(str(path))
        decompress(str(path), str(tmp_path / "out"))

    messages = refusals(read, [*truncations(content), *damaged(content)], ArchiveError)
    assert len(messages) > 200
    assert {message.partition(" (")[0] for message in messages} == {
        "manifests.yaml.gz cannot be unpacked"
    }


def test_archive_that_is_damaged_in_the_middle_is_not_unpacked_in_part(tmp_path: Path) -> None:
    """Python takes a damaged header for the end, and reads no checksum behind it."""
    files = {f"top-1.2/{number}/file": os.urandom(300) for number in range(30)}
    sound = write_tar(tmp_path / "sound", {"top-1.2/": b"", **files})
    path = tmp_path / "manifests.tar.gz"

    def read(copy: bytes) -> None:
        path.write_bytes(copy)
        with tempfile.TemporaryDirectory(dir=tmp_path) as target:
            top = Path(unpack(str(path), target))
            unpacked = {f"top-1.2/{file.parent.name}/file": file for file in top.glob("*/file")}
            assert {name: file.read_bytes() for name, file in unpacked.items()} == files

    assert len(refusals(read, damaged(sound.read_bytes()), ArchiveError)) > 200


def test_plain_tar_with_a_damaged_header_is_refused(tmp_path: Path) -> None:
    """It has no checksum of the whole."""
    with gzip.open(write_tar(tmp_path / "sound", SOURCES)) as tar:
        content = tar.read()
    position = content.index(b"top-1.2/a/b.yaml")
    path = tmp_path / "manifests.tar"
    path.write_bytes(content[:position] + b"\xff" + content[position + 1 :])

    with pytest.raises(ArchiveError, match=r"^manifests\.tar cannot be unpacked \(a header in it"):
        unpack(str(path), str(tmp_path / "out"))
