"""Differences of the resources of applications.

``juju resources`` prints the SHA-384 digest and the size of each resource.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ...bundle.charm_url import is_local_path
from ...bundle.go_path import join_path
from ...bundle.model import Application
from ...plan.difference import Delta
from ..live_model import JsonObject
from .differences import Difference, JujuCommand, Stage


def resource_differences(
    name: str, application: Application, document: JsonObject, directory: str
) -> Iterator[Difference]:
    """Yield the resources that differ.

    Args:
        name: The name of the application.
        application: The application in the bundle.
        document: What ``juju resources`` prints about it.
        directory: The directory of the bundle, from which its paths start.
    """
    entries = {str(entry.get("name")): entry for entry in document.get("resources") or ()}
    for key, source in application.resources.items():
        entry = entries.get(key)
        if entry is None or source is None:
            continue
        if isinstance(source, int):
            yield from _revision_difference(name, key, source, entry)
        elif is_local_path(source):
            yield from _file_difference(name, key, Path(join_path(directory, source)), entry)


def has_digests(document: JsonObject) -> bool:
    """Return whether a ``juju resources`` document names the digest of every resource."""
    entries = document.get("resources") or ()
    return bool(entries) and all(entry.get("fingerprint") for entry in entries)


def _revision_difference(
    name: str, key: str, revision: int, entry: JsonObject
) -> Iterator[Difference]:
    current = str(entry.get("revision") or "")
    if current and current != str(revision):
        delta = Delta("changed", "application", name, f"resources.{key}", current, str(revision))
        yield Difference(delta, (_attachment(name, key, str(revision)),))


def _file_difference(name: str, key: str, file: Path, entry: JsonObject) -> Iterator[Difference]:
    digest = str(entry.get("fingerprint") or "")
    local = _digest(file)
    if local is None or not digest or local == digest:
        return
    old, new = f"SHA-384 {digest[:12]}...", f"{file.name}, SHA-384 {local[:12]}..."
    delta = Delta("changed", "application", name, f"resources.{key}", old, new)
    yield Difference(delta, (_attachment(name, key, str(file)),))


def _digest(file: Path) -> str | None:
    """Return the digest of a file as Juju prints it; None if the file cannot be read."""
    try:
        with file.open("rb") as stream:
            digest = hashlib.sha384()
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()


def _attachment(name: str, key: str, source: str) -> JujuCommand:
    why = "deploy attaches a resource only together with a new charm"
    return JujuCommand(Stage.SETTINGS, "attach-resource", (name, f"{key}={source}"), (), why)
