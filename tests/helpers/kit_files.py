"""Small files that stand for the items of an offline kit, with only what is checked."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from botlab.catalogue.model import Charm
from botlab.catalogue.package_data import charms_directory
from botlab.catalogue.profiles import OWN_CHARMS, load_profile, profile_names
from botlab.kit.items import Item, Kind
from project import juju_files, read_project

OCI_DIGEST = f"sha256:{'0' * 64}"


def write_items(items: Iterable[Item], directory: Path) -> None:
    """Write a stand-in for each item that has a file, under its path in the kit."""
    for item in items:
        if item.path:
            target = directory / item.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(stand_in(item))


def stand_in(item: Item) -> bytes:
    """Return the content of a file that stands for an item."""
    if item.kind is Kind.CHARM:
        return packed_charm(item.content)
    if item.kind is Kind.IMAGE:
        return oci_archive(item.digest or OCI_DIGEST)
    if item.kind is Kind.SNAP:
        return b"hsqs" + item.name.encode()
    return f"{item.name}\n".encode()


def packed_charm(name: str) -> bytes:
    """Return an archive of a charm that has only its facts: its own files, or the catalogue's."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file, text in charm_files(name):
            archive.writestr(zipfile.ZipInfo(file), text)
    return content.getvalue()


def charm_files(name: str) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a charm's metadata and options."""
    yield from _own_files(name) if name in OWN_CHARMS else _catalogue_files(name)


def _own_files(name: str) -> Iterator[tuple[str, str]]:
    """Yield the files that Juju reads from one of this project's charms, as they are packed."""
    yield from juju_files(read_project(str(charms_directory() / name))).items()


def _catalogue_files(name: str) -> Iterator[tuple[str, str]]:
    """Yield the files of a charm with the facts of 2019, or of another profile that has it."""
    profiles = map(load_profile, reversed(profile_names()))
    charms = [profile.charms[name] for profile in profiles if name in profile.charms]
    charm = charms[0] if charms else Charm(name)
    metadata: dict[str, object] = {"name": name, "subordinate": charm.subordinate}
    for endpoint in charm.endpoints.values():
        body = {"interface": endpoint.interface, "scope": endpoint.scope}
        section = metadata.setdefault(endpoint.role, {})
        assert isinstance(section, dict)
        section[endpoint.name] = body
    metadata["resources"] = {resource: {"type": "file"} for resource in charm.resources}
    if charm.series:
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
