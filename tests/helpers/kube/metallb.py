"""MetalLB on a test's API server: the units that deploy it, and its objects there.

No kubelet runs on these servers, so MetalLB's pods do not run either: `report_ready` writes what
kubelets would report. Where an address must be assigned, `running_controller` runs MetalLB's own
controller beside the server.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer, KubectlError
from helpers.kube.builds import UnavailableError, metallb
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.related import make_unit, relate
from labcharm.polling import wait_until

POOL = "10.64.0.100-10.64.0.110"
CHARM_LABEL = "app.lab-charms/charm=metallb"
CUSTOM_RESOURCES = "ipaddresspools.metallb.io,l2advertisements.metallb.io"
_KINDS = (
    "ns,cm,secret,sa,deploy,ds,svc,role,rolebinding,clusterrole,clusterrolebinding,"
    "validatingwebhookconfiguration,crd"
)


def new_unit(age: str, cluster: ApiServer, archives: Path, directory: Path) -> Unit:
    """Return a unit with one pool that is related to the cluster.

    On the newest server the manifest of v0.13.5 is attached, since it is what was built.

    Args:
        age: One of `helpers.kube.related.AGES`.
        cluster: The server.
        archives: The directory with the packed charm.
        directory: The directory for the unit and its machine.
    """
    environment = {"METALLB_ROOT": str(directory / "root")}
    unit = make_unit(age, archives, "metallb", "metallb/0", directory, environment)
    unit.configure({"addresses": POOL})
    relate(unit, cluster, age)
    peers = {"name": "units", "remote": "metallb", "units": {}}
    unit.put("relations", {**unit.get("relations"), "units:9": peers})
    if not is_old(cluster):
        attach_manifest(unit)
    return unit


def attach_manifest(unit: Unit) -> None:
    """Attach v0.13.5's manifest as the resource."""
    manifest = programs("metallb-0.13") / "manifest.yaml"
    unit.put("resources", {"manifest": str(manifest)})


def programs(build: str) -> Path:
    """Return the directory with MetalLB's controller, and with the manifest from 0.13 on.

    Skips the test where it cannot be built.
    """
    try:
        return metallb(build)
    except UnavailableError as error:
        pytest.skip(str(error))


def connect_through(unit: Unit, proxy: FaultProxy) -> None:
    """Relate a unit to the proxy in place of the server."""
    bags = unit.get("relations")
    control = bags["kube-control:1"]["units"]["kubernetes-master/0"]
    control["api-endpoints"] = json.dumps([proxy.url])
    bags["certificates:2"]["units"]["easyrsa/0"]["ca"] = proxy.ca
    unit.put("relations", bags)


def is_old(cluster: ApiServer) -> bool:
    """Return whether the server is of Kubernetes 1.20."""
    return bool(json.loads(cluster.kubectl("get", "--raw", "/version"))["minor"] == "20")


def default_release(cluster: ApiServer) -> str:
    """Return the release that a unit of `new_unit` installs."""
    return "v0.12.1" if is_old(cluster) else "v0.13.5"


def get(cluster: ApiServer, *args: str) -> list[dict[str, Any]]:
    """Return the objects that kubectl gets."""
    return list(json.loads(cluster.kubectl("get", *args, "-o", "json"))["items"])


def owned_objects(cluster: ApiServer) -> dict[str, str]:
    """Return the resource version of every object of the charm."""
    kinds = _KINDS + (",psp" if is_old(cluster) else "")
    objects = get(cluster, kinds, "-A", "-l", CHARM_LABEL)
    with contextlib.suppress(KubectlError):  # they are defined from 0.13 on
        objects += get(cluster, CUSTOM_RESOURCES, "-A", "-l", CHARM_LABEL)
    return {
        f"{live['kind']} {live['metadata']['name']}": live["metadata"]["resourceVersion"]
        for live in objects
    }


def add_speaker(cluster: ApiServer, node_name: str = "n1") -> None:
    """Register a node with a ready speaker; nothing happens where the node exists.

    The node owns the pod, so that the controller of DaemonSets does not delete it.
    """
    if node_name in [live["metadata"]["name"] for live in get(cluster, "nodes")]:
        return
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node_name}}
    created = _create(cluster, "/api/v1/nodes", node)
    owner = {"apiVersion": "v1", "kind": "Node", "name": node_name, "controller": True}
    labels = {"app": "metallb", "component": "speaker"}
    metadata = {"name": f"speaker-{node_name}", "namespace": "metallb-system", "labels": labels}
    owners = [{**owner, "uid": created["metadata"]["uid"]}]
    spec = {
        "nodeName": node_name,
        "serviceAccountName": "speaker",
        "automountServiceAccountToken": False,  # the server need not have made a token yet
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "speaker", "image": "speaker"}],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {**metadata, "ownerReferences": owners}}
    path = "/api/v1/namespaces/metallb-system/pods"
    live = _create(cluster, path, {**pod, "spec": spec})
    live["status"] = {"conditions": [{"type": "Ready", "status": "True"}]}
    status_path = f"{path}/{metadata['name']}/status"
    cluster.kubectl("replace", "--raw", status_path, "-f", "-", stdin=json.dumps(live))


def _create(cluster: ApiServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    created = cluster.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(body))
    return dict(json.loads(created))


def report_ready(cluster: ApiServer) -> None:
    """Report the pods as ready, as kubelets would, with a speaker on one node."""
    add_speaker(cluster)
    scheduled = {"currentNumberScheduled": 2, "desiredNumberScheduled": 2, "numberMisscheduled": 0}
    for kind, name, status in (
        ("deployments", "controller", {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}),
        ("daemonsets", "speaker", {**scheduled, "numberReady": 2}),
    ):
        path = f"/apis/apps/v1/namespaces/metallb-system/{kind}/{name}"
        live = json.loads(cluster.kubectl("get", "--raw", path))
        live["status"] = {"observedGeneration": live["metadata"]["generation"], **status}
        cluster.kubectl("replace", "--raw", f"{path}/status", "-f", "-", stdin=json.dumps(live))


def create_service(cluster: ApiServer, name: str, address: str = "") -> None:
    """Create a LoadBalancer service, with an address as MetalLB would write it."""
    body: dict[str, Any] = {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
    }  # fmt: skip
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    if address:
        path = f"/api/v1/namespaces/default/services/{name}"
        live = json.loads(cluster.kubectl("get", "--raw", path))
        live["status"] = {"loadBalancer": {"ingress": [{"ip": address}]}}
        cluster.kubectl("replace", "--raw", f"{path}/status", "-f", "-", stdin=json.dumps(live))


def address_of(cluster: ApiServer, name: str) -> str:
    """Return a service's address; empty when it has none."""
    live = json.loads(cluster.kubectl("get", "svc", name, "-o", "json"))
    entries = live["status"]["loadBalancer"].get("ingress") or [{}]
    return str(entries[0].get("ip", ""))


def wait_for_address(cluster: ApiServer, name: str) -> str:
    """Return a service's address as soon as it has one; empty when none comes."""
    return wait_until(lambda: address_of(cluster, name), 40)


def namespace_goes(cluster: ApiServer) -> bool:
    """Return whether MetalLB's namespace is gone, after its controller had the time for it."""

    def is_gone() -> bool:
        return "metallb-system" not in [live["metadata"]["name"] for live in get(cluster, "ns")]

    return wait_until(is_gone, 40, interval=0.2)


@contextlib.contextmanager
def running_controller(cluster: ApiServer, build: str, directory: Path) -> Iterator[Path]:
    """Run MetalLB's own controller on what the charm applied, and yield its log."""
    command = [str(programs(build) / "controller"), f"--kubeconfig={cluster.kubeconfig}"]
    command += ["--namespace=metallb-system", "--port=0"]
    if build != "metallb-0.11":
        command.append("--webhook-mode=disabled")
    log = directory / f"{build}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield log
    finally:
        process.kill()
        process.wait()
