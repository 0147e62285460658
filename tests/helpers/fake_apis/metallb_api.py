"""An API server in this process for the charm metallb."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.fake_apis.memory_api import MemoryApi
from labkube.client.api import ApiError, Resource
from metallb.deployment import KINDS


class EveryKindApi(MemoryApi):
    """A server that has every kind of the charm.

    Attributes:
        service_network: The network of its services, which it names when it refuses an address.
        address: The address that a new service with a generated name gets.
    """

    service_network = "10.152.183.0/24"
    address = "10.0.0.10"

    def kinds(self) -> list[tuple[str, str]]:
        """Return the charm's kinds, and those that it reads."""
        return [*KINDS, ("v1", "Node"), ("v1", "Pod")]

    def has(self, api_version: str, kind: str) -> bool:
        """Return whether a kind is served."""
        return (api_version, kind) in self.kinds()

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are; the path has the kind."""
        is_wide = kind.startswith(
            ("Cluster", "PodSecurity", "Namespace", "Custom", "Validating", "Node")
        )
        return Resource(f"{api_version} {kind}", kind.lower(), not is_wide)

    def request(self, method: str, path: str, query: Any = None) -> dict[str, Any]:
        """Return the objects of a kind in a namespace, or the events of MetalLB's controller."""
        assert method == "GET"
        if path.endswith("/events"):
            message = f'Assigned IP "{self.address}"' if self.address else "no available IPs"
            reason = "IPAllocated" if self.address else "AllocationFailed"
            source = {"component": "metallb-controller"}
            return {"items": [{"reason": reason, "message": message, "source": source}]}
        version_and_kind, _, rest = path.partition("/namespaces/")
        api_version, _, kind = version_and_kind.partition(" ")
        namespace = rest.partition("/")[0]
        objects = self.list(api_version, kind)
        return {"items": [o for o in objects if o["metadata"].get("namespace") == namespace]}

    def create(self, manifest: Mapping[str, Any]) -> Any:
        """Create an object, or refuse a service with an address outside of the network."""
        metadata, spec = dict(manifest["metadata"]), manifest.get("spec") or {}
        if spec.get("clusterIP") == "127.0.0.1":
            message = f"The range of valid IPs is {self.service_network}"
            raise ApiError(422, "Invalid", message)
        if "generateName" not in metadata:
            return super().create(manifest)
        metadata["name"] = f"{metadata.pop('generateName')}1"
        ingress = [{"ip": self.address}] if self.address else []
        status = {"loadBalancer": {"ingress": ingress}}
        return super().create({**manifest, "metadata": metadata, "status": status})

    def run_workloads(self, *nodes: str) -> None:
        """Add nodes with ready speakers, and report the workloads as ready.

        Args:
            nodes: The names of the nodes.
        """
        ready = {"conditions": [{"type": "Ready", "status": "True"}]}
        labels = {"app": "metallb", "component": "speaker"}
        for node in nodes:
            self.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}})
            metadata: dict[str, Any] = {"name": node, "namespace": "metallb-system"}
            metadata["labels"] = labels
            metadata["ownerReferences"] = [{"kind": "DaemonSet", "name": "speaker"}]
            pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": ready}
            self.create({**pod, "spec": {"nodeName": node}})
        for live in self.objects.values():
            if live["kind"] == "Deployment":
                live["status"] = {"readyReplicas": 1}
            if live["kind"] == "DaemonSet":
                count = len(nodes)
                live["status"] = {"desiredNumberScheduled": count, "numberReady": count}

    def close(self) -> None:
        """Close a client."""
