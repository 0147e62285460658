"""A refresh from the previous release changes nothing on the machine.

The one on a cluster is in tests/kube/test_nfs_refresh.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from helpers.archives import archive_in
from helpers.nfs.machine import OWNER, ServingMachine
from helpers.previous_release import previous_archive

CACHE = '{"nodes": ["10.99.0.2"], "root": "/nfsroot"}\n'
RELATIONS = {
    "servers:0": {"name": "servers", "remote": "nfs-server", "units": {}},
    "mount:1": {
        "name": "mount",
        "remote": "worker",
        "units": {"worker/0": {"ingress-address": "10.98.0.1"}},
    },
    "filesystem:2": {
        "name": "filesystem",
        "remote": "login",
        "units": {"login/0": {"egress-subnets": "0.0.0.0/0"}},
    },
}


class Age(NamedTuple):
    """An Ubuntu release with its archive, its Python and its nfs-utils.

    Attributes:
        platform: The archive.
        python: The version of Python.
        juju: The release line of Juju.
        nfs_utils: The version of nfs-utils.
        nfs_versions: The option `nfs-versions`.
        report: What the kernel reports for it.
    """

    platform: str
    python: str
    juju: str
    nfs_utils: str
    nfs_versions: str
    report: str


AGES = [
    Age("jammy-noble", "3.12", "3.6", "1:2.6.2-4", "4.1 4.2", "-2 -3 +4 -4.0 +4.1 +4.2"),
    Age("bionic-focal", "3.6", "2.9", "1:1.3.4-2.1ubuntu5.5", "3 4.0", "-2 +3 +4 -4.1 -4.2"),
]


@pytest.mark.parametrize("age", AGES, ids=[age.platform for age in AGES])
def test_refresh_changes_nothing_on_the_machine(age: Age, archives: Path, tmp_path: Path) -> None:
    """No file, no relation data, and no command that would change the server."""
    machine = ServingMachine(tmp_path, age.python, age.juju, age.nfs_utils, age.report, 9)
    machine.write("etc/exports", "/srv/old *(rw,no_root_squash)\n/srv/else *(ro)\n")
    machine.write("etc/default/nfs-kernel-server", "RPCNFSDCOUNT=8\nRPCNFSDOPTS=\n")
    machine.write("srv/old/file", "kept")
    machine.write("var/lib/nfs-server-charm/cluster.json", CACHE)
    options: dict[str, Any] = {
        "networks": "10.99.0.0/24 fd00::/64", "root-owner": OWNER, "root-mode": "0775",
        "shares": "old: {path: /srv/old, options: 'ro,insecure'}", "adopt": True, "threads": 9,
        "nfs-versions": age.nfs_versions, "mount-options": "nfsvers=4.1,hard",
        "applications-root": "/srv/applications",
    }  # fmt: skip
    machine.unpack(previous_archive("nfs-server", age.platform), options)
    machine.unit.put("relations", RELATIONS)
    before_status = machine.run("install")
    assert before_status.startswith("waiting: 3 folders to ")
    before, bags = machine.snapshot(), machine.unit.get("relations")
    assert "#nfs-server-charm# /srv/old" in before["etc/exports"][-1]
    assert "exportfs -ra" in machine.changing_commands()

    archive = archive_in(archives, "nfs-server", age.platform)
    machine.unpack(archive, options)
    status = machine.run("upgrade-charm", "config-changed")

    assert status.startswith("blocked: cluster no longer related; relate it, or run remove-obj")
    assert machine.snapshot() == before
    assert machine.unit.get("relations") == bags
    assert machine.changing_commands() == []


def test_refresh_keeps_that_objects_were_removed(archives: Path, tmp_path: Path) -> None:
    """The stored state of the previous release is read: the nodes do not come back."""
    age = AGES[0]
    machine = ServingMachine(tmp_path, age.python, age.juju, age.nfs_utils, age.report, 8)
    machine.write("var/lib/nfs-server-charm/cluster.json", CACHE)
    options = {"networks": "10.99.0.0/24", "root-owner": OWNER}
    machine.unpack(previous_archive("nfs-server", age.platform), options)
    machine.run("install")
    machine.unit.action("remove-objects")
    assert machine.run("update-status") == "active: 1 folder to 1 client"

    machine.unpack(archive_in(archives, "nfs-server", age.platform), options)

    assert machine.run("upgrade-charm") == "active: 1 directory exported to 1 client"
