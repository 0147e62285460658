"""What a file must be to stand for an item: a charm of that name, an image, a snap."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

from ..catalogue.reader import read_charm
from ..errors import BotlabError
from ..json_text import load_json
from ..json_values import list_of, mapping_of
from ..text_files import DANGLING, is_dangling
from .items import Item, Kind
from .limits import BLOCK, LARGEST_FILE

# squashfs, little-endian (snaps).
_SNAP = b"hsqs"
_OCI_INDEX, _DOCKER_MANIFEST = "index.json", "manifest.json"
# An index names a manifest and its platform; a Docker archive lists its layers.
_LARGEST_INDEX = 2**20
_MOST_ENTRIES = 5000
_TAR_ERRORS = (tarfile.TarError, ValueError, EOFError)


def content_problem(item: Item, file: Path) -> str:
    """Return why a file cannot be the one of an item; empty when it can.

    Args:
        item: The item.
        file: A regular file, or a link to a file that does not exist.
    """
    try:
        return DANGLING if is_dangling(file) else _problem(item, file)
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _problem(item: Item, file: Path) -> str:
    size = file.stat().st_size
    if not 0 < size <= LARGEST_FILE:
        return "is empty" if size == 0 else "is larger than a file of a kit can be"
    if item.kind is Kind.CHARM:
        return _charm_problem(item, file)
    if item.kind is Kind.IMAGE:
        return _image_problem(item, file)
    if item.kind is Kind.SNAP and not _begins_with(file, _SNAP):
        return "is not a snap"
    return _digest_problem(item, file)


def _charm_problem(item: Item, file: Path) -> str:
    try:
        charm = read_charm(file)
    except BotlabError as error:
        return f"cannot be used: {str(error).removeprefix(f'{file}: ')}"
    return "" if charm.name == item.content else f"is the charm {charm.name}, not {item.content}"


def _digest_problem(item: Item, file: Path) -> str:
    if not item.digest:
        return ""
    digest = f"sha256:{sha256_of(file)}"
    return "" if digest == item.digest else f"has the digest {digest}, not {item.digest}"


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _begins_with(file: Path, magic: bytes) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(magic)) == magic


def image_transport(file: Path) -> str:
    """Return skopeo's transport for an image's file: oci-archive or docker-archive.

    Raises:
        BotlabError: When the file is neither.
    """
    return "oci-archive" if _OCI_INDEX in _tables(file) else "docker-archive"


def _image_problem(item: Item, file: Path) -> str:
    try:
        tables = _tables(file)
        if _OCI_INDEX in tables:
            return _oci_problem(item, load_json(tables[_OCI_INDEX], _OCI_INDEX))
    except BotlabError as error:
        return str(error)
    if item.digest:
        return f"is a Docker archive, which loses the digest {item.digest}; save an oci-archive"
    return ""


def _oci_problem(item: Item, index: object) -> str:
    """Return why the index of an OCI archive does not have exactly the image."""
    manifests = list_of(mapping_of(index).get("manifests"))
    if len(manifests) != 1:
        return "has not exactly one image; save each image to a file of its own"
    digest = mapping_of(manifests[0]).get("digest")
    if item.digest and digest != item.digest:
        return f"has the image {json.dumps(digest)}, not {item.digest}"
    return ""


def _tables(file: Path) -> dict[str, str]:
    """Return the tables of contents of an image's file, by their names.

    Raises:
        BotlabError: When it has none.
    """
    try:
        with tarfile.open(file, "r:") as archive:
            tables = _read_tables(archive)
    except _TAR_ERRORS as error:
        raise BotlabError(f"is not an archive of an image: {error}") from None
    if not tables:
        raise BotlabError("is not an archive of an image, such as skopeo writes")
    return tables


def _read_tables(archive: tarfile.TarFile) -> dict[str, str]:
    tables: dict[str, str] = {}
    for number, entry in enumerate(archive):
        name = entry.name.removeprefix("./")
        if number > _MOST_ENTRIES:
            raise ValueError("it has too many entries")
        if name not in (_OCI_INDEX, _DOCKER_MANIFEST) or not entry.isfile():
            continue
        stream = archive.extractfile(entry)
        if stream is not None and entry.size <= _LARGEST_INDEX:
            tables[name] = stream.read(_LARGEST_INDEX).decode("utf-8")
    return tables
