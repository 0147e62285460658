"""Verification of a kit: its files are those of its table of contents, and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from .items import Item
from .limits import LARGEST_MANIFEST
from .manifest import CHECKSUMS, MANIFEST, FileEntry, Manifest, checksums
from .reading import KitFiles, digest_of_file, small_file

_TABLES = (MANIFEST, CHECKSUMS)


def problems(files: KitFiles, manifest: Manifest) -> list[str]:
    """Return what is wrong with a kit: files that are missing, changed or too many.

    Args:
        files: The files of the kit.
        manifest: Its table of contents.
    """
    return [*_missing(files, manifest), *_foreign(files, manifest), *_changed(files, manifest),
            *_checksum_problems(files, manifest)]  # fmt: skip


def added_items(files: KitFiles, manifest: Manifest) -> list[Item]:
    """Return the items that an incomplete kit got later, as its guide asks for.

    The table of contents has no digest of their files, so nothing can be said about them.

    Args:
        files: The files of the kit.
        manifest: Its table of contents.
    """
    return [item for item in manifest.missing if item.path in files.entries]


def _missing(files: KitFiles, manifest: Manifest) -> Iterator[str]:
    expected = [file.path for file in manifest.files]
    for path in (*expected, CHECKSUMS):
        if path not in files.entries:
            yield f"{path}: is missing"


def _foreign(files: KitFiles, manifest: Manifest) -> Iterator[str]:
    expected = {file.path for file in manifest.files}
    expected.update(_TABLES, (item.path for item in manifest.missing))
    for path in files.entries:
        if path not in expected:
            yield f"{path}: is not in {MANIFEST}, so it was added later"


def _changed(files: KitFiles, manifest: Manifest) -> Iterator[str]:
    for file in manifest.files:
        entry = files.entries.get(file.path)
        if entry is None:
            continue
        size, digest = digest_of_file(files, entry)
        if size != file.size:
            yield f"{file.path}: has {size} bytes instead of {file.size}"
        elif digest != file.sha256:
            yield f"{file.path}: was changed; its SHA-256 is {digest}, not {file.sha256}"


def _checksum_problems(files: KitFiles, manifest: Manifest) -> Iterator[str]:
    """Yield a problem if the checksums are not those of the table and its files."""
    entry = files.entries.get(CHECKSUMS)
    if entry is None or entry.size > LARGEST_MANIFEST:
        return
    table = small_file(files, MANIFEST)
    own = FileEntry(MANIFEST, len(table), hashlib.sha256(table).hexdigest())
    if small_file(files, CHECKSUMS) != checksums((*manifest.files, own)).encode():
        yield f"{CHECKSUMS}: differs from {MANIFEST}, so one of them was changed"
