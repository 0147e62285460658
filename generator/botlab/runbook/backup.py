"""The sections about backups and how to restore them."""

from __future__ import annotations

from collections.abc import Iterator

from .. import markdown as md
from ..shell import command_line, juju_command, quote
from ..site.nfs import Nfs
from .commands import SUCCESS
from .lab import RunbookLab, unit_name
from .site_files import kubeconfig_of_site, site_archive

# Where the actions of the charms write by default (their actions.yaml, and easyrsa's actions.py).
_SNAPSHOTS = "/home/ubuntu/etcd-snapshots"
_EASYRSA_BACKUPS = "/home/ubuntu/easyrsa_backup"
_CONTROLLER_BACKUP = "controller-backup.tar.gz"
# Owners by number, because the users of containers do not exist on the server.
_TAR = ("--gzip", "--numeric-owner", "--xattrs", "--acls")


def backup(lab: RunbookLab) -> Iterator[str]:
    """Yield how to back up each part that has state."""
    yield (
        "Copy the backups to another computer. They have the secrets of the lab, so restrict who"
        " can read them."
    )
    yield from _files(lab)
    yield from _controller(lab)
    yield from _etcd(lab)
    yield from _cluster_without_etcd(lab)
    yield from _easyrsa(lab)
    yield from _nfs(lab)
    if lab.site.kubeflow:
        yield (
            "Kubeflow's data are in claims, so the backup of the shared storage has them. Juju"
            " keeps the password of its login."
        )


def _files(lab: RunbookLab) -> Iterator[str]:
    yield md.heading(3, "Files of the site")
    archive = site_archive(lab)
    yield "The lab can be deployed again from these files:"
    yield md.shell(archive.creation)
    if archive.outside:
        yield (
            f"Back up these files, too: {md.codes(archive.outside)}. The site names them by their"
            " absolute paths, so restore them to the same paths."
        )
    kubeconfig = kubeconfig_of_site(lab)
    if kubeconfig:
        yield (
            f"The archive does not have {md.code(kubeconfig)}: who can read this file is an"
            " administrator of the cluster. Keep it where you keep passwords, or make a new one"
            " for the next deployment."
        )
    if lab.commands.has_export:
        yield "What the model has now, for comparison:"
        yield md.shell(juju_command("export-bundle", options=("--filename", "model.yaml")))


def _controller(lab: RunbookLab) -> Iterator[str]:
    yield md.heading(3, "The controller of Juju")
    if not lab.commands.has_controller_backup:
        yield (
            "Juju 4.0 cannot back up its controller. Give the controller three machines, and keep"
            " the files of the site."
        )
        return
    yield "The backup has all models of the controller, with their secrets:"
    options = ("-m", "controller", "--filename", _CONTROLLER_BACKUP)
    yield md.shell(juju_command("create-backup", options=options))


def _etcd(lab: RunbookLab) -> Iterator[str]:
    for name in _with_action(lab, "etcd", "snapshot"):
        unit = lab.reachable(name)
        yield md.heading(3, "The state of Kubernetes" if name == "etcd" else f"etcd in {name}")
        yield (
            f"All objects of the cluster are in {md.code(name)}. The result of the action has the"
            " name of the file. Write it for `SNAPSHOT`:"
        )
        for version in _key_versions(lab):
            action = lab.commands.action(unit, "snapshot", {"keys-version": version})
            yield md.shell(action, lab.commands.download(unit, f"{_SNAPSHOTS}/SNAPSHOT"))
            yield md.output(f"...path: {_SNAPSHOTS}/etcd-snapshot-....tar.gz")
        yield "A snapshot can only be restored with the same release of etcd."


def _key_versions(lab: RunbookLab) -> list[str]:
    """Return the kinds of keys to save. Flannel keeps its networks under the older kind."""
    return ["v3", "v2"] if lab.of_charms("flannel") else ["v3"]


def _with_action(lab: RunbookLab, charm: str, action: str) -> list[str]:
    names = lab.of_charms(charm)
    return [name for name in names if lab.has_action(name, action) and lab.units_of(name)]


def _cluster_without_etcd(lab: RunbookLab) -> Iterator[str]:
    if _with_action(lab, "etcd", "snapshot"):
        return
    yield md.heading(3, "The state of Kubernetes")
    if lab.of_charms("k8s"):
        yield (
            "The charm `k8s` has no action for a backup. Several control planes protect from the"
            " loss of a machine, and not from the deletion of objects."
        )
    elif not lab.has_cluster:
        yield "Juju does not manage the cluster. Use the backup of the cluster itself."
    yield (
        "Keep the manifests of your own workloads in version control, or use a program such as"
        " Velero."
    )


def _easyrsa(lab: RunbookLab) -> Iterator[str]:
    for name in lab.of_charms("easyrsa"):
        yield md.heading(3, "The certificate authority")
        if not lab.has_action(name, "backup"):
            yield (
                f"The charm of {md.code(name)} has no action for a backup. Juju's controller has a"
                " copy of the key, so the backup of the controller has it, too."
            )
            continue
        unit = lab.reachable(name)
        yield "The result has the name of the file. Write it for `BACKUP`:"
        download = lab.commands.download(unit, f"{_EASYRSA_BACKUPS}/BACKUP")
        yield md.shell(lab.commands.action(unit, "backup"), download)
        yield md.output(f"...{_EASYRSA_BACKUPS}/easyrsa-....tar.gz...")


def _nfs(lab: RunbookLab) -> Iterator[str]:
    servers, external = lab.nfs_servers, external_exports(lab)
    if servers or external:
        yield md.heading(3, "The shared storage")
    if external:
        yield f"Back up {md.codes(external)} on the server that exports it."
    if servers:
        yield (
            "Stop what writes to the claims, or the files can be of different moments. For many"
            " terabytes, use the snapshots of the file system or `rsync` instead:"
        )
        yield md.shell(
            *(command for name, nfs in servers.items() for command in _save(lab, name, nfs))
        )


def external_exports(lab: RunbookLab) -> list[str]:
    """Return the exports of servers that Juju does not manage."""
    return [nfs.external for nfs in lab.site.nfs_sections.values() if nfs.external]


def _save(lab: RunbookLab, name: str, nfs: Nfs) -> Iterator[str]:
    for archive, path in _archives(name, nfs):
        tar = command_line("sudo", "tar", "--create", *_TAR, "--directory", path, ".")
        yield f"{_ssh(lab, name, tar)} > {quote(archive)}"


def _archives(name: str, nfs: Nfs) -> Iterator[tuple[str, str]]:
    """Yield the archive of each exported directory."""
    yield f"{name}.tar.gz", nfs.path
    for share, body in nfs.shares.items():
        yield f"{name}-{share}.tar.gz", body.path


def _ssh(lab: RunbookLab, name: str, command: str) -> str:
    # A terminal would change the bytes of the archive.
    return command_line("juju", "ssh", "--pty=false", lab.reachable(name), command)


def restore(lab: RunbookLab) -> Iterator[str]:
    """Yield how to restore each backup."""
    yield (
        "Restore only what is lost. After each step, check the lab with `botlab status` and"
        " `botlab verify`, as in [Check the lab](#check-the-lab)."
    )
    yield md.heading(3, "A lab that is gone")
    archive = site_archive(lab)
    yield "Copy the archive of the site's files to a new directory, and unpack it there:"
    yield md.shell(archive.extraction)
    missing = [*archive.outside, *filter(None, [kubeconfig_of_site(lab)])]
    if missing:
        yield f"Put these files in place: {md.codes(missing)}."
    place = "" if archive.home == "." else f" in its directory {md.code(archive.home)}"
    yield (
        f"Then [deploy the lab](#deploy) again{place}, and restore the shared storage and your"
        " workloads."
    )
    yield from _restore_controller(lab)
    yield from _restore_etcd(lab)
    yield from _restore_easyrsa(lab)
    yield from _restore_nfs(lab)


def _restore_controller(lab: RunbookLab) -> Iterator[str]:
    if not lab.commands.has_controller_backup:
        return
    yield md.heading(3, "Restore the controller of Juju")
    yield (
        "The program `juju-restore` (<https://github.com/juju/juju-restore>) restores a backup on"
        " the same controller. Read first what it cannot do, and whether it supports Juju"
        f" {lab.juju.value}. Copy it and the backup to the controller's machine, and run it there:"
    )
    files = ("juju-restore", _CONTROLLER_BACKUP)
    run = command_line("./juju-restore", _CONTROLLER_BACKUP)
    yield md.shell(
        command_line("juju", "scp", "-m", "controller", *files, "0:"),
        command_line("juju", "ssh", "-m", "controller", "0", run),
    )


def _restore_etcd(lab: RunbookLab) -> Iterator[str]:
    for name in _with_action(lab, "etcd", "restore"):
        others = [unit_name(unit) for unit in lab.units_of(name)[1:]]
        yield md.heading(3, "Restore the state of Kubernetes")
        yield (
            "All objects of the cluster return to the state of the snapshot. A snapshot can only"
            " be restored while etcd has a single unit."
        )
        if others:
            yield "Remove the other units, and wait until `juju status` does not show them:"
            yield md.shell(juju_command("remove-unit", *others))
        yield "Restore the snapshot:"
        unit = lab.reachable(name)
        attach = juju_command("attach-resource", name, "snapshot=./SNAPSHOT")
        yield md.shell(attach, lab.commands.action(unit, "restore"))
        if len(_key_versions(lab)) > 1:
            yield "Do the same with the snapshot of the older kind (`keys-version=v2`)."
        yield "Check etcd, and add the other units again:"
        health = lab.commands.action(unit, "health")
        yield md.shell(health, "kubectl get nodes", lab.botlab("deploy"))


def _restore_easyrsa(lab: RunbookLab) -> Iterator[str]:
    for name in _with_action(lab, "easyrsa", "restore"):
        unit = lab.reachable(name)
        yield md.heading(3, "Restore the certificate authority")
        # actions.py makes the directory only for a backup, and the user of juju scp owns it.
        yield (
            "The first command keeps the present state, and makes the directory of the backups on"
            " a new unit. The charms get new certificates of the restored authority, and restart"
            " services:"
        )
        yield md.shell(
            lab.commands.action(unit, "backup"),
            juju_command("scp", "./BACKUP", f"{unit}:{_EASYRSA_BACKUPS}/BACKUP"),
            lab.commands.action(unit, "restore", {"name": "BACKUP"}),
            lab.botlab("wait"),
            lab.botlab("kubeconfig"),
        )


def _restore_nfs(lab: RunbookLab) -> Iterator[str]:
    servers = lab.nfs_servers
    if not servers:
        return
    yield md.heading(3, "Restore the shared storage")
    yield "Stop what uses the claims. Files with the same names are replaced:"
    yield md.shell(
        *(command for name, nfs in servers.items() for command in _load(lab, name, nfs))
    )
    yield "Check the exports and a claim:"
    yield md.shell(
        *(lab.commands.action(lab.leader(name), "verify") for name in servers),
        "kubectl get persistentvolumes,persistentvolumeclaims --all-namespaces",
    )
    yield md.output(SUCCESS)


def _load(lab: RunbookLab, name: str, nfs: Nfs) -> Iterator[str]:
    for archive, path in _archives(name, nfs):
        tar = command_line("sudo", "tar", "--extract", *_TAR, "--directory", path)
        yield f"{_ssh(lab, name, tar)} < {quote(archive)}"
