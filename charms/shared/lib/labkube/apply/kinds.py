"""What is known of kinds: which come before which, and which ones a definition makes."""

from typing import Any, Iterable, List, Mapping

from labkube.client.api import Object
from labkube.client.references import DEFINITION, Kind

# Who must be there before whom; what is not named comes after the workloads, webhooks last.
_ORDER = (
    "Namespace", "CustomResourceDefinition", "PodSecurityPolicy", "PriorityClass",
    "ServiceAccount", "Secret", "ConfigMap", "StorageClass", "ClusterRole", "Role",
    "ClusterRoleBinding", "RoleBinding", "Service", "Deployment", "DaemonSet", "StatefulSet",
)  # fmt: skip
_LAST = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def in_order(objects: Iterable[Object]) -> List[Object]:
    """Sort objects so that each finds what it needs."""

    def rank(found: Object) -> int:
        kind = found["kind"]
        if kind in _LAST:
            return len(_ORDER) + 1
        return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)

    return sorted(objects, key=rank)


def defined_by(found: Mapping[str, Any]) -> List[Kind]:
    """Return the kinds that a definition lets the server have; none of another object."""
    if found["kind"] != DEFINITION:
        return []
    spec = found["spec"]
    # One of the first form may name a single version alone.
    versions = spec.get("versions") or [{"name": spec.get("version"), "served": True}]
    names = [one["name"] for one in versions if one.get("served")]
    return [("%s/%s" % (spec["group"], name), spec["names"]["kind"]) for name in names]
