"""The packed charm is killed before and after its writes to a cluster; the next hook continues.

Juju and ops lose what a killed hook or action would have stored, while the server keeps what it
got. tests/kube/test_nfs_kills does the same with real API servers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from helpers.archives import archive_in
from helpers.kube.killing_proxy import KillingProxy
from helpers.nfs.defaults import STORAGE_CLASS
from helpers.nfs.http_storage_api import HttpStorageApi
from helpers.nfs.machine import OWNER, ServingMachine
from helpers.nfs.storage_api import StorageApi
from helpers.previous_release import previous_archive
from labkube.client.access import Access
from labkube.client.kubeconfig import render

PLATFORM = "jammy-noble"
MOMENTS = pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
NAMESPACE, NAME = STORAGE_CLASS.namespace, STORAGE_CLASS.object_name
INSTALLED = f"waiting: Deployment {NAMESPACE}/{NAME}"


class Lab(NamedTuple):
    """A unit of the charm and its cluster.

    Attributes:
        api: The cluster.
        proxy: Kills the charm at a request.
        machine: The unit's machine.
        options: The charm's options.
    """

    api: StorageApi
    proxy: KillingProxy
    machine: ServingMachine
    options: dict[str, Any]

    def unpack(self, archive: Path) -> None:
        """Unpack an archive of the charm."""
        self.machine.unpack(archive, self.options)

    def run_killed(self, number: int, is_done: bool, hook: str = "", action: str = "") -> bool:
        """Run a hook or an action that is killed at its Nth write; return whether it was."""
        unit = self.machine.unit
        self.proxy.kill_at(unit.charm, number, is_done)
        code = unit.action(action)["code"] if action else unit.run(hook)[0]
        self.proxy.kill_at(unit.charm, 0, is_done)
        return code != 0

    def names(self) -> list[str]:
        """Return the objects on the cluster, without pods."""
        return sorted(f"{key[1]} {key[3]}" for key in self.api.objects if key[1] != "Pod")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Return a unit on a cluster without objects."""
    api = StorageApi((1, 30))
    with HttpStorageApi(tmp_path / "api", api) as server, KillingProxy(server) as proxy:
        config = render(Access(proxy.url, proxy.ca, "a token"))
        options = {"root-owner": OWNER, "kubeconfig": config}
        machine = ServingMachine(tmp_path, "3.12", "3.6", "1:2.6.2-4", "-2 +3 +4 +4.1 +4.2", 8)
        yield Lab(api, proxy, machine, options)


@MOMENTS
def test_killed_actions_are_neither_undone_nor_taken_for_done(
    lab: Lab, archives: Path, is_done: bool
) -> None:
    """A hook after a killed remove-objects applies nothing; one after sync-objects goes on."""
    lab.unpack(archive_in(archives, "nfs-server", PLATFORM))
    unit, run = lab.machine.unit, lab.machine.run
    assert run("install").startswith(INSTALLED)
    everything = lab.names()
    for number in (2, 6):
        assert lab.run_killed(number, is_done, action="remove-objects")
        before = lab.names()
        status = run("update-status")
        if before:
            assert status.startswith("blocked: run remove-objects again or sync-objects: ")
        assert lab.names() == before

        assert unit.action("remove-objects")["results"] == {"ok": "true", "left": "[]"}
        assert run("update-status").startswith("blocked: objects removed by action")
        assert lab.names() == []

        assert lab.run_killed(number, is_done, action="sync-objects")
        assert run("update-status").startswith(INSTALLED)
        assert lab.names() == everything


@MOMENTS
def test_killed_refresh_continues_with_one_provisioner(
    lab: Lab, archives: Path, is_done: bool
) -> None:
    """From the previous release, whose provisioner is in the namespace default."""
    lab.unpack(previous_archive("nfs-server", PLATFORM))
    assert "Deployment" in lab.machine.run("install")
    lab.api.start_pods()
    storage_class = lab.api.objects["storage.k8s.io", "StorageClass", "", "nfs"]
    lab.unpack(archive_in(archives, "nfs-server", PLATFORM))

    kills = 0
    while lab.run_killed(2, is_done, hook="upgrade-charm"):  # each run gets a little further
        kills += 1
        assert len(lab.api.active_provisioners()) <= 1
        assert kills < 20, "the refresh never ends"
    assert lab.machine.run("upgrade-charm").startswith(INSTALLED)

    assert kills > 2
    assert lab.api.active_provisioners() == [f"{NAMESPACE}/{NAME}"]
    after = lab.api.objects["storage.k8s.io", "StorageClass", "", "nfs"]
    assert after["metadata"]["uid"] == storage_class["metadata"]["uid"]
    assert {key[2] for key in lab.api.objects} == {"", NAMESPACE}


def test_killed_removal_is_finished_by_the_hook_remove(lab: Lab, archives: Path) -> None:
    """Nothing stays on the cluster or in the directory of the charm's records."""
    lab.unpack(archive_in(archives, "nfs-server", PLATFORM))
    lab.machine.run("install")
    lab.machine.unit.put("leaving", True)
    assert lab.run_killed(3, is_done=True, hook="stop")
    assert lab.names()

    lab.machine.run("remove")

    assert lab.names() == []
    assert not (lab.machine.root / "var/lib/nfs-server-charm").exists()
