"""How an object is named, and what it is found by."""

from typing import Any, Mapping, Tuple

Ref = Tuple[str, str, str, str]


def name_of(found: Mapping[str, Any]) -> str:
    """Return an object's name for people: kind, namespace and name."""
    metadata = found.get("metadata", {})
    namespace = metadata.get("namespace", "")
    return "%s %s%s" % (found.get("kind"), namespace + "/" if namespace else "", metadata["name"])


def ref_of(found: Mapping[str, Any]) -> Ref:
    """Return what an object is found by; the API group stands for all its versions."""
    metadata = found["metadata"]
    group = found["apiVersion"].rpartition("/")[0]
    return (group, found["kind"], metadata.get("namespace", ""), metadata["name"])
