"""The trial of an external export, with a provisioner that works as upstream's does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from helpers.nfs.defaults import STORAGE_CLASS
from helpers.nfs.provisioning_api import ProvisioningApi
from labcharm.machine import Machine
from labcharm.verify import Check
from labkube.apply.objects import ForeignObjectError
from nfs_server.cluster.cluster_storage import ClusterStorage
from nfs_server.cluster.status import ClusterStatus
from nfs_server.cluster.storage_class import ExportSource
from nfs_server.external.export import ExternalExport
from nfs_server.external.trial import RECORD, confirm, remove_leftovers, run_trial
from nfs_server.verify.params import VerifyParams

SOURCE = ExportSource("10.0.0.9", "/tank/k8s", ("nfsvers=4.1",))
PARAMS = VerifyParams("busybox", "default", 0.01)
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "nfs-client-provisioner-verify"},
}


def cluster_of(api: Any) -> ClusterStorage:
    """Return a cluster with the provisioner."""
    cluster = ClusterStorage(api, "model.nfs-server", lambda _: None)
    cluster.apply(cluster.desired_state(STORAGE_CLASS, SOURCE, "", ""))
    return cluster


def run(api: ProvisioningApi, cluster: ClusterStorage, root: Path) -> list[tuple[bool, str]]:
    """Run a trial; return its checks."""
    desired = cluster.desired_state(STORAGE_CLASS, SOURCE, "", "")
    checks = run_trial(Machine(str(root)), cluster, desired, SOURCE, PARAMS, False, lambda _: None)
    return [(check.ok, check.message) for check in checks]


@pytest.mark.parametrize("version", [(1, 19), (1, 30)])
def test_trial_leaves_nothing_on_the_other_server(
    version: tuple[int, int], tmp_path: Path
) -> None:
    """Though the application's class archives the directories of deleted claims."""
    api = ProvisioningApi(version)
    cluster = cluster_of(api)
    before = set(api.objects)

    ((is_ok, message),) = run(api, cluster, tmp_path)

    assert is_ok
    assert message.startswith("bound to /tank/k8s/default-nfs-verify-")
    assert api.directories == set()
    assert set(api.objects) == before


def test_export_that_root_cannot_write_to_fails(tmp_path: Path) -> None:
    api = ProvisioningApi((1, 30))
    api.can_write = False
    cluster = cluster_of(api)
    before = set(api.objects)

    ((is_ok, message),) = run(api, cluster, tmp_path)

    assert not is_ok
    assert message == "not bound: the cluster reported no event about it"
    assert set(api.objects) == before


def test_class_of_a_killed_trial_is_used_again_and_removed(tmp_path: Path) -> None:
    api = ProvisioningApi((1, 30))
    cluster = cluster_of(api)
    labels = {"app.lab-charms/verified-by": "model.nfs-server"}
    api.create(
        {
            **CLASS, "provisioner": STORAGE_CLASS.provisioner, "reclaimPolicy": "Delete",
            "parameters": {"archiveOnDelete": "false"},
            "metadata": {**CLASS["metadata"], "labels": labels},
        }
    )  # fmt: skip

    assert [ok for ok, _ in run(api, cluster, tmp_path)] == [True]
    assert api.get(CLASS) is None


def test_removal_deletes_what_a_killed_trial_left(tmp_path: Path) -> None:
    """The volume goes first, because the provisioner reads its class; foreign classes stay."""
    api = ProvisioningApi((1, 30))
    cluster = cluster_of(api)
    before = set(api.objects)
    labels = {"app.lab-charms/verified-by": "model.nfs-server"}
    parameters = {"archiveOnDelete": "false"}
    own = {**CLASS, "provisioner": "p", "reclaimPolicy": "Delete", "parameters": parameters}
    api.create({**own, "metadata": {**CLASS["metadata"], "labels": labels}})
    api.create({**CLASS, "metadata": {"name": "foreign"}})
    spec = {"storageClassName": CLASS["metadata"]["name"]}
    metadata = {"name": "nfs-verify-x", "namespace": "default", "labels": labels}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    api.create({**claim, "spec": spec})
    assert api.directories

    remove_leftovers(Machine(str(tmp_path)), cluster, PARAMS)

    assert api.directories == set()
    assert {name for *_, name in set(api.objects) - before} == {"foreign"}


def test_volume_that_is_not_deleted_waits(tmp_path: Path) -> None:
    """A NAS may let the nodes create directories and not delete them."""
    api = ProvisioningApi((1, 30))
    api.can_delete = False
    cluster = cluster_of(api)
    desired = cluster.desired_state(STORAGE_CLASS, SOURCE, "", "")
    machine, export = Machine(str(tmp_path)), ExternalExport("10.0.0.9", "/tank/k8s")

    def trial() -> list[Check]:
        return run_trial(machine, cluster, desired, SOURCE, PARAMS, False, lambda _: None)

    status = confirm(machine, cluster, export, SOURCE, desired, ACTIVE, trial)

    assert status.name == "waiting"
    assert re.fullmatch(
        r"PersistentVolume pvc-\S+ is not deleted; see the provisioner's log", status.message
    )
    assert not machine.exists(RECORD)


def test_foreign_class_of_the_name_stays(tmp_path: Path) -> None:
    api = ProvisioningApi((1, 30))
    cluster = cluster_of(api)
    api.create(CLASS)

    with pytest.raises(ForeignObjectError, match="nfs-client-provisioner-verify; delete it"):
        run(api, cluster, tmp_path)
    assert api.get(CLASS) is not None


ACTIVE = ClusterStatus("active", "export 10.0.0.9:/tank/k8s")


def test_status_that_is_not_active_stays_without_a_trial(tmp_path: Path) -> None:
    """A claim could not be bound while the provisioner is not ready."""
    waiting = ClusterStatus("waiting", "Deployment nfs: 0 of 1 ready")
    cluster = cluster_of(ProvisioningApi((1, 30)))
    desired = cluster.desired_state(STORAGE_CLASS, SOURCE, "", "")
    machine, export = Machine(str(tmp_path)), ExternalExport("10.0.0.9", "/tank/k8s")

    status = confirm(
        machine, cluster, export, SOURCE, desired, waiting, lambda: pytest.fail("tried")
    )

    assert status == waiting
    assert not machine.exists(RECORD)


def test_each_cluster_is_tried_once(tmp_path: Path) -> None:
    """A unit that moves to another cluster knows nothing about the nodes there."""
    machine, export = Machine(str(tmp_path)), ExternalExport("10.0.0.9", "/tank/k8s")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}
    trials: list[str] = []
    clusters = {name: ProvisioningApi((1, 30)) for name in ("first", "second")}
    clusters["second"].create(CLASS)  # so that its next object has another UID
    for api in clusters.values():
        api.create(namespace)
    for name in ("first", "first", "second", "first"):
        cluster = cluster_of(clusters[name])
        desired = cluster.desired_state(STORAGE_CLASS, SOURCE, "", "")

        def trial(name: str = name) -> list[Check]:
            trials.append(name)
            return [Check("claim", True, "bound")]

        assert confirm(machine, cluster, export, SOURCE, desired, ACTIVE, trial) == ACTIVE

    assert trials == ["first", "second", "first"]
