"""The packed charm as a process, with the export of another server and an HTTPS API server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from helpers.archives import archive_in
from helpers.nfs.defaults import STORAGE_CLASS
from helpers.nfs.http_storage_api import HttpStorageApi
from helpers.nfs.machine import OWNER, ServingMachine
from helpers.nfs.provisioning_api import ProvisioningApi
from labkube.client.access import Access
from labkube.client.kubeconfig import render

HOST = socket.gethostname().lower()
EXPORT = f"{HOST}:/tank/k8s"
NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node0"},
    "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.5"}]},
}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data", "namespace": "default"},
    "spec": {"storageClassName": "nfs"},
}


class Lab(NamedTuple):
    """A unit of the charm, its cluster, and the options without the export.

    Attributes:
        api: The cluster.
        machine: The unit's machine.
        options: The options.
    """

    api: ProvisioningApi
    machine: ServingMachine
    options: dict[str, str]

    def configure(self, export: str) -> str:
        """Set the option and run the hook; return the status."""
        self.machine.unit.configure({**self.options, "external-export": export})
        return self.machine.run("config-changed")


PLATFORMS = [("3.6", "2.9", "bionic-focal"), ("3.12", "3.6", "jammy-noble")]


@pytest.fixture(params=PLATFORMS[-1:])
def lab(request: pytest.FixtureRequest, tmp_path: Path, archives: Path) -> Iterator[Lab]:
    """Return a unit that was installed with the export of a server that answers."""
    python, juju, platform = request.param
    api = ProvisioningApi((1, 30))
    machine = ServingMachine(tmp_path, python, juju, "1:2.6.2-4", "-2 +3 +4 +4.1 +4.2", 8)
    with HttpStorageApi(tmp_path / "api", api) as server, socket.create_server(("", 0)) as nas:
        options = {
            "root-owner": OWNER,
            "kubeconfig": render(Access(server.url, server.ca, "a token")),
            "mount-options": f"port={nas.getsockname()[1]}",
            "external-export": EXPORT,
        }
        machine.unpack(archive_in(archives, "nfs-server", platform), options)
        yield Lab(api, machine, options)


@pytest.mark.parametrize("lab", PLATFORMS, indirect=True)
def test_claims_get_directories_on_the_other_server_only(lab: Lab) -> None:
    """From the installation to the removal; the machine of the unit stays as it is."""
    assert lab.machine.run("install") == (
        f"active: export {EXPORT}; StorageClass nfs (default), provisioner v4.0.2"
    )
    assert lab.machine.changing_commands() == []
    assert not (lab.machine.root / "nfsroot").exists()
    assert lab.api.directories == set(), "the trial left a directory"
    writes = list(lab.api.writes)
    lab.machine.run("config-changed", "update-status")
    assert lab.api.writes == writes, "a hook with nothing to do wrote to the cluster"

    lab.api.create(CLAIM)
    (directory,) = lab.api.directories
    assert lab.configure(f"{HOST}:/other").startswith(
        "blocked: claims lie on another export; set external-export back, or retain their volumes"
    )
    assert lab.configure(EXPORT).startswith("active: ")

    lab.machine.unit.put("leaving", True)
    assert lab.machine.run("stop") == f"maintenance: the data stays on {EXPORT}"
    assert sorted(key[1] for key in lab.api.objects) == [
        "PersistentVolume", "PersistentVolumeClaim",
    ]  # fmt: skip
    assert lab.api.directories == {directory}
    assert lab.machine.changing_commands() == []
    assert not (lab.machine.root / "var/lib/nfs-server-charm").exists()


def test_unit_with_files_stays_the_server(lab: Lab) -> None:
    """Its exports change neither by the refusal nor when the option is reset."""
    export = lab.options.pop("external-export")
    lab.api.create(NODE)
    assert lab.configure("").startswith("active: 1 directory exported to")
    exports = lab.machine.root / "etc/exports.d/nfs-server.exports"
    before = exports.read_text()
    (lab.machine.root / "nfsroot/claim").mkdir()

    assert lab.configure(export).startswith(
        "blocked: this unit exports files; reset external-export, or deploy an application for"
    )
    assert exports.read_text() == before
    deployment = lab.api.objects["apps", "Deployment", STORAGE_CLASS.namespace,
                                 STORAGE_CLASS.object_name]  # fmt: skip
    assert EXPORT.partition(":")[0] not in str(deployment["spec"])

    assert lab.configure("").startswith("active: 1 directory exported to")
    (lab.machine.root / "nfsroot/claim").rmdir()
    assert lab.configure(export).startswith(f"active: export {EXPORT}; ")
    assert not exports.exists()
