"""Rules about shared storage: what the charm nfs-server exports, to whom, and on which disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ...bundle.storage import storage_count
from ...catalogue.nfs import STORAGE, STORAGE_PATH, is_open, is_system_directory
from ...findings import Severity
from ...site.folders import FOLDER
from .exports import SERVER, exports, exports_of
from .facts import Facts
from .rule import Hit, rule


@rule(
    "BL037",
    "NFS open to the world",
    Severity.WARNING,
    """`*` lets every host that reaches the server write to the share, and so do networks nearly as
    wide: below /8 of IPv4, below /16 of IPv6. The charm takes them with allow-world alone, which
    a site's nfs section sets.""",
)
def open_export(facts: Facts) -> Iterator[Hit]:
    """Find exports that admit everybody."""
    for name, _ in facts.named(SERVER):
        refused = facts.option(name, "allow-world").lower() != "true"
        for export in exports_of(facts, name):
            for at, client in export.clients:
                if is_open(client):
                    told = ", and the charm refuses that without allow-world" if refused else ""
                    yield Hit(
                        at,
                        f"{client} admits everybody to {export.folder}{told}",
                        "name the networks; the cluster's nodes are admitted by address anyway",
                    )


@rule(
    "BL070",
    "System folder exported",
    Severity.ERROR,
    """The exported folder is written by every client; one of the system's own folders, or the
    whole of /, would hand the machine over to them.""",
)
def exported_system(facts: Facts) -> Iterator[Hit]:
    """Find exports that are, or lie in, a folder of the system."""
    for export in exports(facts):
        if is_system_directory(export.folder):
            yield Hit(
                export.at,
                f"{export.folder} belongs to the system",
                "export a folder of its own, such as /srv/nfs",
            )


@rule(
    "BL072",
    "Shared storage on the system disk",
    Severity.WARNING,
    """Claims' sizes are not enforced, so a full share fills the disk that it lies on; on the
    system's disk the machine and all that runs on it stop.""",
)
def storage_on_system_disk(facts: Facts) -> Iterator[Hit]:
    """Find an export root that neither Juju nor the site gives a file system of its own."""
    nfs = facts.site.nfs if facts.site else None
    if nfs and not nfs.storage:
        yield Hit(
            ("nfs", "path"),
            f"{nfs.path} lies on the system disk of {nfs.server}",
            "have Juju make a file system (nfs.storage: maas,200G), or MAAS one at that path"
            " (nfs.storage: mounted)",
            site=True,
        )


@rule(
    "BL073",
    "Exported folders in the way of each other",
    Severity.ERROR,
    """A client of the outer folder reaches the inner one by the outer one's rules; and Juju mounts
    its storage where the charm says, so the export root cannot be elsewhere then.""",
)
def exports_in_the_way(facts: Facts) -> Iterator[Hit]:
    """Find shares in each other, and a storage of Juju's beside another path."""
    for name, application in facts.named(SERVER):
        found = list(exports_of(facts, name))
        for one in found:
            inside = PurePosixPath(one.folder).is_relative_to
            outer = [other.folder for other in found if other is not one and inside(other.folder)]
            if outer:
                told = f"{one.folder} lies in {outer[0]}, which is exported too"
                yield Hit(one.at, told, "give it a folder beside it")
        if STORAGE in application.storage and found[0].folder != STORAGE_PATH:
            root = found[0].folder
            told = f"Juju mounts the storage at {STORAGE_PATH}, and the export root is {root}"
            yield Hit(found[0].at, told, f"leave it at {STORAGE_PATH}")


@rule(
    "BL087",
    "Folder that the charm does not export",
    Severity.ERROR,
    """exports(5) has signs of its own, and . and .. would lead past the rules about folders of the
    system; the charm exports nothing while an option of it cannot be read.""",
)
def unread_exports(facts: Facts) -> Iterator[Hit]:
    """Find options of nfs-server that name no folder."""
    for name, _ in facts.named(SERVER):
        document = facts.document(name, "shares")
        if facts.option(name, "shares").strip() and not isinstance(document, dict):
            told = "the option shares is no mapping of names to shares"
            at = ("applications", name, "options", "shares")
            yield Hit(at, told, "write NAME: {path: /srv/NAME}")
    for export in exports(facts):
        if not FOLDER.fits(export.folder):
            told = f"{export.folder!r} is {FOLDER.words.partition(';')[0]}"
            yield Hit(export.at, told, FOLDER.words.partition("; ")[2])


@rule(
    "BL088",
    "Several storages for one export root",
    Severity.ERROR,
    """In Juju's storage directive a number without a unit is a count. The charm's metadata allow
    one storage, and Juju refuses more half way through the deploy.""",
)
def several_storages(facts: Facts) -> Iterator[Hit]:
    """Find storage directives that ask for more than the charm takes."""
    for name, application in facts.named(SERVER):
        directive = application.storage.get(STORAGE, "")
        count = storage_count(directive)
        if count > 1:
            yield Hit(
                ("applications", name, "storage", STORAGE),
                f"{directive!r} asks for {count} storages, and {name} takes one",
                "write a size with its unit and no count, such as maas,200G",
            )
