"""Small files that stand for the items of an offline kit, with only what is checked."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from botlab.bundle.bases import SERIES_TO_BASE
from botlab.catalogue.model import Charm
from botlab.catalogue.package_data import charms_directory
from botlab.catalogue.profiles import OWN_CHARMS, load_profile, profile_names
from botlab.kit.items import Item, Kind
from pack import PLATFORMS, manifest
from project import juju_files, read_project

_JUJU = (Kind.SERVICE, "juju")
OCI_DIGEST = f"sha256:{'0' * 64}"


def write_items(items: Sequence[Item], directory: Path) -> None:
    """Write a stand-in for each item that has a file, under its path in the kit."""
    releases = [item.version for item in items if (item.kind, item.name) == _JUJU]
    is_modern = not any(release.startswith("2.") for release in releases)
    for item in items:
        if item.path:
            target = directory / item.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(stand_in(item, is_modern=is_modern))


def stand_in(item: Item, *, is_modern: bool = False) -> bytes:
    """Return the content of a file that stands for an item, of 2019 or of today."""
    if item.kind is Kind.CHARM:
        return packed_charm(item.content, is_modern=is_modern)
    if item.kind is Kind.IMAGE:
        return oci_archive(item.digest or OCI_DIGEST)
    if item.kind is Kind.SNAP:
        return b"hsqs" + item.name.encode()
    return f"{item.name}\n".encode()


def packed_charm(name: str, *, is_modern: bool = False) -> bytes:
    """Return an archive of a charm that has only its facts: its own files, or the catalogue's."""
    return zip_archive(dict(charm_files(name, is_modern=is_modern)))


def zip_archive(files: Mapping[str, str]) -> bytes:
    """Return the archive of a charm with some files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file, text in files.items():
            archive.writestr(zipfile.ZipInfo(file), text)
    return content.getvalue()


def charm_files(name: str, *, is_modern: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a charm's metadata and options."""
    if name in OWN_CHARMS:
        yield from _own_files(name)
        bases = PLATFORMS["jammy-noble"].bases
    else:
        charm = _charm(name, is_modern=is_modern)
        yield from _catalogue_files(charm, is_modern=is_modern)
        named = [SERIES_TO_BASE[series] for series in charm.series] + list(charm.bases)
        bases = tuple(base.rpartition("@")[2] for base in named) or ("22.04", "24.04")
    if is_modern:
        yield "manifest.yaml", manifest(bases, "amd64")


def _own_files(name: str) -> Iterator[tuple[str, str]]:
    """Yield the files that Juju reads from one of this project's charms, as they are packed."""
    yield from juju_files(read_project(str(charms_directory() / name))).items()


def _charm(name: str, *, is_modern: bool) -> Charm:
    """Return the facts of a charm of 2019 or today, or of another profile that has it."""
    names = profile_names() if is_modern else list(reversed(profile_names()))
    charms = [
        profile.charms[name] for profile in map(load_profile, names) if name in profile.charms
    ]
    return charms[0] if charms else Charm(name)


def _catalogue_files(charm: Charm, *, is_modern: bool) -> Iterator[tuple[str, str]]:
    metadata: dict[str, object] = {"name": charm.name, "subordinate": charm.subordinate}
    for endpoint in charm.endpoints.values():
        body = {"interface": endpoint.interface, "scope": endpoint.scope}
        section = metadata.setdefault(endpoint.role, {})
        assert isinstance(section, dict)
        section[endpoint.name] = body
    metadata["resources"] = {resource: {"type": "file"} for resource in charm.resources}
    if charm.series and not is_modern:
        metadata["series"] = list(charm.series)
    options = {o.name: {"type": o.type, "default": o.default} for o in charm.options.values()}
    yield "metadata.yaml", json.dumps(metadata)
    yield "config.yaml", json.dumps({"options": options})


def oci_archive(*digests: str, index: object = None) -> bytes:
    """Return an OCI archive with images of some digests and no layers."""
    manifests = [{"digest": digest, "size": 2, "mediaType": "x"} for digest in digests]
    table = {"schemaVersion": 2, "manifests": manifests} if index is None else index
    return plain_tar({"index.json": json.dumps(table).encode()})


def docker_archive() -> bytes:
    """Return an archive as `docker save` writes it, without layers."""
    return plain_tar({"manifest.json": b"[]"})


def plain_tar(files: dict[str, bytes]) -> bytes:
    """Return a tar archive of some files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return content.getvalue()
