"""A cluster for the charm kubeflow-installer: what Kubeflow needs, and what plays its pods."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.juju.unit import Unit
from helpers.kube.related import relate, run
from helpers.kube.servers import ApiServer
from labkube.client.access import Access
from labkube.client.api import MERGE, Api, ApiError, UnknownKindError

ADDRESS = "127.0.0.77"
OURS = "app.lab-charms/charm=kubeflow-installer"
# What comes and goes by itself.
_RESTLESS = ("Event", "Lease", "Endpoints", "EndpointSlice", "IPAddress")
CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "nfs",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "cluster.local/nfs-client-provisioner",
}


class Lab:
    """A unit, its cluster, and what stands for controllers and pods there.

    Args:
        server: The cluster.
        unit: The unit, with its peers.
    """

    def __init__(self, server: ApiServer, unit: Unit) -> None:
        self.server, self.unit = server, unit
        self.api = Api(Access(server.url, server.ca, server.token), patience=5)
        self.before: set[str] = set()

    def relate(self, unit: Unit, age: str) -> None:
        """Relate a unit to the control plane and to its peers; what it keeps stays."""
        before, secrets = unit.get("relations", {}), unit.get("secrets", {})
        relate(unit, self.server, age)
        peers = {"name": "installers", "remote": "kubeflow-installer", "units": {}}
        peers = before.get("installers:9", peers)
        unit.put("relations", {**unit.get("relations"), "installers:9": peers})
        unit.put("secrets", {**secrets, **unit.get("secrets")})

    def hook(self, hook: str = "update-status") -> str:
        """Run a hook, and return the status."""
        return run(self.unit, hook)

    def node(self, cpu: str = "16", memory: str = "64Gi", disk: str = "500Gi") -> None:
        """Make a node that is ready, with what Kubeflow asks for."""
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

    def storage(self) -> None:
        """Make the default StorageClass."""
        self.api.create(CLASS)

    def settle(self) -> int:
        """Report the pods of all workloads as ready, as kubelets would; return how many."""
        count = 0
        for kind, status in (
            ("Deployment", _ready), ("StatefulSet", _ready), ("DaemonSet", _scheduled),
        ):  # fmt: skip
            for one in self.api.list("apps/v1", kind):
                path = self.api.path_of(one) + "/status"
                self.api.request("PATCH", path, {"status": status(one)}, MERGE)
                count += 1
        return count

    def ours(self) -> dict[str, str]:
        """Return the resource version of every object of the charm's, by kind and name."""
        return {
            _named(version, kind, one): one["metadata"]["resourceVersion"]
            for version, kind in self.api.kinds()
            for one in self._listed(version, kind, OURS)
            if kind not in _RESTLESS
        }

    def followers(self) -> dict[str, str]:
        """Return the uid of what the controllers of endpoints made with the charm's labels."""
        return {
            _named(version, kind, one): one["metadata"]["uid"]
            for version, kind in self.api.kinds()
            if kind in ("Endpoints", "EndpointSlice")
            for one in self._listed(version, kind, OURS)
        }

    def listing(self) -> set[str]:
        """Return kind and name of everything on the cluster that does not come by itself."""
        return {
            _named(version, kind, one)
            for version, kind in self.api.kinds()
            for one in self._listed(version, kind)
            if kind not in _RESTLESS
        }

    def _listed(self, version: str, kind: str, selector: str = "") -> list[Any]:
        """Return a kind's objects; none where its definition went a moment ago."""
        try:
            return list(self.api.list(version, kind, selector))
        except UnknownKindError:
            return []

    def get(self, kind: str, name: str, namespace: str = "", version: str = "v1") -> Any:
        """Return an object; None where it is not there."""
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        return self.api.get({"apiVersion": version, "kind": kind, "metadata": metadata})

    def certificate(self, name: str) -> tuple[str, str]:
        """Return certificate and key that the gateway shows."""
        data = self.get("Secret", name, "istio-system")["data"]
        first, second = (base64.b64decode(data[key]).decode() for key in ("tls.crt", "tls.key"))
        return first, second


def _ready(live: dict[str, Any]) -> dict[str, Any]:
    wanted = live["spec"].get("replicas", 1)
    found = {"replicas": wanted, "readyReplicas": wanted, "updatedReplicas": wanted}
    return {**found, "observedGeneration": live["metadata"]["generation"]}


def _scheduled(live: dict[str, Any]) -> dict[str, Any]:
    numbers = {"currentNumberScheduled": 1, "desiredNumberScheduled": 1, "numberReady": 1}
    generation = live["metadata"]["generation"]
    return {**numbers, "numberMisscheduled": 0, "observedGeneration": generation}


def _named(version: str, kind: str, found: dict[str, Any]) -> str:
    """Return kind and name; the group too where it is an extension's, as kinds repeat there."""
    namespace = found["metadata"].get("namespace", "")
    group = version.rpartition("/")[0]
    told = f".{group}" if "." in group and not group.endswith("k8s.io") else ""
    return f"{kind}{told} {namespace + '/' if namespace else ''}{found['metadata']['name']}"


class Balancer:
    """Hands out an address to LoadBalancer services while its context lasts, as MetalLB would.

    Args:
        server: The cluster.
        address: The address, the same for all.
    """

    def __init__(self, server: ApiServer, address: str = ADDRESS) -> None:
        self._api = Api(Access(server.url, server.ca, server.token), patience=2)
        self._address, self._ends = address, threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Balancer:
        """Start it."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._ends.set()
        self._thread.join()
        self._api.close()

    def _serve(self) -> None:
        while not self._ends.wait(0.2):
            try:
                for one in self._api.list("v1", "Service"):
                    self._give(one)
            except ApiError:
                continue  # the server is being stopped, or the service went

    def _give(self, service: dict[str, Any]) -> None:
        wanted = service["spec"].get("type") == "LoadBalancer"
        given = (service.get("status") or {}).get("loadBalancer", {}).get("ingress")
        if wanted and not given:
            status = {"status": {"loadBalancer": {"ingress": [{"ip": self._address}]}}}
            self._api.request("PATCH", self._api.path_of(service) + "/status", status, MERGE)


def until(seen: Callable[[], Any], does: Callable[[], Any], most: int = 20) -> Any:
    """Do something until something is seen, and return that."""
    for _ in range(most):
        found = seen()
        if found:
            return found
        does()
    return seen()


def attach(unit: Unit, **files: Path) -> None:
    """Attach files as resources; underscores in names stand for dashes."""
    unit.put("resources", {name.replace("_", "-"): str(path) for name, path in files.items()})


def results(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an action's results, JSON read."""
    found = answer.get("results", {})
    read = ("[", "{", "true", "false")
    return {key: json.loads(one) if one.startswith(read) else one for key, one in found.items()}
