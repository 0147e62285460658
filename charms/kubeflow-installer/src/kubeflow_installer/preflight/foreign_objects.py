"""The check `foreign-objects`: objects that others made under the names of a release's objects."""

from typing import Dict, List, Tuple

from kubeflow_installer.releases.inventory import Inventory
from labcharm.json_types import JsonObject
from labkube.apply.objects import Objects
from labkube.client.api import Api, UnknownKindError
from labkube.client.references import name_of

# API versions of the kinds that inventories name, the newest first.
_VERSIONS = {
    "Namespace": ("v1",),
    "PersistentVolumeClaim": ("v1",),
    "Deployment": ("apps/v1",),
    "StatefulSet": ("apps/v1",),
    "DaemonSet": ("apps/v1",),
    "Job": ("batch/v1",),
    "CronJob": ("batch/v1", "batch/v1beta1"),
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"),
    "ValidatingWebhookConfiguration": (
        "admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1",
    ),
    "MutatingWebhookConfiguration": (
        "admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1",
    ),
}  # fmt: skip
_Key = Tuple[str, str]  # namespace (empty where there is none) and name


def names(api: Api, objects: Objects, inventory: Inventory) -> List[str]:
    """Return the names of existing objects that are in the inventory but that others made.

    Objects that workloads create at run time are not considered: the charm never writes them, so
    it never overwrites any.

    Args:
        api: The cluster.
        objects: The application's objects, by their labels.
        inventory: What the release consists of.

    Raises:
        ApiError: When a kind cannot be listed.
    """
    return [
        name_of(live)
        for kind, keys in sorted(_keys_by_kind(inventory).items())
        if keys
        for live in _list(api, kind)
        if _key(live) in keys and not _is_owned(api, objects, live)
    ]


def _keys_by_kind(inventory: Inventory) -> Dict[str, List[_Key]]:
    keys: Dict[str, List[_Key]] = {
        "Namespace": [("", name) for name in inventory.namespaces],
        "PersistentVolumeClaim": list(inventory.claims),
        "CustomResourceDefinition": [("", name) for name in inventory.definitions],
    }
    for kind, namespace, name in inventory.workloads:
        keys.setdefault(kind, []).append((namespace, name))
    for kind, name in inventory.webhooks:
        keys.setdefault(kind, []).append(("", name))
    return keys


def _list(api: Api, kind: str) -> List[JsonObject]:
    for api_version in _VERSIONS.get(kind, ()):
        try:
            return api.list(api_version, kind)
        except UnknownKindError:
            continue
    return []


def _is_owned(api: Api, objects: Objects, live: JsonObject) -> bool:
    """Return whether the application made an object, or a controller did for one of its objects.

    The namespace of a Profile is made by a controller.
    """
    if objects.owns(live):
        return True
    owners = [api.get(reference) for reference in _owners(live)]
    return any(owner is not None and objects.owns(owner) for owner in owners)


def _owners(live: JsonObject) -> List[JsonObject]:
    """Return references to the owners of an object."""
    metadata = live["metadata"]
    namespace = metadata.get("namespace", "")
    return [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "metadata": {"name": owner["name"], "namespace": namespace},
        }
        for owner in metadata.get("ownerReferences") or []
    ]


def _key(live: JsonObject) -> _Key:
    metadata = live["metadata"]
    return (metadata.get("namespace", ""), metadata["name"])
