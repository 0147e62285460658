"""Safe extraction of tar archives, also where tarfile has no filters.

They are missing from Python 3.11.2, which is the one of Debian 12.
"""

from __future__ import annotations

import tarfile
from pathlib import Path


def extract_all(archive: tarfile.TarFile, directory: Path) -> None:
    """Extract an archive into a directory, and nothing outside of it.

    Args:
        archive: The opened archive.
        directory: The directory; it is created if it does not exist.

    Raises:
        tarfile.TarError: When an entry leads out of the directory or is a device.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if hasattr(tarfile, "data_filter"):
        archive.extractall(directory, filter="data")
    else:
        extract_checked(archive, directory)


def extract_checked(archive: tarfile.TarFile, directory: Path) -> None:
    """Extract an archive after a check of each entry, as `filter="data"` does where it exists."""
    archive.extraction_filter = lambda entry, _: entry  # newer Pythons warn where none is chosen
    root = directory.resolve()
    root.mkdir(parents=True, exist_ok=True)
    for entry in archive.getmembers():
        _check(entry, root)
        # Like the filter: nothing is writable for others, and no bits such as setuid are set.
        entry.mode &= 0o755
        archive.extract(entry, root)


def _check(entry: tarfile.TarInfo, root: Path) -> None:
    """Check an entry just before it is extracted, so that earlier links are resolved."""
    if not (entry.isfile() or entry.isdir() or entry.issym() or entry.islnk()):
        raise tarfile.TarError(f"{entry.name} is neither a file nor a directory nor a link")
    path = root / entry.name
    targets = [path]
    if entry.issym():
        targets.append(path.parent / entry.linkname)
    if entry.islnk():
        targets.append(root / entry.linkname)
    if not all(target.resolve().is_relative_to(root) for target in targets):
        raise tarfile.TarError(f"{entry.name} leads out of the directory")
