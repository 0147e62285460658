"""A cluster and a unit of the charm kubeflow-installer, with stand-ins for controllers."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.related import relate, run
from labkube.client.access import Access
from labkube.client.api import MERGE, Api, ApiError, UnknownKindError

ADDRESS = "127.0.0.77"
_OWNED = "app.lab-charms/charm=kubeflow-installer"
# Kinds whose objects controllers create and delete at any time.
_VOLATILE_KINDS = ("Event", "Lease", "Endpoints", "EndpointSlice", "IPAddress")
_STORAGE_CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "nfs",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "cluster.local/nfs-client-provisioner",
}


class Lab:
    """A unit and its cluster.

    Args:
        server: The cluster.
        unit: The unit, with its peers.

    Attributes:
        before: The cluster's objects before the installation.
    """

    def __init__(self, server: ApiServer, unit: Unit) -> None:
        self.server, self.unit = server, unit
        self.api = Api(Access(server.url, server.ca, server.token), patience=5)
        self.before: set[str] = set()

    def relate(self, unit: Unit, age: str) -> None:
        """Relate a unit to the control plane and to its peers; its peer data and secrets stay."""
        before, secrets = unit.get("relations", {}), unit.get("secrets", {})
        relate(unit, self.server, age)
        peers = {"name": "installers", "remote": "kubeflow-installer", "units": {}}
        peers = before.get("installers:9", peers)
        unit.put("relations", {**unit.get("relations"), "installers:9": peers})
        unit.put("secrets", {**secrets, **unit.get("secrets")})

    def hook(self, hook: str = "update-status") -> str:
        """Run a hook, and return the status."""
        return run(self.unit, hook)

    def create_node(self, cpu: str = "16", memory: str = "64Gi", disk: str = "500Gi") -> None:
        """Create a node that is ready and large enough for Kubeflow."""
        self.api.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node1"}})
        sizes = {"cpu": cpu, "memory": memory, "ephemeral-storage": disk, "pods": "110"}
        status = {
            "capacity": sizes,
            "allocatable": sizes,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "addresses": [{"type": "InternalIP", "address": "10.0.0.20"}],
        }
        self.api.request("PATCH", "/api/v1/nodes/node1/status", {"status": status}, MERGE)
        self.api.request("PATCH", "/api/v1/nodes/node1", {"spec": {"taints": None}}, MERGE)

    def create_storage_class(self) -> None:
        """Create the default StorageClass."""
        self.api.create(_STORAGE_CLASS)

    def report_pods_ready(self) -> int:
        """Report the pods of all workloads as ready, as kubelets would; return how many."""
        count = 0
        for kind, status in (
            ("Deployment", _ready), ("StatefulSet", _ready), ("DaemonSet", _scheduled),
        ):  # fmt: skip
            for workload in self.api.list("apps/v1", kind):
                path = self.api.path_of(workload) + "/status"
                self.api.request("PATCH", path, {"status": status(workload)}, MERGE)
                count += 1
        return count

    def owned_versions(self) -> dict[str, str]:
        """Return the resource version of every object with the charm's label, by its name."""
        return {
            _name(version, kind, live): live["metadata"]["resourceVersion"]
            for version, kind in self.api.kinds()
            for live in self._list(version, kind, _OWNED)
            if kind not in _VOLATILE_KINDS
        }

    def endpoint_uids(self) -> dict[str, str]:
        """Return the uid of the endpoints that controllers created with the charm's label."""
        return {
            _name(version, kind, live): live["metadata"]["uid"]
            for version, kind in self.api.kinds()
            if kind in ("Endpoints", "EndpointSlice")
            for live in self._list(version, kind, _OWNED)
        }

    def names(self) -> set[str]:
        """Return kind and name of every object, except those that controllers come and go with."""
        return {
            _name(version, kind, live)
            for version, kind in self.api.kinds()
            for live in self._list(version, kind)
            if kind not in _VOLATILE_KINDS
        }

    def _list(self, version: str, kind: str, selector: str = "") -> list[Any]:
        """Return a kind's objects; none if its definition was deleted a moment ago."""
        try:
            return list(self.api.list(version, kind, selector))
        except UnknownKindError:
            return []

    def get(self, kind: str, name: str, namespace: str = "", version: str = "v1") -> Any:
        """Return an object; None if it does not exist."""
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        return self.api.get({"apiVersion": version, "kind": kind, "metadata": metadata})

    def certificate(self, name: str) -> tuple[str, str]:
        """Return certificate and key of a Secret of the gateway."""
        content = self.get("Secret", name, "istio-system")["data"]
        certificate, key = (
            base64.b64decode(content[file]).decode() for file in ("tls.crt", "tls.key")
        )
        return certificate, key


def _ready(workload: dict[str, Any]) -> dict[str, Any]:
    replicas = workload["spec"].get("replicas", 1)
    status = {"replicas": replicas, "readyReplicas": replicas, "updatedReplicas": replicas}
    return {**status, "observedGeneration": workload["metadata"]["generation"]}


def _scheduled(workload: dict[str, Any]) -> dict[str, Any]:
    numbers = {"currentNumberScheduled": 1, "desiredNumberScheduled": 1, "numberReady": 1}
    generation = workload["metadata"]["generation"]
    return {**numbers, "numberMisscheduled": 0, "observedGeneration": generation}


def _name(version: str, kind: str, live: dict[str, Any]) -> str:
    """Return kind and name, with the group of an extension's kind, as kinds repeat there."""
    namespace = live["metadata"].get("namespace", "")
    group = version.rpartition("/")[0]
    suffix = f".{group}" if "." in group and not group.endswith("k8s.io") else ""
    return f"{kind}{suffix} {namespace + '/' if namespace else ''}{live['metadata']['name']}"


class LoadBalancer:
    """Assigns an address to LoadBalancer services while its context lasts, as MetalLB would.

    Args:
        server: The cluster.
        address: The address, the same for all services.
    """

    def __init__(self, server: ApiServer, address: str = ADDRESS) -> None:
        self._api = Api(Access(server.url, server.ca, server.token), patience=2)
        self._address, self._end = address, threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> LoadBalancer:
        """Start it."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._end.set()
        self._thread.join()
        self._api.close()

    def _serve(self) -> None:
        while not self._end.wait(0.2):
            try:
                for service in self._api.list("v1", "Service"):
                    self._assign(service)
            except ApiError:
                continue  # the server is stopping, or the service was deleted

    def _assign(self, service: dict[str, Any]) -> None:
        is_load_balancer = service["spec"].get("type") == "LoadBalancer"
        ingress = (service.get("status") or {}).get("loadBalancer", {}).get("ingress")
        if is_load_balancer and not ingress:
            status = {"status": {"loadBalancer": {"ingress": [{"ip": self._address}]}}}
            self._api.request("PATCH", self._api.path_of(service) + "/status", status, MERGE)


def repeat_until(condition: Callable[[], Any], action: Callable[[], Any], limit: int = 20) -> Any:
    """Repeat an action until a condition is true; return what the condition returned last."""
    for _ in range(limit):
        outcome = condition()
        if outcome:
            return outcome
        action()
    return condition()


def attach(unit: Unit, **files: Path) -> None:
    """Attach files as resources; their names have underscores instead of dashes."""
    unit.put("resources", {name.replace("_", "-"): str(path) for name, path in files.items()})


def results(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an action's results, with JSON parsed."""
    json_starts = ("[", "{", "true", "false")
    return {
        key: json.loads(text) if text.startswith(json_starts) else text
        for key, text in answer.get("results", {}).items()
    }
