"""Rules about the export of an NFS server that Juju does not manage, such as a NAS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....catalogue.nfs import STORAGE
from ....findings import KeyPath, Severity, listed, path_text
from ....site.external_exports import export_problem, server_address
from ..facts import Facts
from ..options.exports import EXTERNAL_EXPORT, NFS_SERVER, external_export
from ..rule import Violation, rule

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site, which takes 30 ms.
    from ....site.nfs import Nfs

# The keys, and the options of the charm, that are about this machine's own server.
_SITE_KEYS = ("path", "networks", "storage", "shares")
_OPTIONS = ("networks", "shares", "options", "applications-root", "nfs-versions", "threads")


def _applications(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the applications with an export of another server, and the export."""
    for name, _ in facts.applications_of(NFS_SERVER):
        export = external_export(facts, name)
        if export:
            yield name, export


@rule("BL168", Severity.ERROR)
def external_export_of_no_server(facts: Facts) -> Iterator[Violation]:
    """Yield the exports that nodes cannot mount from another server."""
    for name, export in _applications(facts):
        path: KeyPath = ("applications", name, "options", EXTERNAL_EXPORT)
        problem, _, fix = export_problem(export).partition("; ")
        if problem:
            yield Violation(path, f"{export!r} is {problem}", fix)
    for section, nfs in facts.site.nfs_sections.items() if facts.site else ():
        machine = _machine_of(facts, nfs)
        if machine:
            key = path_text((*section, "server"))
            yield Violation(
                (*section, "external"),
                f"{nfs.external} is on the machine {machine} of the site, which exports nothing by"
                " itself",
                f"write {key}: {machine} in place of external, so that the charm exports it",
                in_site=True,
            )


def _machine_of(facts: Facts, nfs: Nfs) -> str:
    """Return the machine of the site that an export is on; empty for another server."""
    address = server_address(nfs.external)
    machines = facts.site.machines if facts.site else {}
    return next((name for name, entry in machines.items() if address in entry.addresses), "")


@rule("BL169", Severity.ERROR)
def own_server_beside_external_export(facts: Facts) -> Iterator[Violation]:
    """Yield the settings of an own server beside the export of another one."""
    stored = {
        export
        for name, export in _applications(facts)
        if STORAGE in facts.applications[name].storage
    }
    for section, nfs in facts.site.nfs_sections.items() if facts.site else ():
        fields = type(nfs).model_fields
        keys = [key for key in _SITE_KEYS if getattr(nfs, key) != fields[key].get_default()]
        if nfs.external in stored and "storage" in keys:
            keys.remove("storage")  # The application's own storage is reported below.
        if nfs.external and keys:
            yield Violation(
                (*section, keys[0]),
                f"{listed(keys)} of {path_text(section)} would have no effect, because another"
                " server has the files",
                "remove the keys, and set on that server who may mount the export",
                in_site=True,
            )
    for name, _ in _applications(facts):
        application = facts.applications[name]
        idle = [key for key in _OPTIONS if facts.option(name, key) not in ("", "0")]
        if idle:
            yield Violation(
                ("applications", name, "options", idle[0]),
                f"the charm refuses {listed(idle)} beside {EXTERNAL_EXPORT}, because another"
                " server has the files",
                "remove the options, and set on that server who may mount the export",
            )
        if STORAGE in application.storage:
            yield Violation(
                ("applications", name, "storage", STORAGE),
                f"the charm refuses Juju's storage beside {EXTERNAL_EXPORT}",
                "remove the storage directive",
            )
