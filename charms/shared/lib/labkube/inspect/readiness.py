"""Why an object does not serve yet, and why one is not gone yet."""

from labkube.apply.kinds import DEFINITION
from labkube.apply.references import name_of
from labkube.client.api import Object


def unready(live: Object) -> str:
    """Say why an object does not serve yet; empty when it does, or its kind tells nothing."""
    status = live.get("status") or {}
    conditions = {item.get("type"): item for item in status.get("conditions") or []}
    kind = live["kind"]
    if kind == DEFINITION:
        established = (conditions.get("Established") or {}).get("status") == "True"
        return "" if established else "is not established yet"
    if kind in ("Deployment", "StatefulSet"):
        wanted = live.get("spec", {}).get("replicas", 1)
        ready = status.get("readyReplicas", 0)
        return _count(ready, wanted, live)
    if kind == "DaemonSet":
        wanted = status.get("desiredNumberScheduled")
        return "is not scheduled yet" if wanted is None else _count(
            status.get("numberReady", 0), wanted, live
        )  # fmt: skip
    return ""


def _count(ready: int, wanted: int, live: Object) -> str:
    seen = (live.get("status") or {}).get("observedGeneration", 0)
    if seen < live["metadata"].get("generation", 0):
        return "is not looked at yet"
    return "" if ready >= wanted else "has %d of %d ready" % (ready, wanted)


def stuck(found: Object) -> str:
    """Name an object that was deleted and is still there, and what holds it back."""
    metadata = found["metadata"]
    held = metadata.get("finalizers") or found.get("spec", {}).get("finalizers") or []
    if held:
        return "%s is held by its finalizers %s" % (name_of(found), ", ".join(held))
    return "%s is not gone yet" % name_of(found)
