"""The order in which kinds are applied, and the kinds that a definition adds to a server."""

from typing import Iterable, List

from labcharm.json_types import JsonMapping, JsonObject
from labkube.client.references import DEFINITION, Kind

# Each kind before those that need it. Kinds that are not listed come after the workloads, and
# webhooks come last.
_ORDER = (
    "Namespace", "CustomResourceDefinition", "PodSecurityPolicy", "PriorityClass",
    "ServiceAccount", "Secret", "ConfigMap", "StorageClass", "ClusterRole", "Role",
    "ClusterRoleBinding", "RoleBinding", "Service", "Deployment", "DaemonSet", "StatefulSet",
)  # fmt: skip
_LAST = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def in_apply_order(objects: Iterable[JsonObject]) -> List[JsonObject]:
    """Sort objects so that each comes after those that it needs."""

    def rank(manifest: JsonObject) -> int:
        kind = manifest["kind"]
        if kind in _LAST:
            return len(_ORDER) + 1
        return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)

    return sorted(objects, key=rank)


def kinds_defined_by(manifest: JsonMapping) -> List[Kind]:
    """Return the kinds that a CustomResourceDefinition adds; none for another object."""
    if manifest["kind"] != DEFINITION:
        return []
    spec = manifest["spec"]
    # A definition of the API version v1beta1 may name a single version alone.
    versions = spec.get("versions") or [{"name": spec.get("version"), "served": True}]
    served = [version["name"] for version in versions if version.get("served")]
    return [(f"{spec['group']}/{name}", spec["names"]["kind"]) for name in served]
