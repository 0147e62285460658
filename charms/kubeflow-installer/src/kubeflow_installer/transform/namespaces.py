"""Give a namespace to each object of a namespaced kind, and to no other object.

Built manifests contain ConfigMaps without a namespace, which means "default". They also contain
cluster-wide custom resources with a namespace, which the server drops, so that they would never be
in their desired state.
"""

from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from labcharm.json_types import JsonObject
from labkube.client.references import DEFINITION, api_group

# API group and kind.
GroupKind = Tuple[str, str]

# The last kinds to be applied, all cluster-wide.
WEBHOOKS_AND_API_SERVICES = (
    "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService",
)  # fmt: skip
# Cluster-wide kinds that every server has and that manifests contain.
_CLUSTER_WIDE = (
    "Namespace", DEFINITION, "ClusterRole", "ClusterRoleBinding", "PriorityClass", "StorageClass",
    "PersistentVolume", "PodSecurityPolicy", "RuntimeClass", "IngressClass", "CSIDriver",
    "FlowSchema", "PriorityLevelConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", *WEBHOOKS_AND_API_SERVICES,
)  # fmt: skip
# The server's own groups that do not end in .k8s.io.
_BUILT_IN_GROUPS = ("", "apps", "autoscaling", "batch", "extensions", "policy")


def with_fitting_namespaces(manifests: Iterable[JsonObject]) -> List[JsonObject]:
    """Return objects with a namespace if, and only if, their kind is namespaced.

    A kind that is neither the server's own nor defined among the objects stays as it is.
    """
    objects = list(manifests)
    scopes = defined_scopes(objects)
    return [_with_fitting_namespace(manifest, scopes) for manifest in objects]


def defined_scopes(manifests: Iterable[JsonObject]) -> Dict[GroupKind, bool]:
    """Return the kinds that are defined among objects, and whether they have namespaces."""
    return {
        (spec["group"], spec["names"]["kind"]): spec["scope"] == "Namespaced"
        for spec in (manifest["spec"] for manifest in manifests if manifest["kind"] == DEFINITION)
    }


def is_built_in_group(group: str) -> bool:
    """Return whether an API group is one of the server's own."""
    return group in _BUILT_IN_GROUPS or group.endswith(".k8s.io")


def _with_fitting_namespace(manifest: JsonObject, scopes: Mapping[GroupKind, bool]) -> JsonObject:
    is_namespaced = _is_namespaced(manifest, scopes)
    has_namespace = bool(manifest["metadata"].get("namespace"))
    if is_namespaced is None or is_namespaced == has_namespace:
        return manifest
    metadata = dict(manifest["metadata"])
    if is_namespaced:
        metadata["namespace"] = "default"
    else:
        metadata.pop("namespace")
    return dict(manifest, metadata=metadata)


def _is_namespaced(manifest: JsonObject, scopes: Mapping[GroupKind, bool]) -> Optional[bool]:
    """Return whether an object's kind has a namespace; None where that is not known."""
    group, kind = api_group(manifest["apiVersion"]), manifest["kind"]
    if (group, kind) in scopes:
        return scopes[(group, kind)]
    if kind in _CLUSTER_WIDE:
        return False
    return True if is_built_in_group(group) else None
