"""Archives of sources and programs, as GitHub makes them: .tar.gz and .zip, unpacked safely.

An archive comes from the network or from a person. So no name in it may lead out of the directory
that it is unpacked into, and no size in it may fill the disk.
"""

import contextlib
import gzip
import os
import shutil
import tarfile
import tempfile
import zipfile
from typing import IO, Callable, Iterator, NamedTuple, Tuple

from labcharm.archives import ArchiveError, archive_errors, check_end

# Far above what a release has (kubeflow/kubeflow for kfctl 0.6: 1,335 files, 95 MB).
_MOST_ENTRIES = 100000
_MOST_BYTES = 2**30
_BLOCK = 2**20
_FIX = "provide the release's .tar.gz or .zip, unchanged"
_ELF = b"\x7fELF"
_GZIP = b"\x1f\x8b"
# zip, bzip2, xz.
_OTHER_ARCHIVES = (b"PK\x03\x04", b"BZh", b"\xfd7zXZ")


class _Entry(NamedTuple):
    """A file or directory in an archive."""

    name: str
    size: int
    is_directory: bool
    is_executable: bool
    open: Callable[[], IO[bytes]]


def unpack(path: str, target: str) -> str:
    """Unpack a source archive with one directory at its top.

    Links and devices are left out: the archives of Kubeflow's releases have none, and a link may
    lead anywhere.

    Args:
        path: The archive, .tar.gz or .zip.
        target: The directory to unpack into; created when it is missing.

    Returns:
        The path of the directory at the archive's top.

    Raises:
        ArchiveError: When it is not an archive, does not have exactly one directory at its top,
            has a path that leads out of it, or is larger than any release.
    """
    top = ""
    total = 0
    with _entries(path) as entries:
        for count, entry in enumerate(entries, 1):
            parts = _parts(path, entry.name)
            if not parts:
                continue
            if parts[0] != (top or parts[0]) or (len(parts) == 1 and not entry.is_directory):
                raise _not_one_top(path)
            top = parts[0]
            total += entry.size
            if count > _MOST_ENTRIES or total > _MOST_BYTES:
                raise _too_large(path)
            _write_entry(entry, os.path.join(target, *parts))
    if not top:
        raise _not_one_top(path)
    return os.path.join(target, top)


def is_archive(path: str) -> bool:
    """Return whether a file begins like an archive, whatever its name, and even if it is damaged.

    A text that is compressed with gzip does not count. Juju accepts a file for a resource only
    when its name ends like the resource's own, so built manifests come compressed.
    """
    with open(path, "rb") as file:
        head = file.read(512)
    if head.startswith(_GZIP):
        try:
            with archive_errors(path, _FIX), gzip.open(path) as unzipped:
                head = unzipped.read(512)
        except ArchiveError:
            return True  # damaged; unpacking it reports how
    return head.startswith(_OTHER_ARCHIVES) or head[257:262] == b"ustar"


def decompress(path: str, target: str) -> str:
    """Return the path of a text: the file itself, or the target when gzip compressed the file.

    Raises:
        ArchiveError: When the file is damaged, or larger than any release.
    """
    with open(path, "rb") as file:
        if file.read(2) != _GZIP:
            return path
    with archive_errors(path, _FIX), gzip.open(path) as unzipped, open(target, "wb") as text:
        for block in iter(lambda: unzipped.read(_BLOCK), b""):
            if text.tell() > _MOST_BYTES:
                raise _too_large(path)
            text.write(block)
    return target


def extract_program(path: str, name: str, target: str) -> str:
    """Extract a program from its release archive.

    Args:
        path: The archive, .tar.gz or .zip, with the program anywhere in it; or the program itself.
        name: The program's file name, such as "kfctl".
        target: The directory to write it to; created when it is missing.

    Returns:
        The program's path. The program is complete or not there at all, and can be executed.

    Raises:
        ArchiveError: When the archive does not hold exactly one such program.
    """
    program = os.path.join(target, name)
    with open(path, "rb") as file:
        if file.read(len(_ELF)) == _ELF:
            file.seek(0)
            _write(file, program, 0o755)
            return program
    count = 0
    with _entries(path) as entries:
        for entry in entries:
            if entry.is_directory or _parts(path, entry.name)[-1:] != (name,):
                continue
            count += 1
            if count > 1:
                raise ArchiveError(f"{_name(path)} holds more than one {name}")
            if entry.size > _MOST_BYTES:
                raise _too_large(path)
            with contextlib.closing(entry.open()) as body:
                _write(body, program, 0o755)
    if not count:
        raise ArchiveError(f"{_name(path)} does not hold {name}")
    return program


@contextlib.contextmanager
def _entries(path: str) -> Iterator[Iterator[_Entry]]:
    """Open an archive by its content, whatever its name; yield its files and directories."""
    with archive_errors(path, _FIX):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield _zip_entries(archive)
        else:
            with tarfile.open(path, "r:*") as tar:
                yield _tar_entries(tar)


def _tar_entries(tar: tarfile.TarFile) -> Iterator[_Entry]:
    for member in tar:
        if member.isfile() or member.isdir():
            is_executable = bool(member.mode & 0o100)
            body = _tar_opener(tar, member)
            yield _Entry(member.name, member.size, member.isdir(), is_executable, body)
    check_end(tar)


def _tar_opener(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def open_member() -> IO[bytes]:
        body = tar.extractfile(member)
        assert body is not None
        return body

    return open_member


def _zip_entries(archive: zipfile.ZipFile) -> Iterator[_Entry]:
    for info in archive.infolist():
        mode = info.external_attr >> 16
        if mode & 0o170000 not in (0, 0o040000, 0o100000):
            continue
        is_directory, is_executable = info.filename.endswith("/"), bool(mode & 0o100)
        body = _zip_opener(archive, info)
        yield _Entry(info.filename, info.file_size, is_directory, is_executable, body)


def _zip_opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _parts(path: str, name: str) -> Tuple[str, ...]:
    """Return the parts of an entry's path.

    Raises:
        ArchiveError: When the path leads out of the archive.
    """
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise ArchiveError(f"{_name(path)} has a path that leads out of the archive: {name!r}")
    return parts


def _write_entry(entry: _Entry, path: str) -> None:
    if entry.is_directory:
        os.makedirs(path, exist_ok=True)
        return
    with contextlib.closing(entry.open()) as body:
        _write(body, path, 0o755 if entry.is_executable else 0o644)


def _write(body: IO[bytes], path: str, mode: int) -> None:
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".kf-", dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(body, file)
        os.chmod(temporary, mode)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _not_one_top(path: str) -> ArchiveError:
    return ArchiveError(
        f"{_name(path)} does not have exactly one directory at its top;"
        " provide the archive as GitHub makes it, not repacked"
    )


def _too_large(path: str) -> ArchiveError:
    return ArchiveError(f"{_name(path)} is larger than any release's archive")


def _name(path: str) -> str:
    return os.path.basename(path)
