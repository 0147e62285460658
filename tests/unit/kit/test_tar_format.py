"""The archive of a kit may come from anywhere, so it is read strictly."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.kit import tar_format
from botlab.kit.tar_format import header, padding, read_entries, trailer


def entry(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """Return an entry of an archive."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(*entries: tuple[tarfile.TarInfo, bytes], tar: int = tarfile.PAX_FORMAT) -> io.BytesIO:
    """Return an archive that Python's own writer makes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tar) as writer:
        for info, content in entries:
            writer.addfile(info, io.BytesIO(content))
    stream.seek(0)
    return stream


def paths(stream: io.BytesIO) -> list[str]:
    """Return the paths of an archive."""
    return [entry.path for entry in read_entries(stream, "lab.tar")]


def test_files_of_an_archive_are_read() -> None:
    stream = archive(entry("kit", type=tarfile.DIRTYPE), entry("kit/a/b", b"xy"), entry("kit/c"))
    entries = read_entries(stream, "lab.tar")
    assert [(e.path, e.size) for e in entries] == [("a/b", 2), ("c", 0)]
    stream.seek(entries[0].offset)
    assert stream.read(2) == b"xy"


@pytest.mark.parametrize("name", ["kit/x" * 40, "kit/ä/ö", f"kit/{'n' * 200}"])
def test_long_and_foreign_paths_are_read(name: str) -> None:
    assert paths(archive(entry(name, b"x"))) == [name.partition("/")[2]]


def test_large_file_has_its_size_in_a_header_of_its_own() -> None:
    size = 9 * 2**30
    block = header("kit/large", size, 0)
    assert len(block) == 3 * 512
    with pytest.raises(BotlabError, match="ends within the file 'kit/large'"):
        read_entries(io.BytesIO(block + trailer(0)), "lab.tar")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/etc/passwd", "is not a relative path"),
        ("kit/../../x", "has an empty part, `.` or `..`"),
        ("../kit/x", "has an empty part, `.` or `..`"),
        ("kit/./x", "has an empty part, `.` or `..`"),
        ("kit//x", "has an empty part, `.` or `..`"),
        ("kit/a\nb", "has a character"),
        ("kit/a\\b", "has a character"),
        ("kit/\u202egpj.sh", "has a character"),
        (f"kit/{'n' * 300}", "is too long"),
        ("x", "is not below its top directory"),
    ],
)
def test_path_that_leads_elsewhere_is_refused(name: str, problem: str) -> None:
    with pytest.raises(BotlabError, match=problem):
        paths(archive(entry(name, b"x")))


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
        tarfile.CONTTYPE, b"S", b"V", b"M",
    ],
)  # fmt: skip
def test_links_devices_and_other_entries_are_refused(kind: bytes) -> None:
    stream = archive(entry("kit/x", type=kind, linkname="/etc/passwd"))
    with pytest.raises(BotlabError, match="is a link or a device"):
        paths(stream)


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o1644])
def test_special_permissions_are_refused(mode: int) -> None:
    """Tar would give them to a program of anybody's, if root unpacks the kit."""
    with pytest.raises(BotlabError, match="'kit/x' has the permissions of a setuid, setgid or"):
        paths(archive(entry("kit/x", b"1", mode=mode)))


def test_second_entry_of_a_path_is_refused() -> None:
    with pytest.raises(BotlabError, match="'kit/x' is in it twice"):
        paths(archive(entry("kit/x", b"1"), entry("kit/x", b"2")))


def test_second_top_directory_is_refused() -> None:
    with pytest.raises(BotlabError, match="'other/x' is not below its top directory"):
        paths(archive(entry("kit/x", b"1"), entry("other/x", b"2")))


@pytest.mark.parametrize("key", ["GNU.sparse.size", "linkpath", "uid", "SCHILY.xattr.user.x"])
def test_unknown_header_is_refused(key: str) -> None:
    stream = archive(entry("kit/x", b"1", pax_headers={key: "1"}))
    with pytest.raises(BotlabError, match=f"has an unknown header '{key}'"):
        paths(stream)


def test_header_without_a_limit_is_refused() -> None:
    stream = archive(entry("kit/x", b"1", pax_headers={"comment": "x" * 10_000}))
    with pytest.raises(BotlabError, match="has a header of a wrong size"):
        paths(stream)


@pytest.mark.parametrize(
    "record", [b"x", b"5 a=b\n", b"999 path=kit/x\n", b"-1 path=x\n", b"10 path=kit"]
)
def test_damaged_header_is_refused(record: bytes) -> None:
    block = tarfile.TarInfo("pax")
    block.type, block.size = b"x", len(record)
    file = header("kit/x", 0, 0)
    content = block.tobuf() + record + padding(len(record)) + file
    with pytest.raises(BotlabError, match=r"has a damaged header|has an unknown header"):
        read_entries(io.BytesIO(content + trailer(len(content))), "lab.tar")


def test_file_with_a_negative_size_is_refused() -> None:
    block = tarfile.TarInfo("kit/file")
    block.size = -1
    archive = block.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    with pytest.raises(BotlabError, match="the size of the file 'kit/file' is negative"):
        read_entries(io.BytesIO(archive), "x.tar")


def test_header_with_a_negative_size_is_refused() -> None:
    """Reading a negative number of bytes would read the whole archive into memory."""
    block = tarfile.TarInfo("pax")
    block.type, block.size = b"x", -5
    content = block.tobuf(tarfile.GNU_FORMAT) + header("kit/x", 0, 0)
    with pytest.raises(BotlabError, match="has a header of a wrong size"):
        read_entries(io.BytesIO(content + trailer(len(content))), "lab.tar")


def test_negative_size_is_refused() -> None:
    pax = {"size": "-5"}
    with pytest.raises(BotlabError, match="has an unknown header 'size'"):
        paths(archive(entry("kit/x", b"1", pax_headers=pax)))


def test_directory_with_content_is_refused() -> None:
    block = tarfile.TarInfo("kit/d")
    block.type, block.size = tarfile.DIRTYPE, 512
    content = block.tobuf() + b"\0" * 512
    with pytest.raises(BotlabError, match="the directory 'kit/d' has content"):
        read_entries(io.BytesIO(content + trailer(len(content))), "lab.tar")


def test_data_behind_a_file_or_the_end_is_refused() -> None:
    content = header("kit/x", 1, 0) + b"x" + b"\0" * 510
    with pytest.raises(BotlabError, match="has data behind the file 'kit/x'"):
        read_entries(io.BytesIO(content + b"y" + trailer(len(content) + 1)), "lab.tar")
    whole = header("kit/x", 1, 0) + b"x" + padding(1)
    with pytest.raises(BotlabError, match="has data behind its end"):
        read_entries(io.BytesIO(whole + trailer(len(whole)) + b"y"), "lab.tar")


def test_archive_without_an_end_is_refused() -> None:
    whole = header("kit/x", 1, 0) + b"x" + padding(1)
    with pytest.raises(BotlabError, match="ends too early"):
        read_entries(io.BytesIO(whole), "lab.tar")


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_format, "MOST_FILES", 2)
    with pytest.raises(BotlabError, match="is larger than a kit can be"):
        paths(archive(*(entry(f"kit/{number}") for number in range(3))))


def test_compressed_archive_and_other_files_are_refused(tmp_path: Path) -> None:
    compressed = gzip.compress(archive(entry("kit/x", b"1")).getvalue())
    for content in (compressed, b"not an archive" * 100, b"\0" * 1024):
        with pytest.raises(BotlabError, match=r"is not a kit|is an empty archive|ends too early"):
            read_entries(io.BytesIO(content), "lab.tar")


def test_gnu_header_of_a_long_name_is_refused() -> None:
    stream = archive(entry(f"kit/{'n' * 150}", b"x"), tar=tarfile.GNU_FORMAT)
    with pytest.raises(BotlabError, match="is a link or a device"):
        paths(stream)
