"""What somebody else has within MetalLB's namespace or definitions, which would go with them."""

from typing import Any, Callable, List, Tuple

from labkube.client.api import Api, UnknownKindError
from metallb.config.resources import RESOURCES
from metallb.upstream.objects import NAMESPACE, Object

# Kinds whose objects of others keep a namespace; what the control plane and MetalLB make by
# themselves is known by name or owner.
_HELD = (
    "ConfigMap", "Secret", "Service", "ServiceAccount", "Deployment", "DaemonSet", "Pod",
)  # fmt: skip
_MADE = ("kube-root-ca.crt", "default", "memberlist", "metallb.io", "controller", "speaker")


def others(api: Api, owns: Callable[[Object], bool]) -> List[Tuple[str, str]]:
    """Return kind and name of what is in our namespace and neither ours nor made by itself.

    Args:
        api: The cluster.
        owns: Tells whether an object of the cluster is ours.
    """
    found = []
    for api_version, kind in [*_core_kinds(), *RESOURCES]:
        try:
            where = api.kind(api_version, kind)
            path = "%s/namespaces/%s/%s" % (where.path, NAMESPACE, where.plural)
            items = api.request("GET", path).get("items", [])
        except UnknownKindError:
            continue
        found += [
            (kind, "%s %s" % (kind, one["metadata"]["name"]))
            for one in items
            if not owns(one) and not _made_by_itself(one)
        ]
    return found


def holds(found: Object, kinds: Any) -> bool:
    """Tell whether an object of ours would take objects of these kinds along."""
    if found["kind"] == "Namespace":
        return True
    if found["kind"] != "CustomResourceDefinition":
        return False
    return found.get("spec", {}).get("names", {}).get("kind") in kinds


def _core_kinds() -> List[Tuple[str, str]]:
    apps = ("Deployment", "DaemonSet")
    return [("apps/v1" if kind in apps else "v1", kind) for kind in _HELD]


def _made_by_itself(found: Object) -> bool:
    metadata = found["metadata"]
    notes = metadata.get("annotations") or {}
    account = notes.get("kubernetes.io/service-account.name", "")
    return bool(metadata.get("ownerReferences")) or metadata["name"] in _MADE or account in _MADE
