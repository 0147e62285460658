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
        """Return the charm's kinds."""
        return list(KINDS)

    def has(self, api_version: str, kind: str) -> bool:
        """Return whether a kind is served."""
        return (api_version, kind) in self.kinds()

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are; the path has the kind."""
        is_wide = kind.startswith(("Cluster", "PodSecurity", "Namespace", "Custom", "Validating"))
        return Resource(f"{api_version} {kind}", kind.lower(), not is_wide)

    def request(self, method: str, path: str, query: Any = None) -> dict[str, Any]:
        """Return the objects of a kind in a namespace."""
        assert method == "GET"
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

    def close(self) -> None:
        """Close a client."""
