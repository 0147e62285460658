"""The directories that a bundle has the charm nfs-server export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from ....catalogue.nfs import STORAGE_PATH, split_clients
from ....findings import KeyPath
from ....site.directories import DIRECTORY, normalize_directory
from ..facts import Facts

NFS_SERVER, EXTERNAL_EXPORT = "nfs-server", "external-export"


class Export(NamedTuple):
    """A directory that an application exports.

    Attributes:
        path: The key of the directory.
        directory: The directory without repeated slashes, or the text as written when the charm
            does not export it.
        clients: The clients that may mount it, with their keys. A share without clients admits
            those of the export root.
    """

    path: KeyPath
    directory: str
    clients: tuple[tuple[KeyPath, str], ...]


def exports(facts: Facts) -> Iterator[Export]:
    """Yield the exports of the bundle's applications of the charm."""
    for name, _ in facts.applications_of(NFS_SERVER):
        yield from exports_of(facts, name)


def external_export(facts: Facts, name: str) -> str:
    """Return the export of another server that an application uses; empty for its own server."""
    return facts.option(name, EXTERNAL_EXPORT).strip()


def exports_of(facts: Facts, name: str) -> Iterator[Export]:
    """Yield the exports of one application, its export root first.

    There are none where another server has the files.
    """
    if external_export(facts, name):
        return
    options: KeyPath = ("applications", name, "options")
    root = _normalize(facts.option(name, "export-root") or STORAGE_PATH)
    clients = _clients((*options, "networks"), facts.option(name, "networks"))
    yield Export((*options, "export-root"), root, clients)
    for share_name, share in _mapping(facts.yaml_option(name, "shares")).items():
        path = (*options, "shares", str(share_name))
        fields = _mapping(share)
        directory = _normalize(str(fields.get("path", "")))
        clients = _clients((*path, "clients"), fields.get("clients", ""))
        yield Export((*path, "path"), directory, clients)


def _normalize(text: str) -> str:
    return normalize_directory(text) if DIRECTORY.fits(text) else text


def _clients(path: KeyPath, clients: object) -> tuple[tuple[KeyPath, str], ...]:
    return tuple(((*path, index), client) for index, client in enumerate(split_clients(clients)))


def _mapping(node: object) -> Mapping[object, object]:
    return cast("Mapping[object, object]", node) if isinstance(node, dict) else {}
