"""The live layer's access to clusters, and its kubeconfigs, with real API servers and kubectl."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.live.cluster.access import ClusterAccess, ClusterError
from botlab.live.cluster.api import open_cluster
from botlab.live.cluster.model import LoadBalancer, Node, Pod, StorageClass, gpu_requests
from botlab.live.kubeconfig.entries import Owner
from botlab.live.kubeconfig.model import ClusterAddress, Credentials, Kubeconfig
from botlab.live.kubeconfig.write import Destination, write_kubeconfig
from helpers.kube.api_server import ApiServer
from helpers.kube.fault_proxy import FaultProxy
from helpers.kubeconfigs import kubeconfig_of

ROOT = Path(__file__).resolve().parents[2]
OWNER = Owner("lab", "ctrl:lab")
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@pytest.fixture(scope="module")
def server(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of each age, with the objects of a small cluster."""
    running = ApiServer(age, tmp_path_factory.mktemp("kube")).start()
    try:
        fill(running)
        yield running
    finally:
        running.stop()


def fill(server: ApiServer) -> None:
    """Create the objects. No kubelet and no controller writes their status, so this does."""
    server.kubectl("create", "serviceaccount", "default", "-n", "kube-system")
    create(server, "/api/v1/nodes", node("worker-0", "0", "True"))
    create(server, "/api/v1/nodes", node("gpu-0", "2", "True"))
    create(server, "/api/v1/nodes", node("gone-0", "1", "Unknown"))
    for number, phase in enumerate(("Running", "Succeeded", "Pending")):
        create(server, "/api/v1/namespaces/kube-system/pods", pod(f"pod-{number}", phase))
    for name, is_default in (("nfs", "true"), ("slow", "false")):
        metadata = {"name": name, "annotations": {DEFAULT_CLASS: is_default}}
        document = {"metadata": metadata, "provisioner": "lab.example/nfs"}
        create(server, "/apis/storage.k8s.io/v1/storageclasses", kind(document, "StorageClass"))
    create(server, "/api/v1/namespaces/default/services", service("web", "192.168.1.240"))
    create(server, "/api/v1/namespaces/default/services", service("waits", ""))


def create(server: ApiServer, path: str, document: dict[str, Any]) -> None:
    """Create an object, and then write its status if the document has one."""
    status = document.pop("status", None)
    server.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(document))
    if status is not None:
        name = f"{path}/{document['metadata']['name']}"
        live = json.loads(server.kubectl("get", "--raw", name)) | {"status": status}
        server.kubectl("replace", "--raw", f"{name}/status", "-f", "-", stdin=json.dumps(live))


def kind(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a document with its kind."""
    version = "storage.k8s.io/v1" if name == "StorageClass" else "v1"
    return {"apiVersion": version, "kind": name, **document}


def node(name: str, gpus: str, ready: str) -> dict[str, Any]:
    """Return a node."""
    resources = {"cpu": "8", "nvidia.com/gpu": gpus}
    status = {
        "capacity": resources,
        "allocatable": resources,
        "conditions": [{"type": "Ready", "status": ready, "message": f"{name} reports {ready}"}],
        "addresses": [{"type": "InternalIP", "address": "192.168.1.11"}],
        "nodeInfo": {
            key: "v1.35.2" if key == "kubeletVersion" else ""
            for key in (
                "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "architecture",
                "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem",
            )
        },
    }  # fmt: skip
    return kind({"metadata": {"name": name, "labels": {"gpu": gpus}}, "status": status}, "Node")


def pod(name: str, phase: str) -> dict[str, Any]:
    """Return a pod with one GPU on the GPU node."""
    container = {"name": "c", "image": "i:1", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
    spec = {
        "containers": [container], "nodeName": "gpu-0", "automountServiceAccountToken": False,
    }  # fmt: skip
    state = {"waiting": {"reason": "ErrImagePull"}} if phase == "Pending" else {"running": {}}
    observed = {
        "name": "c", "image": "i:1", "imageID": "", "restartCount": 0, "state": state,
        "ready": phase == "Running",
    }  # fmt: skip
    status = {"phase": phase, "containerStatuses": [observed]}
    metadata = {"name": name, "namespace": "kube-system"}
    return kind({"metadata": metadata, "spec": spec, "status": status}, "Pod")


def service(name: str, address: str) -> dict[str, Any]:
    """Return a service of the type LoadBalancer."""
    metadata = {"name": name, "namespace": "default"}
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}], "selector": {"app": "web"}}
    ingress = [{"ip": address}] if address else []
    return kind(
        {"metadata": metadata, "spec": spec, "status": {"loadBalancer": {"ingress": ingress}}},
        "Service",
    )


@contextlib.contextmanager
def opened(url: str, ca: str, **user: str) -> Iterator[ClusterAccess]:
    """Open a cluster with a token."""
    with contextlib.closing(open_cluster(kubeconfig_of(url, ca, **user), "the text")) as cluster:
        yield cluster


@pytest.fixture
def cluster(server: ApiServer) -> Iterator[ClusterAccess]:
    """Open the cluster."""
    with opened(server.url, server.ca, token=server.token) as access:
        yield access


def test_version_is_the_one_that_kubectl_shows(server: ApiServer, cluster: ClusterAccess) -> None:
    version = json.loads(server.kubectl("get", "--raw", "/version"))

    assert cluster.version() == version["gitVersion"]
    assert cluster.server == server.url


def test_nodes_have_state_version_gpus_and_addresses(cluster: ClusterAccess) -> None:
    assert list(cluster.nodes()) == [
        Node(
            name,
            is_ready=message == "",
            message=message,
            kubelet_version="v1.35.2",
            gpu_capacity=gpus,
            gpu_allocatable=gpus,
            labels={"gpu": str(gpus)},
            addresses=("192.168.1.11",),
        )
        for name, message, gpus in (
            ("gone-0", "gone-0 reports Unknown", 1),
            ("gpu-0", "", 2),
            ("worker-0", "", 0),
        )
    ]


def test_pods_have_their_problem_and_hold_gpus_until_they_end(cluster: ClusterAccess) -> None:
    pods = cluster.pods()

    assert list(pods) == [
        Pod("kube-system", "pod-0", "gpu-0", "Running", "", 1),
        Pod("kube-system", "pod-1", "gpu-0", "Succeeded", "", 0),
        Pod("kube-system", "pod-2", "gpu-0", "Pending", "container c: ErrImagePull", 1),
    ]
    assert gpu_requests(pods) == {"gpu-0": 2}


def test_storage_classes_name_the_default(cluster: ClusterAccess) -> None:
    assert list(cluster.storage_classes()) == [
        StorageClass("nfs", "lab.example/nfs", is_default=True),
        StorageClass("slow", "lab.example/nfs"),
    ]


def test_load_balancers_have_addresses(cluster: ClusterAccess) -> None:
    """The service `kubernetes` is none."""
    assert list(cluster.load_balancers()) == [
        LoadBalancer("default", "waits", (), (80,)),
        LoadBalancer("default", "web", ("192.168.1.240",), (80,)),
    ]


def test_long_list_is_read_page_by_page(server: ApiServer, cluster: ClusterAccess) -> None:
    items = [
        kind({"metadata": {"name": f"extra-{number:03}"}, "provisioner": "p"}, "StorageClass")
        for number in range(505)
    ]
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    server.kubectl("create", "-f", "-", stdin=document)
    try:
        names = [entry.name for entry in cluster.storage_classes()]
        assert len(names) == 507
        assert names == sorted(names)
    finally:
        server.kubectl("delete", "--wait=false", "-f", "-", stdin=document)


def test_expired_token_is_refused_without_being_shown(server: ApiServer) -> None:
    with (
        opened(server.url, server.ca, token="expired-token") as cluster,  # noqa: S106
        pytest.raises(ClusterError) as raised,
    ):
        cluster.nodes()
    assert str(raised.value) == (
        f"{server.url}: answers with status 401 (Unauthorized); its token or certificate is wrong"
        " or has expired; fetch it anew with botlab kubeconfig"
    )


def test_user_without_rights_is_named(server: ApiServer) -> None:
    with (
        opened(server.url, server.ca, token=server.powerless_token) as cluster,
        pytest.raises(ClusterError) as raised,
    ):
        cluster.nodes()
    assert str(raised.value).startswith(
        f'{server.url}: answers with status 403 (nodes is forbidden: User "powerless" cannot list'
    )
    assert server.powerless_token not in str(raised.value)


def test_certificate_of_another_authority_is_refused(server: ApiServer) -> None:
    other = (ROOT / "tests/kube/other-ca.pem").read_text()
    with (
        opened(server.url, other, token=server.token) as cluster,
        pytest.raises(ClusterError, match="its certificate is not trusted") as raised,
    ):
        cluster.version()
    assert server.token not in str(raised.value)


def test_server_that_fails_is_explained(server: ApiServer) -> None:
    with (
        FaultProxy(server, lambda _: 503) as proxy,
        opened(proxy.url, proxy.ca, token=server.token) as cluster,
        pytest.raises(ClusterError) as raised,
    ):
        cluster.nodes()
    assert str(raised.value) == (
        f"{proxy.url}: answers with status 503; the API is not ready; try again in a minute"
    )


def test_kubeconfig_with_a_file_of_the_authority_is_used(server: ApiServer) -> None:
    text = server.kubeconfig.read_text()

    with contextlib.closing(open_cluster(text, "mine", server.kubeconfig.parent)) as cluster:
        assert len(cluster.nodes()) == 3


def lab(server: ApiServer, token: str) -> Kubeconfig:
    """Return the access to a server."""
    return Kubeconfig(ClusterAddress(server.url, server.ca), Credentials(token))


def test_kubectl_uses_a_written_kubeconfig(server: ApiServer, tmp_path: Path) -> None:
    path = tmp_path / "lab.kubeconfig"

    write_kubeconfig(Destination(path, "lab"), lab(server, server.token), OWNER)

    names = server.kubectl("--kubeconfig", str(path), "get", "nodes", "-o", "name").split()
    assert names == ["node/gone-0", "node/gpu-0", "node/worker-0"]


def test_kubectl_keeps_the_mark_of_entries_and_botlab_those_of_kubectl(
    server: ApiServer, tmp_path: Path
) -> None:
    """Both write the same file in turn; the rotated token is updated at the end."""
    path = tmp_path / "config"
    destination = Destination(path, "lab", is_shared=True)
    config = ("--kubeconfig", str(path), "config")
    server.kubectl(*config, "set-cluster", "work", "--server=https://work.example")
    server.kubectl(*config, "set-credentials", "me", "--exec-command=true",
                   "--exec-api-version=client.authentication.k8s.io/v1beta1")  # fmt: skip
    server.kubectl(*config, "set-context", "work", "--cluster=work", "--user=me")
    server.kubectl(*config, "use-context", "work")
    before = yaml.safe_load(path.read_text())

    write_kubeconfig(destination, lab(server, "old"), OWNER)
    server.kubectl(*config, "set-context", "lab", "--namespace=kube-system")
    kept = path.read_bytes()
    unchanged = write_kubeconfig(destination, lab(server, "old"), OWNER)
    rotated = write_kubeconfig(destination, lab(server, server.token), OWNER)

    document = yaml.safe_load(path.read_text())
    assert (unchanged.is_changed, rotated.is_changed) == (False, True)
    assert kept != path.read_bytes()
    for section in ("clusters", "users", "contexts"):
        theirs = [entry for entry in document[section] if entry["name"] != "lab"]
        assert theirs == before[section]
    assert document["current-context"] == "work"
    pods = server.kubectl(
        "--kubeconfig", str(path), "--context", "lab", "get", "pods", "-o", "name"
    )
    assert pods.split() == ["pod/pod-0", "pod/pod-1", "pod/pod-2"]


def test_authority_in_the_kubeconfig_is_the_one_of_the_server(
    server: ApiServer, tmp_path: Path
) -> None:
    path = tmp_path / "lab.kubeconfig"
    write_kubeconfig(Destination(path, "lab"), lab(server, server.token), OWNER)

    (entry,) = yaml.safe_load(path.read_text())["clusters"]

    data = entry["cluster"]["certificate-authority-data"]
    assert base64.b64decode(data).decode() == server.ca
