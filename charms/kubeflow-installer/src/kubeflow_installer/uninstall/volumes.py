"""The volumes of Kubeflow's claims: kept when the claims go, unless their data shall go too."""

from typing import Any, Callable, List, Mapping

from labkube.client.api import Api, Object

# What the policy was before we made it Retain; by it a volume is known when its claim is gone.
BEFORE = "app.lab-charms/reclaim-policy-before"
_RETAIN = "Retain"
# The claim is gone: a change of policy now would delete what was kept, or keep what shall go.
_ENDED = ("Released", "Failed")
_NO_SOURCE = (
    "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity",
    "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode",
)  # fmt: skip


def settle(api: Api, goes: Callable[[str, str], bool], delete_data: bool) -> List[str]:
    """Set the volumes of claims that go to what shall become of them.

    Args:
        api: The cluster.
        goes: Tells by namespace and name whether a claim goes.
        delete_data: Whether the volumes go with their claims, as their own policy says; what an
            earlier run made Retain gets its own policy back while its claim is still there.

    Returns:
        The volumes that stay, also those of earlier runs, each with claim, size and place.

    Raises:
        ApiError: When a request fails.
    """
    kept = []
    for volume in api.list("v1", "PersistentVolume"):
        if _claimed(volume, goes):
            volume = _policy_set(api, volume, delete_data)
            stays = volume["spec"].get("persistentVolumeReclaimPolicy") == _RETAIN
        else:
            stays = BEFORE in (volume["metadata"].get("annotations") or {})
        if stays:
            kept.append(told(volume))
    return kept


def _claimed(volume: Object, goes: Callable[[str, str], bool]) -> bool:
    ref = volume.get("spec", {}).get("claimRef") or {}
    ended = (volume.get("status") or {}).get("phase") in _ENDED
    return bool(ref) and not ended and goes(ref.get("namespace", ""), ref.get("name", ""))


def _policy_set(api: Api, volume: Object, delete_data: bool) -> Object:
    """Return the volume as it is afterwards; nothing is written where it is right already."""
    now = volume["spec"].get("persistentVolumeReclaimPolicy", _RETAIN)
    noted = (volume["metadata"].get("annotations") or {}).get(BEFORE)
    own = noted or now
    policy = own if delete_data else _RETAIN
    note = own if policy == _RETAIN else None
    if (now, noted) == (policy, note):
        return volume
    patch = {
        "metadata": {"annotations": {BEFORE: note}},
        "spec": {"persistentVolumeReclaimPolicy": policy},
    }
    return dict(api.patch(volume, patch), apiVersion="v1", kind="PersistentVolume")


def told(volume: Object) -> str:
    """Return a volume in words: PV NAME (NAMESPACE/CLAIM, SIZE, where its data is)."""
    spec = volume["spec"]
    ref = spec.get("claimRef") or {}
    size = (spec.get("capacity") or {}).get("storage", "?")
    claim = "%s/%s" % (ref.get("namespace", ""), ref.get("name", ""))
    return "PV %s (%s, %s, %s)" % (volume["metadata"]["name"], claim, size, _where(spec))


def _where(spec: Mapping[str, Any]) -> str:
    kind = next((key for key in sorted(spec) if key not in _NO_SOURCE), "")
    source = spec.get(kind) or {}
    if kind == "nfs":
        return "nfs %s:%s" % (source.get("server"), source.get("path"))
    if kind == "csi":
        return "csi %s %s" % (source.get("driver"), source.get("volumeHandle"))
    if kind == "rbd":
        return "rbd %s/%s" % (source.get("pool", "rbd"), source.get("image"))
    if kind in ("hostPath", "local"):
        return "%s %s%s" % (kind, source.get("path"), _on_node(spec))
    return kind or "?"


def _on_node(spec: Mapping[str, Any]) -> str:
    """Return the nodes that a volume is bound to, where it is to some."""
    required = (spec.get("nodeAffinity") or {}).get("required") or {}
    names = [
        name
        for term in required.get("nodeSelectorTerms") or []
        for rule in term.get("matchExpressions") or []
        if rule.get("key") == "kubernetes.io/hostname"
        for name in rule.get("values") or []
    ]
    return " on %s" % ", ".join(names) if names else ""
