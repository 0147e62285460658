"""Juju's storage on a real server, and what stays when the unit is removed."""

from __future__ import annotations

from pathlib import Path

from helpers.archives import archive_in
from helpers.host.pairs import Pair
from helpers.host.units import UnitOn
from helpers.nfs.vm_state import EXPORTS_FILE, STATE_DIRECTORY


def test_storage_is_exported_only_while_it_is_mounted(pair: Pair) -> None:
    """It is withdrawn before Juju unmounts it; other shares go on."""
    pair.unit.put(leaving=True).hooks("stop")
    pair.unit.put(leaving=False, storages={"export/0": "/nfsroot"})
    status = pair.exports(networks="10.99.0.0/24")
    assert status == "blocked: the storage export is not mounted at /nfsroot; see juju storage"
    pair.server.sh(
        "truncate -s 64M /disk; mke2fs -q -F /disk; mount -o loop /disk /nfsroot;"
        "echo d > /nfsroot/d"
    )
    assert pair.exports(networks="10.99.0.0/24").startswith("active")
    assert "mountpoint" in pair.server.read(EXPORTS_FILE)
    assert pair.mount() == ""
    assert pair.client.read("/mnt/d") == "d\n"
    status = pair.exports(networks="10.99.0.0/24", export_root="/srv/else")
    assert "set export-root to that path" in status
    shares = "beside: {path: /srv/beside}"
    status = pair.exports(networks="10.99.0.0/24", shares=shares)
    assert status.startswith("active: 2 directories")
    assert pair.mount("/srv/beside") == ""
    status = pair.unit.hooks("export-storage-detaching")
    assert "its files are no longer exported" in status
    pair.server.sh("umount /nfsroot")
    pair.unit.put(storages={})
    assert "attach it again" in pair.unit.hooks("update-status")
    pair.client.sh("ls /mnt")
    assert [line.split()[0] for line in pair.server.sh("exportfs -s").splitlines()] == [
        "/srv/beside"
    ]
    status = pair.unit.put(leaving=True).hooks("stop")
    assert status.endswith("the data stays in /srv/beside and on the storage export")
    pair.client.sh("umount -lf /mnt")
    pair.unit.put(leaving=False)


def test_storage_over_exported_files_blocks_until_they_are_moved(pair: Pair) -> None:
    """The commands of the how-to guide copy them to the storage."""
    pair.server.sh("rm -r /nfsroot; mkdir /nfsroot")
    assert pair.exports(networks="10.99.0.0/24").startswith("active")
    pair.server.sh("echo d > /nfsroot/claim; mke2fs -q -F /disk; mount -o loop /disk /nfsroot")
    pair.unit.put(storages={"export/0": "/nfsroot"})
    status = pair.unit.hooks("export-storage-attached")
    assert status.startswith(
        "blocked: the storage export hides files of /nfsroot; detach it, or move"
    )
    pair.server.sh(
        "mkdir /below && mount --bind / /below; cp -a /below/nfsroot/. /nfsroot/;"
        "mkdir /below/nfsroot.old;"
        "find /below/nfsroot -mindepth 1 -maxdepth 1 -exec mv -t /below/nfsroot.old {} +;"
        "umount /below && rmdir /below"
    )
    assert pair.unit.hooks("update-status") == "active: 1 directory exported to 1 client"
    assert "mountpoint" in pair.server.read(EXPORTS_FILE)
    pair.unit.hooks("export-storage-detaching")
    pair.server.sh("umount /nfsroot")
    pair.unit.put(storages={}, leaving=True).hooks("stop")
    pair.unit.put(leaving=False)


def test_files_stay_when_the_unit_is_removed(pair: Pair) -> None:
    """Its exports end, and the last status says where the files are."""
    pair.exports(networks="10.99.0.0/24")
    pair.server.sh("echo kept > /nfsroot/kept")
    assert pair.exports(networks="10.99.0.0/24", adopt=True).startswith("active")
    status = pair.unit.put(leaving=True).hooks("stop")
    assert status == "maintenance: no longer exported; the data stays in /nfsroot"
    assert pair.server.read("/nfsroot/kept") == "kept\n"
    assert pair.server.sh("exportfs -s").strip() == ""
    assert not pair.server.exists(STATE_DIRECTORY)


def test_container_is_refused_before_anything_is_installed(
    archives: Path, machine: object
) -> None:
    """The status names it, and where to place the unit."""
    archive = archive_in(archives, "nfs-server", "jammy-noble")
    unit = UnitOn(machine, archive, "nfs-server/0", {})  # type: ignore[arg-type]
    status = unit.hooks("install")
    assert status.startswith("blocked: this is a container")
    assert "place the unit on a machine" in status
