"""The check `storage-class`: exactly one StorageClass is the default."""

from typing import List, Sequence

from kubeflow_installer.preflight.problems import Message
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labkube.client.api import Api

_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_BETA = "storageclass.beta.kubernetes.io/is-default-class"


def problems(api: Api) -> List[str]:
    """Describe why the cluster does not have exactly one default StorageClass.

    Raises:
        ApiError: When the classes cannot be listed.
    """
    classes = api.list("storage.k8s.io/v1", "StorageClass")
    defaults = sorted(_name(live) for live in classes if _is_default(live))
    if len(defaults) == 1:
        return []
    if defaults:
        return [_several_defaults(defaults)]
    return [_no_default(sorted(_name(live) for live in classes))]


def _name(storage_class: JsonObject) -> str:
    return str(storage_class["metadata"]["name"])


def _is_default(storage_class: JsonObject) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return "true" in (annotations.get(_DEFAULT), annotations.get(_BETA))


def _several_defaults(defaults: Sequence[str]) -> str:
    return Message(
        f"there are {len(defaults)} default StorageClasses ({summarize(defaults)}), but claims"
        " without a class need exactly one; for each other class: kubectl annotate --overwrite"
        f" storageclass NAME {_DEFAULT}=false {_BETA}-; or keep nfs-server's with its action"
        " sync-objects only-default=true",
        f"{len(defaults)} default StorageClasses; run nfs-server's sync-objects only-default=true",
    )


def _no_default(names: Sequence[str]) -> str:
    if not names:
        return "there is no StorageClass; deploy nfs-server, or another provisioner with a default"
    name = names[0] if len(names) == 1 else "NAME"
    return Message(
        f"no StorageClass is the default (there is {summarize(names)}):"
        f" kubectl annotate storageclass {name} {_DEFAULT}=true",
        "no StorageClass is the default; annotate one (the log has the command)",
    )
