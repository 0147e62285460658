"""Rules about shared storage: what nfs-server exports, to which clients, and on which disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ....bundle.directives import storage_count, storage_pool
from ....catalogue.nfs import STORAGE, STORAGE_PATH, is_open, is_system_directory
from ....findings import Severity, path_text
from ....site.directories import DIRECTORY
from ..facts import WORKER, Facts
from ..options.exports import NFS_SERVER, Export, exports, exports_of
from ..rule import Violation, rule

MAAS_POOL = "maas"


@rule("BL037", Severity.WARNING)
def open_export(facts: Facts) -> Iterator[Violation]:
    """Yield the clients that stand for everybody."""
    for name, _ in facts.applications_of(NFS_SERVER):
        is_refused = facts.option(name, "allow-world").lower() != "true"
        refusal = ", which the charm refuses without allow-world" if is_refused else ""
        for export in exports_of(facts, name):
            for path, client in export.clients:
                if is_open(client):
                    yield Violation(
                        path,
                        f"{client} lets any host mount {export.directory}{refusal}",
                        "name the clients' networks; the cluster's nodes are always admitted",
                    )


@rule("BL055", Severity.ERROR)
def two_default_classes(facts: Facts) -> Iterator[Violation]:
    """Yield the relations by which a worker creates a second default StorageClass."""
    workers = {name for name, _ in facts.applications_of(WORKER)}
    if not any(
        facts.option(name, "default-class").lower() != "false"
        for name, _ in facts.applications_of(NFS_SERVER)
    ):
        return
    for relation in facts.relations:
        if any(end.application in workers and end.relation == "nfs" for end in relation.ends):
            yield Violation(
                ("relations", relation.position),
                "the worker's endpoint nfs creates a default StorageClass besides that of"
                " nfs-server",
                "remove this relation",
            )


@rule("BL070", Severity.ERROR)
def exported_system_directory(facts: Facts) -> Iterator[Violation]:
    """Yield the exports of directories that belong to the system."""
    for export in exports(facts):
        if is_system_directory(export.directory):
            yield Violation(
                export.path,
                f"{export.directory} belongs to the system",
                "export a directory that only the share uses, such as /srv/nfs",
            )


_PLACE_KEYS = tuple(
    f"{section}.{key}"
    for section in ("nfs", "nfs-servers.*")
    for key in ("server", "external", "storage")
)


@rule("BL072", Severity.WARNING, depends_on=_PLACE_KEYS)
def storage_on_system_disk(facts: Facts) -> Iterator[Violation]:
    """Yield the export root of a site that has no file system of its own.

    BL013 reports a server that is not a machine of the site.
    """
    sections = facts.site.nfs_sections if facts.site else {}
    for path, nfs in sections.items():
        if not nfs.storage and facts.site and nfs.server in facts.site.machines:
            key = path_text((*path, "storage"))
            yield Violation(
                (*path, "path"),
                f"{nfs.path} is on the system disk of {nfs.server}",
                f"let Juju create a file system of a fixed size ({key}: loop,200G), or let MAAS"
                f" mount a disk at that path ({key}: mounted)",
                in_site=True,
            )


@rule("BL153", Severity.ERROR)
def clashing_servers(facts: Facts) -> Iterator[Violation]:
    """Yield the NFS servers whose StorageClass clashes with that of another one."""
    for option, fix in (
        ("storage-class", "give each server a class with a name of its own"),
        ("provisioner-name", "give each server a provisioner with a name of its own"),
        ("default-class", "set default-class to false for all servers but one"),
    ):
        first: dict[str, str] = {}
        for name, _ in facts.applications_of(NFS_SERVER):
            text = facts.option(name, option)
            if not text or (option == "default-class" and text.lower() == "false"):
                continue
            if text in first:
                yield Violation(
                    ("applications", name, "options", option),
                    f"{name} and {first[text]} have the same {option} {text}",
                    fix,
                )
            first.setdefault(text, name)


@rule("BL154", Severity.ERROR)
def directory_of_two_servers(facts: Facts) -> Iterator[Violation]:
    """Yield the directories that two NFS servers on the same machine export."""
    servers = dict(facts.applications_of(NFS_SERVER))
    for units in facts.units_by_machine.values():
        names = [name for name in units if name in servers]
        entries = [(name, export) for name in names for export in exports_of(facts, name)]
        owners: dict[PurePosixPath, dict[str, None]] = {}
        for name, export in entries:
            owners.setdefault(PurePosixPath(export.directory), {})[name] = None
        for name, export in entries:
            server = _other_server(name, export, owners)
            if server:
                yield Violation(
                    export.path,
                    f"{export.directory} is exported by {server} on the same machine, too",
                    "use another directory, or place one of the servers on another machine",
                )


def _other_server(
    name: str, export: Export, owners: Mapping[PurePosixPath, Mapping[str, None]]
) -> str:
    """Return another server that exports a directory, or one around it; empty for none.

    Of the servers with the same directory, only the first one counts as the other.

    Args:
        name: The server.
        export: The directory that it exports.
        owners: The servers of the same machine, by directory.
    """
    directory = PurePosixPath(export.directory)
    first = min(owners[directory])
    if first < name:
        return first
    around = (server for path in directory.parents for server in owners.get(path, ()))
    return next((server for server in around if server != name), "")


@rule("BL155", Severity.ERROR, depends_on=("nfs",))
def further_servers_alone(facts: Facts) -> Iterator[Violation]:
    """Yield the section `nfs-servers` of a site without the section `nfs`."""
    if facts.site and facts.site.nfs_servers and not facts.site.nfs:
        yield Violation(
            ("nfs-servers",),
            "the section nfs-servers has further servers, but the section nfs with the first one"
            " is missing",
            "write one of the servers as the section nfs",
            in_site=True,
        )


@rule("BL073", Severity.ERROR)
def conflicting_exports(facts: Facts) -> Iterator[Violation]:
    """Yield the exports inside another one, and export roots that are not on Juju's storage."""
    for name, application in facts.applications_of(NFS_SERVER):
        entries = list(exports_of(facts, name))
        positions: dict[PurePosixPath, list[int]] = {}
        for position, export in enumerate(entries):
            positions.setdefault(PurePosixPath(export.directory), []).append(position)
        for position, export in enumerate(entries):
            outer = _outer_export(position, entries, positions)
            if outer is not None:
                yield Violation(
                    export.path,
                    f"{export.directory} is inside {outer.directory}, which is exported too",
                    "use a directory outside the other export",
                )
        root = next(iter(entries), None)
        if root and STORAGE in application.storage and root.directory != STORAGE_PATH:
            yield Violation(
                root.path,
                f"Juju mounts the storage at {STORAGE_PATH}, but the export root is"
                f" {root.directory}",
                f"use the export root {STORAGE_PATH}",
            )


def _outer_export(
    position: int, entries: Sequence[Export], positions: Mapping[PurePosixPath, Sequence[int]]
) -> Export | None:
    """Return the first other export of a directory, or of one around it."""
    path = PurePosixPath(entries[position].directory)
    # Two exports of each directory are enough, because one of the two is another one.
    outer = {other for around in (path, *path.parents) for other in positions.get(around, ())[:2]}
    return entries[min(outer - {position})] if outer - {position} else None


@rule("BL087", Severity.ERROR)
def unreadable_exports(facts: Facts) -> Iterator[Violation]:
    """Yield the options of nfs-server that do not name directories that can be exported."""
    for name, _ in facts.applications_of(NFS_SERVER):
        shares = facts.yaml_option(name, "shares")
        if facts.option(name, "shares").strip() and not isinstance(shares, dict):
            yield Violation(
                ("applications", name, "options", "shares"),
                "the option shares is not a mapping of names to shares",
                "write NAME: {path: /srv/NAME}",
            )
    for export in exports(facts):
        if not DIRECTORY.fits(export.directory):
            yield Violation(
                export.path, f"{export.directory!r} is {DIRECTORY.problem}", DIRECTORY.advice
            )


@rule("BL088", Severity.ERROR)
def several_storages(facts: Facts) -> Iterator[Violation]:
    """Yield the storage directives that ask for more than one storage."""
    for name, application in facts.applications_of(NFS_SERVER):
        directive = application.storage.get(STORAGE, "")
        count = storage_count(directive)
        if count > 1:
            yield Violation(
                ("applications", name, "storage", STORAGE),
                f"{directive!r} asks for {count} storages, but {name} uses one",
                "write a size with a unit and no count, such as loop,200G",
            )


@rule("BL113", Severity.WARNING)
def storage_after_allocation(facts: Facts) -> Iterator[Violation]:
    """Yield the storage that MAAS would have to create on a machine that is in use already."""
    for name, application in facts.applications.items():
        for storage, directive in application.storage.items():
            if _is_placed(facts, name) and _may_use_maas(facts, directive):
                yield Violation(
                    ("applications", name, "storage", storage),
                    f"{directive!r} needs a disk that MAAS adds while it allocates the machine,"
                    f" but {name} is placed on a machine that is allocated before",
                    "use storage of the machine itself, such as loop,200G, or let MAAS mount a"
                    " disk",
                )


def _is_placed(facts: Facts, name: str) -> bool:
    application = facts.applications[name]
    return application.num_units > 0 and bool(application.to)


def _may_use_maas(facts: Facts, directive: str) -> bool:
    """Return whether the directive's pool is MAAS's own, by name or as the model's default.

    On MAAS, the pool is the default of a model for directives with a size (provider/maas
    environprovider.go, state/storage.go defaultStoragePool). A site is always deployed on MAAS.
    """
    pool = storage_pool(directive)
    return pool == MAAS_POOL or (not pool and facts.site is not None)
