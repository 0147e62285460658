"""Archives of sources and programs, as GitHub makes them: .tar.gz and .zip, taken apart safely.

An archive comes from the network or from a person, so no name in it leads out of the folder that
it is unpacked into, and no size in it fills the disk.
"""

import contextlib
import gzip
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from typing import IO, Any, Callable, Iterator, NamedTuple, Tuple

# Far above what a release has (kubeflow/kubeflow for kfctl 0.6: 1,335 files, 95 MB).
_MOST_ENTRIES = 100000
_MOST_BYTES = 2**30
_ELF = b"\x7fELF"
_GZIP = b"\x1f\x8b"
# zip, bzip2, xz.
_PACKED = (b"PK\x03\x04", b"BZh", b"\xfd7zXZ")
_Entry = NamedTuple(
    "_Entry",
    [
        ("name", str),
        ("size", int),
        ("folder", bool),
        ("runs", bool),
        ("open", Callable[[], IO[bytes]]),
    ],
)


class ArchiveError(Exception):
    """An archive that cannot be used; the text says why and what to give instead."""


def unpack(path: str, target: str) -> str:
    """Unpack a source archive with one folder at its top.

    Links and devices are left out: the archives of Kubeflow's releases have none, and a link may
    lead anywhere.

    Args:
        path: The archive, .tar.gz or .zip.
        target: The folder to unpack into; made where it is missing.

    Returns:
        The path of the folder at the archive's top.

    Raises:
        ArchiveError: When it is no archive, has not exactly one folder at its top, names a file
            outside of itself, or is larger than any release.
    """
    with _entries(path) as entries:
        tops = set()
        total = 0
        for count, entry in enumerate(entries, 1):
            parts = _parts(path, entry.name)
            if not parts:
                continue
            if len(parts) == 1 and not entry.folder:
                raise ArchiveError(_no_top(path))
            tops.add(parts[0])
            total += entry.size
            if len(tops) > 1:
                raise ArchiveError(_no_top(path))
            if count > _MOST_ENTRIES or total > _MOST_BYTES:
                raise ArchiveError("%s is larger than any release's archive" % _name(path))
            _place(entry, os.path.join(target, *parts))
    if not tops:
        raise ArchiveError(_no_top(path))
    return os.path.join(target, tops.pop())


def is_archive(path: str) -> bool:
    """Tell whether a file is an archive by how it begins, whatever it is called, whole or not.

    A text that is packed by gzip is none: Juju takes no file for a resource whose name ends
    otherwise than the resource's own, so built manifests come packed.
    """
    with open(path, "rb") as file:
        head = file.read(512)
    if head.startswith(_GZIP):
        try:
            with gzip.open(path) as packed:
                head = packed.read(512)
        except (OSError, EOFError):
            return True  # damaged; who unpacks it tells how
    return head.startswith(_PACKED) or head[257:262] == b"ustar"


def plain(path: str, target: str) -> str:
    """Return the path of a text: the file itself, or what gzip packed, written to a target.

    Raises:
        ArchiveError: When it is damaged, or larger than any release.
    """
    with open(path, "rb") as file:
        if file.read(2) != _GZIP:
            return path
    try:
        with gzip.open(path) as packed, open(target, "wb") as text:
            for piece in iter(lambda: packed.read(2**20), b""):
                if text.tell() > _MOST_BYTES:
                    raise ArchiveError("%s is larger than any release's" % _name(path))
                text.write(piece)
    except (OSError, EOFError) as error:
        raise ArchiveError("%s cannot be unpacked (%s)" % (_name(path), error)) from None
    return target


def program(path: str, name: str, target: str) -> str:
    """Take a program out of its release archive.

    Args:
        path: The archive, .tar.gz or .zip, with the program anywhere in it; or the program itself.
        name: The program's file name, such as "kfctl".
        target: The folder that gets it; made where it is missing.

    Returns:
        The program's path; it is whole or not there, and can be run.

    Raises:
        ArchiveError: When there is no such program in it, or more than one.
    """
    wanted = os.path.join(target, name)
    with open(path, "rb") as file:
        if file.read(len(_ELF)) == _ELF:
            file.seek(0)
            _write(file, wanted, 0o755)
            return wanted
    found = 0
    with _entries(path) as entries:
        for entry in entries:
            if entry.folder or _parts(path, entry.name)[-1:] != (name,):
                continue
            found += 1
            if entry.size > _MOST_BYTES:
                raise ArchiveError("%s is larger than any release's archive" % _name(path))
            if found > 1:
                raise ArchiveError("%s holds more than one %s" % (_name(path), name))
            with contextlib.closing(entry.open()) as body:
                _write(body, wanted, 0o755)
    if not found:
        raise ArchiveError("%s holds no %s" % (_name(path), name))
    return wanted


@contextlib.contextmanager
def _entries(path: str) -> Iterator[Iterator[_Entry]]:
    """Open an archive by what it is, whatever it is called; give its files and folders."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as zipped:
                yield _of_zip(zipped)
        else:
            with tarfile.open(path, "r:*") as tar:
                yield _of_tar(tar)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise _broken(path, error) from None
    except OSError as error:
        if error.errno is None:  # gzip's own, of a damaged file
            raise _broken(path, error) from None
        told = "%s cannot be unpacked: %s"
        raise ArchiveError(told % (_name(path), error.strerror)) from None


def _broken(path: str, error: Exception) -> ArchiveError:
    words = str(error)
    if words.startswith("file could not be opened"):  # tarfile's, with what it tried
        words = "it is no archive"
    told = "%s cannot be unpacked (%s); give the release's .tar.gz or .zip, unchanged"
    return ArchiveError(told % (_name(path), words))


def _of_tar(tar: tarfile.TarFile) -> Iterator[_Entry]:
    for member in tar:
        if member.isfile() or member.isdir():
            body = _opener(tar.extractfile, member)
            runs = bool(member.mode & 0o100)
            yield _Entry(member.name, member.size, member.isdir(), runs, body)


def _of_zip(zipped: zipfile.ZipFile) -> Iterator[_Entry]:
    for info in zipped.infolist():
        mode = info.external_attr >> 16
        if mode & 0o170000 not in (0, 0o040000, 0o100000):
            continue
        folder = info.filename.endswith("/")
        body = _opener(zipped.open, info)
        yield _Entry(info.filename, info.file_size, folder, bool(mode & 0o100), body)


def _opener(opened: Callable[[Any], Any], member: Any) -> Callable[[], IO[bytes]]:
    return lambda: opened(member)


def _parts(path: str, name: str) -> Tuple[str, ...]:
    """Return the steps of an entry's name.

    Raises:
        ArchiveError: When it leads out of the archive.
    """
    parts = tuple(step for step in name.split("/") if step not in ("", "."))
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise ArchiveError("%s names a file outside of itself: %r" % (_name(path), name))
    return parts


def _place(entry: _Entry, path: str) -> None:
    if entry.folder:
        os.makedirs(path, exist_ok=True)
        return
    with contextlib.closing(entry.open()) as body:
        _write(body, path, 0o755 if entry.runs else 0o644)


def _write(body: IO[bytes], path: str, mode: int) -> None:
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".kf-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(body, file)
        os.chmod(temporary, mode)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _no_top(path: str) -> str:
    told = "%s has not one folder at its top; give the archive as GitHub makes it, not repacked"
    return told % _name(path)


def _name(path: str) -> str:
    return os.path.basename(path)
