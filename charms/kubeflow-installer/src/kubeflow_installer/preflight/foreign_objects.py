"""What stands already where a release's objects would, and was made by somebody else."""

from typing import Any, Dict, List, Tuple

from labkube.apply.objects import Objects
from labkube.apply.references import name_of
from labkube.client.api import Api, Object, UnknownKindError

_EXTENSIONS, _ADMISSION = "apiextensions.k8s.io/%s", "admissionregistration.k8s.io/%s"
# The versions of the kinds that inventories name, the newest first.
_VERSIONS = {
    "Namespace": ("v1",),
    "PersistentVolumeClaim": ("v1",),
    "Deployment": ("apps/v1",),
    "StatefulSet": ("apps/v1",),
    "DaemonSet": ("apps/v1",),
    "Job": ("batch/v1",),
    "CronJob": ("batch/v1", "batch/v1beta1"),
    "CustomResourceDefinition": (_EXTENSIONS % "v1", _EXTENSIONS % "v1beta1"),
    "ValidatingWebhookConfiguration": (_ADMISSION % "v1", _ADMISSION % "v1beta1"),
    "MutatingWebhookConfiguration": (_ADMISSION % "v1", _ADMISSION % "v1beta1"),
}


def foreign(api: Api, objects: Objects, inventory: Any) -> List[str]:
    """Name the objects of the inventory that are there and not ours.

    What workloads make at run time is not looked for: it is never written here, so it is never
    overwritten.

    Args:
        api: The cluster.
        objects: Ours, by their labels.
        inventory: What the release consists of (`releases.inventory.Inventory`).

    Raises:
        ApiError: When a kind cannot be listed.
    """
    return [
        name_of(one)
        for kind, wanted in sorted(_named(inventory).items())
        if wanted
        for one in _of_kind(api, kind)
        if _place(one) in wanted and not _is_ours(api, objects, one)
    ]


def _named(inventory: Any) -> Dict[str, List[Tuple[str, str]]]:
    """Return namespace and name of what the inventory names, by kind."""
    found: Dict[str, List[Tuple[str, str]]] = {
        "Namespace": [("", name) for name in inventory.namespaces],
        "PersistentVolumeClaim": list(inventory.claims),
        "CustomResourceDefinition": [("", name) for name in inventory.definitions],
    }
    for kind, namespace, name in inventory.workloads:
        found.setdefault(kind, []).append((namespace, name))
    for kind, name in inventory.webhooks:
        found.setdefault(kind, []).append(("", name))
    return found


def _of_kind(api: Api, kind: str) -> List[Object]:
    for api_version in _VERSIONS.get(kind, ()):
        try:
            return api.list(api_version, kind)
        except UnknownKindError:
            continue
    return []


def _is_ours(api: Api, objects: Objects, found: Object) -> bool:
    """Tell whether we made it, or a controller for what we made (a Profile's namespace)."""
    owners = [] if objects.owns(found) else [api.get(one) for one in _owners(found)]
    return objects.owns(found) or any(one is not None and objects.owns(one) for one in owners)


def _owners(found: Object) -> List[Object]:
    """Return what an object is owned by, as far as is needed to look it up."""
    metadata = found["metadata"]
    namespace = metadata.get("namespace", "")
    return [
        {
            "apiVersion": one["apiVersion"],
            "kind": one["kind"],
            "metadata": {"name": one["name"], "namespace": namespace},
        }
        for one in metadata.get("ownerReferences") or []
    ]


def _place(found: Object) -> Tuple[str, str]:
    metadata = found["metadata"]
    return (metadata.get("namespace", ""), metadata["name"])
