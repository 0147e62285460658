"""Tar archives are extracted safely on every Python."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.tar_files import extract_all, extract_checked

Extract = Callable[[tarfile.TarFile, Path], None]
# The second is what Pythons without tarfile's filters use.
BOTH = pytest.mark.parametrize("extract", [extract_all, extract_checked])


def archive_of(*entries: tarfile.TarInfo) -> tarfile.TarFile:
    """Return an opened archive with these entries; each file holds one byte."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as tar:
        for entry in entries:
            entry.size = 1 if entry.isfile() else 0
            tar.addfile(entry, io.BytesIO(b"x") if entry.isfile() else None)
    body.seek(0)
    return tarfile.open(fileobj=body)


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """Return an entry of an archive."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, target, 0o6777
    return made


@BOTH
def test_files_are_extracted_without_special_modes(extract: Extract, tmp_path: Path) -> None:
    """Directories, files, and links inside the directory."""
    links = [entry("top/link", tarfile.SYMTYPE, "a"), entry("top/hard", tarfile.LNKTYPE, "top/a")]
    with archive_of(entry("top", tarfile.DIRTYPE), entry("top/a"), *links) as archive:
        extract(archive, tmp_path / "out")

    assert (tmp_path / "out/top/link").read_bytes() == b"x"
    assert (tmp_path / "out/top/hard").read_bytes() == b"x"
    assert (tmp_path / "out/top/a").stat().st_mode & 0o7777 == 0o755


@BOTH
@pytest.mark.parametrize(
    "entries",
    [
        [entry("../evil")],
        [entry("a/../../evil")],
        [entry("link", tarfile.SYMTYPE, "../outside"), entry("link/evil")],
        [entry("link", tarfile.SYMTYPE, "/etc/passwd")],
        [entry("hard", tarfile.LNKTYPE, "../outside")],
        [entry("device", tarfile.CHRTYPE)],
    ],
    ids=["parent", "hidden parent", "through a link", "absolute link", "hard link", "device"],
)
def test_entry_that_leads_outside_is_refused(
    extract: Extract, tmp_path: Path, entries: list[tarfile.TarInfo]
) -> None:
    """Nothing is written outside of the directory."""
    (tmp_path / "outside").mkdir()
    with archive_of(*entries) as archive, pytest.raises(tarfile.TarError):
        extract(archive, tmp_path / "out")

    assert not list((tmp_path / "outside").iterdir())
    assert not (tmp_path / "evil").exists()
