"""An API server in this process whose provisioner binds claims on an export of another server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.nfs.storage_api import StorageApi
from nfs_server.cluster.provisioner import PATH_VARIABLE, SERVER_VARIABLE, variables_of

_STORAGE = "storage.k8s.io/v1"


class ProvisioningApi(StorageApi):
    """A server with a provisioner, as nfs-subdir-external-provisioner v4.0.2 works.

    Args:
        version: The server's version.

    Attributes:
        directories: The directories on the export.
        can_write: Whether root of the nodes may write there.
        can_delete: Whether root of the nodes may delete there.
    """

    def __init__(self, version: tuple[int, int]) -> None:
        super().__init__(version)
        self.directories: set[str] = set()
        self.can_write = self.can_delete = True

    def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object; bind a claim."""
        metadata = dict(manifest["metadata"])
        metadata.setdefault("name", f"{metadata.get('generateName', '')}{len(self.objects)}")
        live = super().create({**manifest, "metadata": metadata})
        if manifest["kind"] == "PersistentVolumeClaim" and self.can_write:
            self._bind(live)
        return live

    def _bind(self, claim: dict[str, Any]) -> None:
        namespace, name = claim["metadata"]["namespace"], claim["metadata"]["name"]
        storage_class = self._class(claim["spec"]["storageClassName"])
        if storage_class is None or not self._deployments():
            return
        volume = f"pvc-{name}"
        directory = f"{namespace}-{name}-{volume}"
        self.directories.add(directory)
        (deployment,) = self._deployments()
        variables = variables_of(deployment["spec"]["template"]["spec"])
        source = {
            "server": variables[SERVER_VARIABLE],
            "path": f"{variables[PATH_VARIABLE]}/{directory}",
        }
        annotation = {"pv.kubernetes.io/provisioned-by": storage_class["provisioner"]}
        spec = {
            "nfs": source,
            "claimRef": {"namespace": namespace, "name": name},
            "storageClassName": storage_class["metadata"]["name"],
            "persistentVolumeReclaimPolicy": storage_class["reclaimPolicy"],
        }
        super().create(
            {
                "apiVersion": "v1", "kind": "PersistentVolume", "spec": spec,
                "metadata": {"name": volume, "annotations": annotation},
            }
        )  # fmt: skip
        bound = {"spec": {"volumeName": volume}, "status": {"phase": "Bound"}}
        self.patch(claim, bound)

    def delete(self, manifest: Mapping[str, Any]) -> bool:
        """Delete an object; with a claim its volume, and its directory as its class says."""
        live = self.get(manifest)
        is_deleted = super().delete(manifest)
        if live and live["kind"] == "PersistentVolumeClaim" and "volumeName" in live["spec"]:
            self._delete_volume(live["spec"]["volumeName"])
        return is_deleted

    def _delete_volume(self, name: str) -> None:
        manifest = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}}
        live = self.get(manifest)
        storage_class = self._class(live["spec"]["storageClassName"]) if live else None
        if live is None or storage_class is None or not self.can_delete:
            return  # upstream's Delete reads the class, and fails without it
        super().delete(manifest)
        directory = live["spec"]["nfs"]["path"].rpartition("/")[2]
        self.directories.discard(directory)
        if storage_class["parameters"]["archiveOnDelete"] == "true":
            self.directories.add(f"archived-{directory}")

    def _class(self, name: str) -> dict[str, Any] | None:
        metadata = {"name": name}
        return self.get({"apiVersion": _STORAGE, "kind": "StorageClass", "metadata": metadata})

    def _deployments(self) -> list[dict[str, Any]]:
        return self.list("apps/v1", "Deployment")

    def _put(self, key: tuple[str, str, str, str], live: dict[str, Any]) -> dict[str, Any]:
        if live["kind"] == "Deployment":
            live["status"] = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
                              "availableReplicas": 1, "observedGeneration": 10**6}  # fmt: skip
        return super()._put(key, live)
