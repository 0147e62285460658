"""Foreign objects that deleting MetalLB's namespace or definitions would delete as well."""

from typing import Callable, Iterable, List, NamedTuple

from labcharm.json_types import JsonObject
from labkube.client.api import Api, UnknownKindError
from metallb.config.custom_resources import CUSTOM_RESOURCE_KINDS
from metallb.manifests.namespace import NAMESPACE

# The kinds whose foreign objects keep the namespace.
_KINDS = (
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("v1", "Pod"),
    *CUSTOM_RESOURCE_KINDS,
)
# Objects that the control plane and MetalLB create by themselves, by name.
_GENERATED_NAMES = (
    "kube-root-ca.crt", "default", "memberlist", "metallb.io", "controller", "speaker",
)  # fmt: skip


class ForeignObject(NamedTuple):
    """An object that another user of the cluster made."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def foreign_objects(api: Api, is_owned: Callable[[JsonObject], bool]) -> List[ForeignObject]:
    """Return the objects in MetalLB's namespace that are neither owned nor generated.

    Args:
        api: The cluster.
        is_owned: Returns whether an object on the cluster belongs to this application.
    """
    return [
        ForeignObject(kind, live["metadata"]["name"])
        for api_version, kind in _KINDS
        for live in _objects_in_namespace(api, api_version, kind)
        if not is_owned(live) and not _is_generated(live)
    ]


def _objects_in_namespace(api: Api, api_version: str, kind: str) -> List[JsonObject]:
    try:
        served = api.kind(api_version, kind)
        path = f"{served.path}/namespaces/{NAMESPACE}/{served.plural}"
        objects: List[JsonObject] = api.request("GET", path).get("items", [])
    except UnknownKindError:
        return []
    return objects


def _is_generated(live: JsonObject) -> bool:
    metadata = live["metadata"]
    annotations = metadata.get("annotations") or {}
    account = annotations.get("kubernetes.io/service-account.name", "")
    names = {metadata["name"], account}
    return bool(metadata.get("ownerReferences") or names.intersection(_GENERATED_NAMES))


def would_delete(owned: JsonObject, foreign: Iterable[ForeignObject]) -> bool:
    """Return whether deleting an owned object would delete foreign ones as well."""
    if owned["kind"] == "Namespace":
        return True
    if owned["kind"] != "CustomResourceDefinition":
        return False
    defined_kind = owned.get("spec", {}).get("names", {}).get("kind")
    return any(defined_kind == foreign_object.kind for foreign_object in foreign)
