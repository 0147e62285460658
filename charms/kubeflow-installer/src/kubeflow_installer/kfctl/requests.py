"""The requests of kfctl to the API: what they name, and the objects in them."""

import copy
from typing import Any, NamedTuple, Optional
from urllib.parse import unquote

from labcharm.documents import parse_object
from labcharm.json_types import JsonObject

# kubectl's own copy of what it applied: the object as kfctl sent it, before it is transformed.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SERVER_FIELDS = ("resourceVersion", "uid", "selfLink", "generation", "managedFields")


class Answer(NamedTuple):
    """An answer to a request: its HTTP status and its body."""

    status: int
    document: JsonObject


class Target(NamedTuple):
    """An object, or a list of objects, that a path of the API names.

    Attributes:
        group: The API group.
        namespace: The namespace; empty where there is none.
        plural: The kind's name in the path.
        name: The object's name; empty for a list.
        subresource: The rest of the path.
    """

    group: str
    namespace: str
    plural: str
    name: str
    subresource: str


def parse_path(path: str) -> Optional[Target]:
    """Return what a path of the API names; None when it names no object and no list of them."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    return Target(group, namespace, rest[0], name, "/".join(rest[2:]))


def refusal(code: int, reason: str, message: str) -> Answer:
    """Return an answer that refuses a request, as an API server writes it."""
    document = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return Answer(code, document)


def without_server_fields(manifest: JsonObject, namespace: str) -> JsonObject:
    """Return an object without the fields that servers and kubectl add.

    Args:
        manifest: The object.
        namespace: The namespace of the request, for an object that names none; empty where the
            object has none.
    """
    plain = copy.deepcopy(manifest)
    plain.pop("status", None)
    metadata = plain["metadata"]
    for field in _SERVER_FIELDS:
        metadata.pop(field, None)
    if metadata.get("creationTimestamp", "") is None:
        del metadata["creationTimestamp"]
    annotations = metadata.get("annotations") or {}
    if annotations.pop(LAST_APPLIED, None) is not None and not annotations:
        del metadata["annotations"]
    if namespace and not metadata.get("namespace"):
        metadata["namespace"] = namespace
    return plain


def merge(before: Any, after: Any) -> Any:
    """Return two mappings as one; the later one takes precedence."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    both = {key: merge(before[key], after[key]) for key in before if key in after}
    return dict(before, **dict(after, **both))


def last_applied(document: Any) -> Optional[JsonObject]:
    """Return the whole object in a change that kubectl sends; None where it holds none."""
    if not isinstance(document, dict):
        return None
    metadata = document.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    text = annotations.get(LAST_APPLIED) if isinstance(annotations, dict) else None
    return parse_object(text) if isinstance(text, str) else None
