"""What the charm nfs-server exports, by the options that the bundle gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ...catalogue.nfs import STORAGE_PATH, split_clients
from ...findings import KeyPath
from ...site.folders import FOLDER, plain_folder
from .facts import Facts

SERVER = "nfs-server"


@dataclass(frozen=True, slots=True)
class Export:
    """A folder that an application exports.

    Attributes:
        at: Where the folder is named.
        folder: The folder, without doubled slashes; where it is none, as it is written.
        clients: Who may mount it, and where each is named; a share without any takes the root's.
    """

    at: KeyPath
    folder: str
    clients: tuple[tuple[KeyPath, str], ...]


def exports(facts: Facts) -> Iterator[Export]:
    """Yield the folders that the bundle's applications of the charm export."""
    for name, _ in facts.named(SERVER):
        yield from exports_of(facts, name)


def exports_of(facts: Facts, name: str) -> Iterator[Export]:
    """Yield the folders that one application exports, its export root first."""
    options: KeyPath = ("applications", name, "options")
    root = _plain(facts.option(name, "export-root") or STORAGE_PATH)
    admitted = _told((*options, "networks"), facts.option(name, "networks"))
    yield Export((*options, "export-root"), root, admitted)
    for share, body in _mapping(facts.document(name, "shares")).items():
        at = (*options, "shares", str(share))
        fields = _mapping(body)
        folder = _plain(str(fields.get("path", "")))
        yield Export((*at, "path"), folder, _told((*at, "clients"), fields.get("clients", "")))


def _plain(text: str) -> str:
    return plain_folder(text) if FOLDER.fits(text) else text


def _told(at: KeyPath, found: object) -> tuple[tuple[KeyPath, str], ...]:
    return tuple(((*at, index), client) for index, client in enumerate(split_clients(found)))


def _mapping(found: object) -> Mapping[object, object]:
    return cast("Mapping[object, object]", found) if isinstance(found, dict) else {}
