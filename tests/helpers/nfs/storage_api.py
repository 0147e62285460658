"""An API server in this process for the charm nfs-server, with the pods of its provisioners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.fake_apis.memory_api import MemoryApi
from labkube.client.api import Resource
from nfs_server.cluster.cluster_storage import KINDS
from nfs_server.cluster.provisioner import PROVISIONER_VARIABLE, variables_of

_WIDE = ("Cluster", "Storage", "Validating")


class KilledError(BaseException):
    """The process of the charm was killed; no code of the charm handles that."""


class StorageApi(MemoryApi):
    """A server that has every kind of the charm, and pods.

    Args:
        version: The server's version.

    Attributes:
        ends_pods: Whether the pods of a deleted Deployment end.
    """

    def __init__(self, version: tuple[int, int]) -> None:
        super().__init__(version)
        self.ends_pods = True
        self._kill_at, self._is_done, self._number = 0, False, 0

    def kinds(self) -> list[tuple[str, str]]:
        """Return the charm's kinds, pods and nodes."""
        return [*KINDS, ("v1", "Pod"), ("v1", "Node")]

    def has(self, api_version: str, kind: str) -> bool:
        """Return whether a kind is served: admission policies are from 1.30 on."""
        is_policy = kind.startswith("ValidatingAdmission")
        return (api_version, kind) in self.kinds() and (not is_policy or self.version() >= (1, 30))

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are."""
        is_wide = kind.startswith(_WIDE) or kind in ("Namespace", "Node", "PersistentVolume")
        return Resource(f"/{kind}", kind.lower(), not is_wide)

    def kill_at(self, number: int, is_done: bool) -> None:
        """Kill the charm at its Nth write from now on; 0 for never.

        Args:
            number: The number of the write.
            is_done: Whether the server still gets that write.
        """
        self._kill_at, self._is_done, self._number = number, is_done, 0

    def start_pods(self) -> None:
        """Start a pod for each Deployment that has none."""
        for live in [each for each in self.objects.values() if each["kind"] == "Deployment"]:
            metadata = live["metadata"]
            name, namespace = f"{metadata['name']}-x", metadata["namespace"]
            spec = live["spec"]["template"]["spec"]
            pod = {"apiVersion": "v1", "kind": "Pod", "spec": spec,
                   "metadata": {"name": name, "namespace": namespace}}  # fmt: skip
            self.objects[("", "Pod", namespace, name)] = pod

    def end_pods(self) -> None:
        """End the pods of Deployments that do not exist any more."""
        for key in [key for key in self.objects if key[1] == "Pod"]:
            if ("apps", "Deployment", key[2], key[3][: -len("-x")]) not in self.objects:
                del self.objects[key]

    def active_provisioners(self) -> list[str]:
        """Return the Deployments, NAMESPACE/NAME, that a pod of a provisioner runs of."""
        self.start_pods()
        return sorted(
            f"{key[2]}/{key[3][: -len('-x')]}"
            for key, live in self.objects.items()
            if key[1] == "Pod" and PROVISIONER_VARIABLE in variables_of(live["spec"])
        )

    def delete(self, manifest: Mapping[str, Any]) -> bool:
        """Delete an object, and the pods of a Deployment."""
        self._check_killed(is_done=False)
        is_deleted = super().delete(manifest)
        if self.ends_pods:
            self.end_pods()
        self._check_killed(is_done=True)
        return is_deleted

    def _put(self, key: tuple[str, str, str, str], live: dict[str, Any]) -> dict[str, Any]:
        self._check_killed(is_done=False)
        written = super()._put(key, live)
        self._check_killed(is_done=True)
        return written

    def _check_killed(self, is_done: bool) -> None:
        self._number += not is_done
        if self._number == self._kill_at and is_done is self._is_done:
            raise KilledError
