"""The packed charm nfs-server is killed before and after requests that write to a real API server.

Juju and ops lose what a killed hook or action would have stored, while the server keeps what it
got. The next hook reads the server, and continues what was asked for. Every write of a migration
is covered in tests/charms/nfs_server/cluster/test_former_provisioners.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.archives import archive_in
from helpers.kube.api_server import ApiServer
from helpers.kube.killing_proxy import KillingProxy
from helpers.kube.nfs import NAMESPACE, live, resource_versions, uid_of
from helpers.kube.related import pack
from helpers.nfs.machine import OWNER, ServingMachine
from helpers.previous_release import previous_archive
from labkube.client.access import Access
from labkube.client.kubeconfig import render

PLATFORM = "jammy-noble"
MOMENTS = pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
WRITES = (1, 2, 5)
IS_INSTALLED = f"Deployment {NAMESPACE}/nfs-client-provisioner"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the packed charm."""
    return archive_in(
        pack("nfs-server", tmp_path_factory.mktemp("charms")), "nfs-server", PLATFORM
    )


@pytest.fixture
def proxy(cluster: ApiServer) -> Iterator[KillingProxy]:
    """Return a proxy in front of the server."""
    with KillingProxy(cluster) as proxy:
        yield proxy


class Charm:
    """A unit of the charm, with access to the server through the proxy."""

    def __init__(self, directory: Path, cluster: ApiServer, proxy: KillingProxy) -> None:
        self._proxy = proxy
        self.machine = ServingMachine(
            directory, "3.12", "3.6", "1:2.6.2-4", "-2 +3 +4 +4.1 +4.2", 8
        )
        config = render(Access(proxy.url, proxy.ca, cluster.token))
        self.options: dict[str, Any] = {"root-owner": OWNER, "kubeconfig": config}

    def unpack(self, archive: Path) -> None:
        """Unpack an archive."""
        self.machine.unpack(archive, self.options)

    def run_killed(self, kind: str, name: str, number: int, is_done: bool) -> None:
        """Run a hook or an action that is killed at its Nth write."""
        unit = self.machine.unit
        self._proxy.kill_at(unit.charm, number, is_done)
        if kind == "action":
            code = unit.action(name)["code"]
        else:
            code, _ = unit.run(name)
        assert code != 0, f"{name} has fewer than {number} writes"


@MOMENTS
def test_killed_actions_are_neither_undone_nor_taken_for_done(
    cluster: ApiServer, proxy: KillingProxy, tmp_path: Path, archive: Path, is_done: bool
) -> None:
    """A hook after a killed remove-objects applies nothing; one after sync-objects goes on."""
    charm = Charm(tmp_path, cluster, proxy)
    charm.unpack(archive)
    unit, run = charm.machine.unit, charm.machine.run
    assert IS_INSTALLED in run("install")
    for number in WRITES:
        charm.run_killed("action", "remove-objects", number, is_done)
        before = resource_versions(cluster)
        status = run("update-status")
        assert status.startswith("blocked: run remove-objects again or sync-objects: "), status
        assert set(resource_versions(cluster)) <= set(before)

        assert unit.action("remove-objects")["results"] == {"ok": "true", "left": "[]"}
        assert run("update-status").startswith("blocked: objects removed by action")
        assert resource_versions(cluster) == {}

        charm.run_killed("action", "sync-objects", number, is_done)
        assert IS_INSTALLED in run("update-status")
        assert unit.action("list-objects")["results"]["ok"] == "true"


@MOMENTS
@pytest.mark.parametrize("number", WRITES)
def test_killed_refresh_continues_with_one_provisioner(
    cluster: ApiServer,
    proxy: KillingProxy,
    tmp_path: Path,
    archive: Path,
    number: int,
    is_done: bool,
) -> None:
    """From the previous release, whose provisioner is in the namespace default."""
    charm = Charm(tmp_path, cluster, proxy)
    charm.unpack(previous_archive("nfs-server", PLATFORM))
    assert "Deployment" in charm.machine.run("install")
    before = uid_of(cluster, "sc", "nfs")

    charm.unpack(archive)
    charm.run_killed("hook", "upgrade-charm", number, is_done)
    assert len(live(cluster, "deploy", "-A")["items"]) <= 1

    assert IS_INSTALLED in charm.machine.run("upgrade-charm")
    (deployment,) = live(cluster, "deploy", "-A")["items"]
    assert deployment["metadata"]["namespace"] == NAMESPACE
    assert uid_of(cluster, "sc", "nfs") == before
    assert charm.machine.unit.action("list-objects")["results"]["ok"] == "true"


def test_killed_removal_is_finished_by_the_hook_remove(
    cluster: ApiServer, proxy: KillingProxy, tmp_path: Path, archive: Path
) -> None:
    """Nothing stays on the cluster or in the directory of the charm's records."""
    charm = Charm(tmp_path, cluster, proxy)
    charm.unpack(archive)
    charm.machine.run("install")
    charm.machine.unit.put("leaving", True)
    charm.run_killed("hook", "stop", 3, is_done=True)
    assert resource_versions(cluster) != {}

    charm.machine.run("remove")

    assert resource_versions(cluster) == {}
    assert not (charm.machine.root / "var/lib/nfs-server-charm").exists()
