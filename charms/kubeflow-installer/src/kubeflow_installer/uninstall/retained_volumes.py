"""The volumes of Kubeflow's claims: retained after the claims, unless data is deleted too."""

from typing import Callable, List

from labcharm.json_types import JsonMapping, JsonObject
from labkube.client.api import Api

# The reclaim policy before the uninstall changed it to Retain. The annotation also marks a
# retained volume whose claim is gone.
POLICY_BEFORE = "app.lab-charms/reclaim-policy-before"
_RETAIN = "Retain"
# The claim is gone: changing the policy now would delete what was retained, or retain what is to
# be deleted.
_RELEASED_PHASES = ("Released", "Failed")
# Fields of a volume's spec that are not its source.
_COMMON_FIELDS = (
    "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity",
    "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode",
)  # fmt: skip


def set_reclaim_policies(
    api: Api, is_deleted: Callable[[str, str], bool], delete_data: bool
) -> List[str]:
    """Set the reclaim policy of each volume whose claim is going to be deleted.

    Args:
        api: The cluster.
        is_deleted: Returns by namespace and name whether a claim is going to be deleted.
        delete_data: Whether volumes are deleted with their claims, as their own policy says. A
            volume that an earlier run changed to Retain gets its own policy back while its claim
            still exists.

    Returns:
        The retained volumes, also those of earlier runs, each with claim, size and source.

    Raises:
        ApiError: When a request fails.
    """
    retained = []
    for volume in api.list("v1", "PersistentVolume"):
        if _has_deleted_claim(volume, is_deleted):
            volume = _with_policy(api, volume, delete_data)
            is_retained = volume["spec"].get("persistentVolumeReclaimPolicy") == _RETAIN
        else:
            is_retained = POLICY_BEFORE in (volume["metadata"].get("annotations") or {})
        if is_retained:
            retained.append(describe(volume))
    return retained


def _has_deleted_claim(volume: JsonObject, is_deleted: Callable[[str, str], bool]) -> bool:
    claim = volume.get("spec", {}).get("claimRef") or {}
    is_released = (volume.get("status") or {}).get("phase") in _RELEASED_PHASES
    return (
        bool(claim)
        and not is_released
        and is_deleted(claim.get("namespace", ""), claim.get("name", ""))
    )


def _with_policy(api: Api, volume: JsonObject, delete_data: bool) -> JsonObject:
    """Set a volume's policy unless it is right already; return the volume."""
    current = volume["spec"].get("persistentVolumeReclaimPolicy", _RETAIN)
    recorded = (volume["metadata"].get("annotations") or {}).get(POLICY_BEFORE)
    original = recorded or current
    policy = original if delete_data else _RETAIN
    annotation = original if policy == _RETAIN else None
    if (current, recorded) == (policy, annotation):
        return volume
    patch = {
        "metadata": {"annotations": {POLICY_BEFORE: annotation}},
        "spec": {"persistentVolumeReclaimPolicy": policy},
    }
    return dict(api.patch(volume, patch), apiVersion="v1", kind="PersistentVolume")


def describe(volume: JsonObject) -> str:
    """Return a description of a volume: PV NAME (NAMESPACE/CLAIM, SIZE, SOURCE)."""
    spec = volume["spec"]
    claim = spec.get("claimRef") or {}
    size = (spec.get("capacity") or {}).get("storage", "?")
    claim_name = f"{claim.get('namespace', '')}/{claim.get('name', '')}"
    return f"PV {volume['metadata']['name']} ({claim_name}, {size}, {_source(spec)})"


def _source(spec: JsonMapping) -> str:
    """Return where a volume's data is."""
    kind = next((key for key in sorted(spec) if key not in _COMMON_FIELDS), "")
    source = spec.get(kind) or {}
    if kind == "nfs":
        return f"nfs {source.get('server')}:{source.get('path')}"
    if kind == "csi":
        return f"csi {source.get('driver')} {source.get('volumeHandle')}"
    if kind == "rbd":
        return f"rbd {source.get('pool', 'rbd')}/{source.get('image')}"
    if kind in ("hostPath", "local"):
        return f"{kind} {source.get('path')}{_node_names(spec)}"
    return kind or "?"


def _node_names(spec: JsonMapping) -> str:
    """Return " on NODES" for a volume that is bound to nodes; otherwise an empty string."""
    required = (spec.get("nodeAffinity") or {}).get("required") or {}
    names = [
        name
        for term in required.get("nodeSelectorTerms") or []
        for rule in term.get("matchExpressions") or []
        if rule.get("key") == "kubernetes.io/hostname"
        for name in rule.get("values") or []
    ]
    return f" on {', '.join(names)}" if names else ""
