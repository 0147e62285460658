"""The provisioner's objects of the charm nfs-server on real API servers of both ends.

The charm's own modules are called here. The packed charm as a whole, with a real server and a real
provisioner, is in test_nfs_claims.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.archives import archive_in
from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError
from helpers.kube.nfs import (
    HELM_DEPLOYMENT,
    NAMESPACE,
    OTHER_CLASS,
    OWNED_KINDS,
    OWNED_LABEL,
    VOLUME,
    add_node,
    desired_of,
    helm_release,
    live,
    provisioner_pod,
    resource_versions,
    uid_of,
)
from helpers.kube.related import pack, relate
from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from helpers.nfs.machine import OWNER, ServingMachine
from helpers.previous_release import previous_archive
from labcharm.errors import BlockedError
from labcharm.polling import wait_until
from labkube.apply.objects import ForeignObjectError
from labkube.client.access import Access
from labkube.client.api import Api
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.provisioner import DEFAULT_CLASS, make_objects
from nfs_server.cluster.releases import find_release
from nfs_server.errors import OrphanedVolumesError
from nfs_server.server.local_host import LocalHost

V3 = find_release("v3.1.0-k8s1.11")


@pytest.fixture(scope="module")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of an age for all these tests, with the controllers that delete volumes."""
    server = ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)
    try:
        server.start("namespace,persistentvolume-binder,pv-protection,pvc-protection")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def cluster(control: ApiServer) -> Iterator[ApiServer]:
    """Return the server, and delete everything that a test left on it."""
    yield control
    owned = ["-n", "default", "-l", OWNED_LABEL]
    for kinds, scope in ((OWNED_KINDS, owned), ("sc,nodes,pv,deploy", ["--all"])):
        control.kubectl("delete", kinds, *scope, "--wait=false")
    wait_until(lambda: not control.kubectl("get", "pv", "-o", "name"), 20, 0.2)
    wait_until(lambda: NAMESPACE not in control.kubectl("get", "ns", "-o", "name"), 60, 0.2)


@pytest.fixture
def api(cluster: ApiServer) -> Iterator[Api]:
    """Return a client of the server."""
    client = Api(Access(cluster.url, cluster.ca, cluster.token), patience=3)
    yield client
    client.close()


@pytest.fixture
def storage(api: Api) -> ClusterStorage:
    """Return the storage of an application."""
    return ClusterStorage(api, "nfs-server.00000000")


def test_all_objects_are_created(cluster: ApiServer, storage: ClusterStorage) -> None:
    """With the release that fits, and the class as `kubectl get sc` shows it in the guide."""
    desired = desired_of(storage)
    applied = storage.apply(desired)

    assert len(applied.created) == len(desired.objects) == 6
    assert desired.release.name == "v4.0.2"
    row = cluster.kubectl("get", "sc", "--no-headers").split()
    assert row[:3] == ["nfs", "(default)", "cluster.local/nfs-client-provisioner"]
    assert storage.compare(desired)[1:] == ([], [], [])


def test_second_run_writes_nothing(storage: ClusterStorage, api: Api) -> None:
    """With and without mount options."""
    for source in (SOURCE, SOURCE._replace(mount_options=("nfsvers=4.1",))):
        storage.apply(desired_of(storage, source=source))
        before = api.writes
        storage.apply(desired_of(storage, source=source))
        assert api.writes == before


def owned_namespaces(cluster: ApiServer) -> set[str]:
    """Return the namespaces of the application's objects; empty for those without one."""
    objects = live(cluster, OWNED_KINDS, "-A", "-l", OWNED_LABEL)["items"]
    return {manifest["metadata"].get("namespace", "") for manifest in objects}


@pytest.mark.parametrize(
    ("platform", "python", "juju"),
    [("jammy-noble", "3.12", "3.6"), ("bionic-focal", "3.6", "2.9")],
)
def test_refresh_from_the_previous_release_moves_the_provisioner(
    cluster: ApiServer, tmp_path: Path, platform: str, python: str, juju: str
) -> None:
    """Out of the namespace default, where nothing of it stays. The class and the volumes stay."""
    machine = ServingMachine(tmp_path, python, juju, "1:2.6.2-4", "-2 +3 +4 +4.1 +4.2", 8)
    options = {"networks": "10.99.0.0/24", "root-owner": OWNER, "mount-options": "nfsvers=4.1"}
    machine.unpack(previous_archive("nfs-server", platform), options)
    relate(machine.unit, cluster, "today")
    assert "Deployment" in machine.run("install")
    assert wait_until(lambda: "Bound" in cluster.kubectl("get", "pvc", "-A"), 30)
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    staying = (("sc", "nfs"), ("pv", "pvc-1"))
    before = [uid_of(cluster, kind, name) for kind, name in staying]
    assert len(resource_versions(cluster)) == 9

    charms = pack("nfs-server", tmp_path / "charms")
    machine.unpack(archive_in(charms, "nfs-server", platform), options)
    assert "Deployment" in machine.run("upgrade-charm")

    assert [uid_of(cluster, kind, name) for kind, name in staying] == before
    assert wait_until(lambda: owned_namespaces(cluster) == {"", NAMESPACE}, 30)
    assert wait_until(lambda: "Bound" in cluster.kubectl("get", "pvc", "-n", NAMESPACE), 30)
    versions = resource_versions(cluster)
    assert "Deployment" in machine.run("config-changed", "update-status")
    assert resource_versions(cluster) == versions
    assert machine.unit.action("list-objects")["results"]["ok"] == "true"
    assert machine.unit.action("remove-objects")["results"] == {"ok": "true", "left": "[]"}


def test_account_has_the_rights_that_it_needs(cluster: ApiServer, storage: ClusterStorage) -> None:
    """As RBAC itself answers for the provisioner's account."""
    storage.apply(desired_of(storage))
    account = f"--as=system:serviceaccount:{NAMESPACE}:nfs-client-provisioner"
    for verb, resource, scope in (
        ("create", "persistentvolumes", ""), ("delete", "persistentvolumes", ""),
        ("update", "persistentvolumeclaims", "-A"), ("watch", "storageclasses", ""),
        ("create", "events", "-A"), ("get", "nodes", ""),
    ):  # fmt: skip
        args = ["auth", "can-i", verb, resource, account, *([scope] if scope else [])]
        assert cluster.kubectl(*args).strip() == "yes", (verb, resource)
    permissions = cluster.kubectl("auth", "can-i", "--list", account, "-n", NAMESPACE)
    assert "endpoints" not in permissions, "one pod needs no leader election"


def test_v4_replaces_v3_in_place(cluster: ApiServer, storage: ClusterStorage) -> None:
    """The Deployment gets another image; the class and its volumes stay.

    Both are applied to one server, which is 1.20.2 or newer like all servers of these tests: none
    of them changes its version. The choice from 1.19 to 1.20 is tested in
    tests/charms/nfs_server/cluster.
    """
    objects = make_objects(V3, STORAGE_CLASS, SOURCE, "")
    storage.apply(DesiredState(V3, STORAGE_CLASS, objects))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    staying = (("deploy", "nfs-client-provisioner"), ("sc", "nfs"), ("pv", "pvc-1"))
    before = [uid_of(cluster, kind, name, NAMESPACE) for kind, name in staying]

    applied = storage.apply(desired_of(storage))

    assert sorted(applied.changed) == [
        "ClusterRole nfs-client-provisioner-runner",
        f"Deployment {NAMESPACE}/nfs-client-provisioner",
    ]
    lock = f"{NAMESPACE}/leader-locking-nfs-client-provisioner"
    assert (applied.created, applied.pruned) == ([], [f"RoleBinding {lock}", f"Role {lock}"])
    assert [uid_of(cluster, kind, name, NAMESPACE) for kind, name in staying] == before
    image = provisioner_pod(cluster)["containers"][0]["image"]
    assert image.endswith("nfs-subdir-external-provisioner:v4.0.2")


def test_class_is_recreated_for_fields_that_cannot_change(
    cluster: ApiServer, storage: ClusterStorage
) -> None:
    """Its volumes stay. Other fields are changed in place."""
    storage.apply(desired_of(storage))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    before, volume = uid_of(cluster, "sc", "nfs"), uid_of(cluster, "pv", "pvc-1")

    storage_class = STORAGE_CLASS._replace(reclaim_policy="Retain", archive_on_delete=False)
    assert storage.apply(desired_of(storage, storage_class)).changed == ["StorageClass nfs"]

    after = live(cluster, "sc", "nfs")
    assert after["metadata"]["uid"] != before
    assert (after["reclaimPolicy"], after["parameters"]) == (
        "Retain",
        {"archiveOnDelete": "false"},
    )
    assert uid_of(cluster, "pv", "pvc-1") == volume
    storage.apply(desired_of(storage, storage_class._replace(is_default=False)))
    assert uid_of(cluster, "sc", "nfs") == after["metadata"]["uid"]
    assert "(default)" not in cluster.kubectl("get", "sc")


def test_class_of_the_old_name_is_pruned(storage: ClusterStorage) -> None:
    """When the option has another name."""
    storage.apply(desired_of(storage))
    applied = storage.apply(desired_of(storage, STORAGE_CLASS._replace(name="shared")))

    assert applied.created == ["StorageClass shared"]
    assert applied.pruned == ["StorageClass nfs"]


def test_second_default_class_is_reported_and_resolved(
    cluster: ApiServer, storage: ClusterStorage
) -> None:
    """With its cause, and whether the server refuses claims."""
    storage.apply(desired_of(storage))
    cluster.kubectl("apply", "-f", "-", stdin=OTHER_CLASS)

    message, refuses_claims = storage.class_problem(STORAGE_CLASS)
    assert message.startswith("default is a default StorageClass too; run sync-objects only-def")
    assert "kubernetes-worker creates it again while its endpoint nfs is related" in message
    assert refuses_claims == (storage.api.version() < (1, 26))
    not_default = STORAGE_CLASS._replace(is_default=False)
    assert storage.class_problem(not_default) == ("", False)

    with pytest.raises(BlockedError, match="without a default StorageClass"):
        storage.sync(desired_of(storage, not_default), adopt=False, only_default=True)
    # kubectl's "(default)" does not show it: 1.37 prints it only at the class that is used.
    assert live(cluster, "sc", "default")["metadata"]["annotations"][DEFAULT_CLASS] == "true"

    applied = storage.sync(desired_of(storage), adopt=False, only_default=True)
    assert applied.changed == ["StorageClass default"]
    assert storage.class_problem(STORAGE_CLASS) == ("", False)
    assert cluster.kubectl("get", "sc").count("(default)") == 1


def test_foreign_provisioner_is_left_alone_without_adopt(
    cluster: ApiServer, storage: ClusterStorage
) -> None:
    """Nothing is written before; with adopt it is taken over."""
    cluster.kubectl("apply", "-f", "-", stdin=HELM_DEPLOYMENT)
    with pytest.raises(ForeignObjectError, match="Deployment default/nfs-client-provisioner"):
        storage.apply(desired_of(storage))
    assert live(cluster, OWNED_KINDS, "-A", "-l", OWNED_LABEL)["items"] == []

    storage.apply(desired_of(storage), adopt=True)

    deployments = live(cluster, "deploy", "-A")["items"]
    assert [each["metadata"]["namespace"] for each in deployments] == [NAMESPACE]
    assert storage.mounted_server(STORAGE_CLASS) == "10.0.0.10"


def test_helm_release_of_the_guide_is_taken_over(
    cluster: ApiServer, storage: ClusterStorage
) -> None:
    """The class stays the same object and the only default, and the volume stays."""
    manifests = {"apiVersion": "v1", "kind": "List", "items": helm_release()}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(manifests))
    cluster.kubectl("create", "-f", "-", stdin=VOLUME)
    staying = (("sc", "nfs"), ("pv", "pvc-1"))
    before = [uid_of(cluster, kind, name) for kind, name in staying]
    desired = desired_of(storage)
    assert len(storage.compare(desired).changed) == 3
    with pytest.raises(ForeignObjectError) as raised:
        storage.apply(desired)
    assert len(raised.value.names) == 3
    assert live(cluster, OWNED_KINDS, "-A", "-l", OWNED_LABEL)["items"] == []

    applied = storage.apply(desired, adopt=True)

    assert sorted(applied.changed) == sorted(raised.value.names)
    names = [f"Namespace {NAMESPACE}"]
    names += [
        f"{kind} {NAMESPACE}/nfs-client-provisioner" for kind in ("ServiceAccount", "Deployment")
    ]
    assert applied.created == names
    deployments = live(cluster, "deploy", "-A")["items"]
    assert [each["metadata"]["namespace"] for each in deployments] == [NAMESPACE]
    classes = live(cluster, "sc")["items"]
    assert [manifest["metadata"]["name"] for manifest in classes] == ["nfs"]
    assert classes[0]["metadata"]["labels"]["heritage"] == "Tiller"
    assert [uid_of(cluster, kind, name) for kind, name in staying] == before
    assert storage.class_problem(STORAGE_CLASS) == ("", False)
    assert storage.mounted_server(STORAGE_CLASS) == "10.0.0.10"
    assert storage.apply(desired).same == 6


def test_provisioner_mounts_by_a_claim_while_there_are_mount_options(
    cluster: ApiServer, storage: ClusterStorage
) -> None:
    """The claim and its volume are pruned when the options are empty again."""
    source = SOURCE._replace(mount_options=("nfsvers=4.1",))
    storage.apply(desired_of(storage, source=source))
    assert len(live(cluster, "pv,pvc", "-A", "-l", OWNED_LABEL)["items"]) == 2

    applied = storage.apply(desired_of(storage))

    assert len(applied.pruned) == 2
    volume = provisioner_pod(cluster)["volumes"][0]["nfs"]
    assert volume == {"server": "10.0.0.10", "path": "/nfsroot"}


STRANDED = ["default/claim in /nfsroot/default-claim-pvc-1"]


def test_claims_that_would_lose_their_directory_are_named(
    cluster: ApiServer, storage: ClusterStorage
) -> None:
    """Whatever name of this machine the volume has."""
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    local, elsewhere = LocalHost(["10.0.0.10", "10.0.1.10"]), LocalHost(["10.0.0.11"])
    provisioner, before = STORAGE_CLASS.provisioner, ["/nfsroot"]
    stranded = storage.stranded_claims

    assert stranded(provisioner, local.matches, before, ["/nfsroot"]) == []
    assert stranded(provisioner, local.matches, before, ["/srv"]) == STRANDED
    assert stranded(provisioner, local.matches, [], ["/srv"]) == STRANDED
    assert stranded(provisioner, elsewhere.matches, before, ["/srv"]) == []
    # Volumes of another provisioner count when they lie in an exported directory.
    assert stranded("lab/other", local.matches, before, ["/srv"]) == STRANDED
    assert stranded("lab/other", local.matches, [], ["/srv"]) == []

    by_name = VOLUME.replace("10.0.0.10", "node0.lab").replace("pvc-1", "pvc-2")
    cluster.kubectl("apply", "-f", "-", stdin=by_name)
    named = LocalHost(["10.0.0.12"], {"node0.lab": ["10.0.0.12"]}.__getitem__)
    assert stranded(provisioner, named.matches, before, ["/srv"]) == [
        "default/claim in /nfsroot/default-claim-pvc-2"
    ]


def test_provisioners_own_volume_is_not_a_claims(storage: ClusterStorage) -> None:
    """It names the export root and follows it."""
    source = SOURCE._replace(mount_options=("hard",))
    storage.apply(desired_of(storage, source=source))
    provisioner = STORAGE_CLASS.provisioner
    assert storage.stranded_claims(provisioner, lambda _: True, ["/nfsroot"], ["/srv"]) == []


@pytest.mark.parametrize("change", [{"name": "shared"}, {"provisioner": "lab/nfs"}])
def test_volumes_keep_the_class_and_provisioner_that_delete_them(
    cluster: ApiServer, storage: ClusterStorage, change: dict[str, str]
) -> None:
    """Neither gets another name before the volumes are gone or retained."""
    storage.apply(desired_of(storage))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)
    renamed = desired_of(storage, STORAGE_CLASS._replace(**change))

    with pytest.raises(OrphanedVolumesError) as raised:
        storage.apply(renamed)
    assert raised.value.claims == ["default/claim of nfs, cluster.local/nfs-client-provisioner"]
    assert storage.compare(desired_of(storage)).changed == []
    assert "shared" not in cluster.kubectl("get", "sc")

    retain = '{"spec": {"persistentVolumeReclaimPolicy": "Retain"}}'
    cluster.kubectl("patch", "pv", "pvc-1", "-p", retain)
    storage.apply(renamed)
    assert storage.compare(renamed).missing == []


def test_claims_without_their_class_are_named(cluster: ApiServer, storage: ClusterStorage) -> None:
    """Their deletion would fail. A foreign class of that name is enough."""
    storage.apply(desired_of(storage))
    old = VOLUME.replace("storageClassName: nfs", "storageClassName: old")
    cluster.kubectl("apply", "-f", "-", stdin=old)

    assert storage.classless_claims(STORAGE_CLASS) == ["default/claim of old"]
    assert storage.orphaned_claims(STORAGE_CLASS) == []
    cluster.kubectl("apply", "-f", "-", stdin=OTHER_CLASS.replace("name: default", "name: old"))
    assert storage.classless_claims(STORAGE_CLASS) == []


def test_removal_keeps_the_volumes_of_claims(cluster: ApiServer, storage: ClusterStorage) -> None:
    """All objects of the application are deleted."""
    source = SOURCE._replace(mount_options=("nfsvers=4.1",))
    storage.apply(desired_of(storage, source=source))
    cluster.kubectl("apply", "-f", "-", stdin=VOLUME)

    assert storage.remove(60) == []

    assert live(cluster, OWNED_KINDS, "-A", "-l", OWNED_LABEL)["items"] == []
    assert live(cluster, "pv", "pvc-1")["metadata"]["name"] == "pvc-1"


def test_nodes_are_their_internal_addresses(storage: ClusterStorage, api: Api) -> None:
    """External addresses do not count."""
    add_node(api, "a", "InternalIP", "10.0.0.20")
    add_node(api, "b", "InternalIP", "10.0.0.3")
    add_node(api, "c", "ExternalIP", "192.0.2.1")

    assert storage.nodes() == ["10.0.0.3", "10.0.0.20"]
