"""The admission policies for the export root, evaluated by a real API server of 1.30 or later."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from helpers.kube.api_server import ApiServer, KubectlError
from helpers.kube.builds import UnavailableError, newest
from helpers.kube.nfs import NAMESPACE
from helpers.nfs.defaults import SOURCE, STORAGE_CLASS
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labkube.client.access import Access
from labkube.client.api import Api, ApiError
from nfs_server.cluster.cluster_storage import ClusterStorage, DesiredState
from nfs_server.cluster.policies import ALLOWING_LABEL, policy_names, protected_export
from nfs_server.verify.params import VerifyParams
from nfs_server.verify.policy_trial import policy_check

EXPORT = protected_export(["10.0.0.10", "192.168.1.10"], "/nfsroot", ["/srv/datasets"])
FOR_PODS, FOR_VOLUMES = policy_names(STORAGE_CLASS)
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{STORAGE_CLASS.object_name}"
PARAMS = VerifyParams("busybox:1.36", "default", 1.0)
# Linux takes it for the local host.
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens
# A user who may create volumes and nothing else.
VOLUME_MAKER = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: volume-maker}
rules: [{apiGroups: [""], resources: [persistentvolumes], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: volume-maker}
subjects: [{kind: User, name: maker, apiGroup: rbac.authorization.k8s.io}]
roleRef: {kind: ClusterRole, name: volume-maker, apiGroup: rbac.authorization.k8s.io}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start the newest server, with the controllers that serve namespaces."""
    try:
        server = ApiServer(newest(), tmp_path_factory.mktemp("kube"), manager=True).start()
    except UnavailableError as error:
        pytest.skip(str(error))
    server.kubectl("apply", "-f", "-", stdin=VOLUME_MAKER)
    assert wait_until(lambda: "default" in server.kubectl("get", "sa"), 60)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def storage(server: ApiServer) -> Iterator[ClusterStorage]:
    """Return the storage of an application whose policies are in force."""
    api = Api(Access(server.url, server.ca, server.token), patience=3)
    storage = ClusterStorage(api, "nfs-server.00000000")
    storage.apply(desired_of(storage))
    # The server reads its policies some moments after they were written.
    assert wait_until(lambda: refusal(server, "10.0.0.10", "/nfsroot"), 60)
    yield storage
    api.close()


def desired_of(storage: ClusterStorage) -> DesiredState:
    """Return the desired state with policies."""
    return storage.desired_state(STORAGE_CLASS, SOURCE, "", "", EXPORT)


def pod(source: JsonObject, namespace: str = "default") -> JsonObject:
    """Return a pod with a volume."""
    spec = {
        "containers": [{"name": "a", "image": "busybox"}],
        "volumes": [{"name": "b", "emptyDir": {}}, {"name": "a", **source}],
    }
    metadata = {"name": "pod", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def volume(server: str, path: str) -> JsonObject:
    """Return a PersistentVolume."""
    spec = {
        "accessModes": ["ReadWriteMany"], "capacity": {"storage": "1Mi"},
        "nfs": {"server": server, "path": path},
    }  # fmt: skip
    manifest = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "a"}}
    return {**manifest, "spec": spec}


def refusal_of(server: ApiServer, manifest: JsonObject, *args: str) -> str:
    """Return why the server refuses an object; empty when it would create it."""
    try:
        text = json.dumps(manifest)
        server.kubectl("create", "--dry-run=server", "-f", "-", *args, stdin=text)
    except KubectlError as error:
        return str(error)
    return ""


def refusal(server: ApiServer, address: str, path: str) -> str:
    """Return why the server refuses a pod that mounts an NFS export."""
    return refusal_of(server, pod({"nfs": {"server": address, "path": path}}))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("10.0.0.10", "/nfsroot"), ("10.0.0.10", "/nfsroot/"), ("192.168.1.10", "/nfsroot"),
        ("10.0.0.10", "/nfsroot/default-claim-pvc-1"), ("10.0.0.10", "/"),
        ("10.0.0.10", "/srv/../nfsroot"), ("10.0.0.10", "//nfsroot"), ("10.0.0.10", "/./nfsroot"),
        ("10.0.0.10", "/srv/datasets/link"), ("10.0.0.10", "/srv/datasets/link/"),
        ("127.0.0.1", "/nfsroot"), (ANY_ADDRESS, "/nfsroot"), ("node0.lab", "/nfsroot"),
        ("10.0.0.10.nip.io", "/nfsroot"), ("167772170", "/nfsroot"), ("012.0.0.10", "/nfsroot"),
        ("::ffff:10.0.0.10", "/nfsroot"), ("10.0.0.10.", "/nfsroot"),
        ("10.0.0.10:/nfsroot/a", "/b"),
        ("nfs", "//10.0.0.10/nfsroot"), ("a,10.0.0.10", "/other"),
    ],
)  # fmt: skip
def test_pod_that_may_reach_the_export_root_is_refused(
    server: ApiServer, storage: ClusterStorage, address: str, path: str
) -> None:
    """By whatever name of the server and of the path; the same for a volume of a user."""
    message = "this volume reaches the export root /nfsroot"
    assert message in refusal(server, address, path)
    assert message in refusal_of(server, volume(address, path), "--as=maker")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("10.0.0.11", "/nfsroot"), ("10.0.0.100", "/"), ("10.0.0.10", "/nfsroots"),
        ("10.0.0.10", "/srv/datasets"), ("10.0.0.10", "/srv/datasets/"), ("nas.lab", "/volume1/a"),
        ("fd00::5", "/volume1"), ("10.0.0.10", "/srv/datasets2/a..b"),
    ],
)  # fmt: skip
def test_other_exports_are_not_affected(
    server: ApiServer, storage: ClusterStorage, address: str, path: str
) -> None:
    """Shares of this server, and other servers."""
    assert refusal(server, address, path) == ""
    assert refusal_of(server, volume(address, path), "--as=maker") == ""


def test_pods_with_other_volumes_are_not_affected(
    server: ApiServer, storage: ClusterStorage
) -> None:
    """Claims are what pods should use; a pod without volumes gets one for its account."""
    assert refusal_of(server, pod({"persistentVolumeClaim": {"claimName": "a"}})) == ""
    bare = pod({"emptyDir": {}})
    del bare["spec"]["volumes"]
    assert refusal_of(server, bare) == ""


def test_pods_of_a_labelled_namespace_and_of_the_provisioner_may_mount_it(
    server: ApiServer, storage: ClusterStorage
) -> None:
    """The namespace of the provisioner has the label from the charm."""
    server.kubectl("create", "namespace", "backup")
    source = {"nfs": {"server": "10.0.0.10", "path": "/nfsroot"}}
    assert wait_until(lambda: "default" in server.kubectl("get", "sa", "-n", "backup"), 60)
    assert refusal_of(server, pod(source, "backup")) != ""

    server.kubectl("label", "namespace", "backup", f"{ALLOWING_LABEL}=true")
    assert wait_until(lambda: refusal_of(server, pod(source, "backup")) == "", 30)
    assert refusal_of(server, pod(source, NAMESPACE)) == ""


def test_provisioner_and_administrators_make_volumes(
    server: ApiServer, storage: ClusterStorage
) -> None:
    """Whoever may delete the policy could do so anyway."""
    claims_volume = volume("10.0.0.10", "/nfsroot/default-claim-pvc-1")

    assert refusal_of(server, claims_volume, f"--as={ACCOUNT}") == ""
    assert refusal_of(server, claims_volume) == ""
    other = f"--as=system:serviceaccount:{NAMESPACE}:default"
    assert "forbidden" in refusal_of(server, claims_volume, other)


def test_second_run_writes_nothing(storage: ClusterStorage) -> None:
    before = storage.api.writes
    storage.apply(desired_of(storage))
    assert storage.api.writes == before
    assert storage.compare(desired_of(storage))[1:] == ([], [], [])


def test_verify_sees_the_refusal(storage: ClusterStorage) -> None:
    """By a dry run, which creates nothing."""
    check = policy_check(storage, desired_of(storage), PARAMS, is_enabled=True)

    assert (check.ok, check.message) == (
        True, "the API server refuses a pod that mounts the export root",
    )  # fmt: skip


def test_policies_have_no_type_errors(server: ApiServer, storage: ClusterStorage) -> None:
    """The server checks the types of the expressions, and warns about them in the status."""
    for name in (FOR_PODS, FOR_VOLUMES):
        policy = json.loads(server.kubectl("get", "validatingadmissionpolicy", name, "-o", "json"))
        assert (policy.get("status") or {}).get("typeChecking", {}) == {}


def test_verify_fails_where_the_policy_is_gone(server: ApiServer, storage: ClusterStorage) -> None:
    """Somebody deleted it; the next hook applies it again."""
    server.kubectl("delete", "validatingadmissionpolicybinding", FOR_PODS)
    assert wait_until(lambda: refusal(server, "10.0.0.10", "/nfsroot") == "", 60)

    check = policy_check(storage, desired_of(storage), PARAMS, is_enabled=True)
    assert not check.ok
    storage.apply(desired_of(storage))
    assert wait_until(lambda: refusal(server, "10.0.0.10", "/nfsroot"), 60)


def test_removal_deletes_the_policies(server: ApiServer, storage: ClusterStorage) -> None:
    assert storage.remove(60) == []
    assert server.kubectl("get", "validatingadmissionpolicies", "-o", "name") == ""
    with pytest.raises(ApiError):
        storage.api.request("GET", f"/api/v1/namespaces/{NAMESPACE}")
