"""What the status of a live object says: whether it is ready, and why it is not, or not gone."""

from typing import List, Optional

from labcharm.json_types import JsonObject
from labkube.client.references import DEFINITION, name_of


def condition(live: Optional[JsonObject], condition_type: str) -> JsonObject:
    """Return a condition of an object by its type; an empty mapping where it has none."""
    for entry in _status(live).get("conditions") or []:
        if entry.get("type") == condition_type:
            return dict(entry)
    return {}


def has_condition(live: Optional[JsonObject], condition_type: str, status: str = "True") -> bool:
    """Return whether an object has a condition with this status."""
    return condition(live, condition_type).get("status") == status


def is_ready(live: Optional[JsonObject]) -> bool:
    """Return whether a pod or a node is ready; one that does not exist is not."""
    return has_condition(live, "Ready")


def phase_of(live: Optional[JsonObject], default: str = "") -> str:
    """Return the phase of a pod, claim, volume or namespace.

    Args:
        live: The object; None where it does not exist.
        default: What to return where it does not exist or has no phase yet.
    """
    return str(_status(live).get("phase") or default)


def load_balancer_entries(service: Optional[JsonObject]) -> List[JsonObject]:
    """Return what a service of type LoadBalancer was given: entries with `ip` or `hostname`."""
    return list((_status(service).get("loadBalancer") or {}).get("ingress") or [])


def not_ready_reason(live: JsonObject) -> str:
    """Return why an object does not serve yet: the rest of a sentence that begins with its name.

    Empty when the object serves, or when its kind has no such status.
    """
    kind = live["kind"]
    if kind == DEFINITION:
        return "" if has_condition(live, "Established") else "is not established yet"
    if kind in ("Deployment", "StatefulSet"):
        return _count_ready(live, "readyReplicas", live.get("spec", {}).get("replicas", 1))
    if kind == "DaemonSet":
        scheduled = _status(live).get("desiredNumberScheduled")
        if scheduled is None:
            return "is not scheduled yet"
        return _count_ready(live, "numberReady", scheduled)
    return ""


def _count_ready(live: JsonObject, field: str, desired: int) -> str:
    status = _status(live)
    if status.get("observedGeneration", 0) < live["metadata"].get("generation", 0):
        return "is not observed by its controller yet"
    ready = status.get(field, 0)
    return "" if ready >= desired else f"has {ready} of {desired} ready"


def not_deleted_reason(live: JsonObject) -> str:
    """Return why an object still exists after its deletion, as a sentence with its name."""
    metadata = live["metadata"]
    finalizers = metadata.get("finalizers") or live.get("spec", {}).get("finalizers") or []
    if finalizers:
        return f"{name_of(live)} is held by its finalizers {', '.join(finalizers)}"
    return f"{name_of(live)} is not gone yet"


def _status(live: Optional[JsonObject]) -> JsonObject:
    return dict((live or {}).get("status") or {})
