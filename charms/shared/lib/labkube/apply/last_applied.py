"""The annotation in which an object carries what was applied last."""

import hashlib
import json
from typing import Optional

from labcharm.documents import parse_object
from labcharm.json_types import JsonObject

LAST_APPLIED = "app.lab-charms/last-applied"
# The server refuses annotations beyond 256 KiB in all (apimachinery, TotalAnnotationSizeLimitB).
_LARGEST = 200 * 1024
_DIGEST = "sha256:"


def annotation_for(manifest: JsonObject) -> str:
    """Return the annotation's text: the object itself, or a digest of it.

    A Secret is kept as a digest, so that its content is not copied to where others may read it. An
    object that is too large for an annotation is kept as a digest too.
    """
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    if manifest.get("kind") == "Secret" or len(text) > _LARGEST:
        return _DIGEST + hashlib.sha256(text.encode()).hexdigest()
    return text


def with_annotation(manifest: JsonObject) -> JsonObject:
    """Return an object with the annotation, as it is written to the server; parts are shared."""
    metadata = manifest["metadata"]
    annotations = dict(metadata.get("annotations") or {})
    annotations[LAST_APPLIED] = annotation_for(manifest)
    return dict(manifest, metadata=dict(metadata, annotations=annotations))


def annotation_of(live: JsonObject) -> str:
    """Return the annotation of a live object; empty without one."""
    return str((live["metadata"].get("annotations") or {}).get(LAST_APPLIED, ""))


def is_digest(annotation: str) -> bool:
    """Return whether an annotation is a digest, and not the object itself."""
    return annotation.startswith(_DIGEST)


def last_applied(live: JsonObject) -> Optional[JsonObject]:
    """Return what was applied last, with the annotation; None where only a digest was kept."""
    text = annotation_of(live)
    if not text.startswith("{"):
        return None
    manifest = parse_object(text)
    if manifest is None or not _is_object(manifest):
        return None  # somebody has edited the annotation
    manifest["metadata"].setdefault("annotations", {})[LAST_APPLIED] = text
    return manifest


def _is_object(manifest: JsonObject) -> bool:
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("annotations", {}), dict):
        return False
    names = (manifest.get("apiVersion"), manifest.get("kind"), metadata.get("name"))
    return all(isinstance(name, str) for name in names)


def was_applied(live: JsonObject) -> bool:
    """Return whether an object with the application's labels was applied by the application.

    Controllers copy labels: to Endpoints and EndpointSlices from their Service
    (endpoints_controller.go, `newEndpoints.Labels = service.Labels`). Some copy annotations too:
    to a CertificateRequest from its Certificate. An object that was applied has the annotation,
    and the annotation describes this very object. A digest does not show which object it
    describes, so there an owner reference distinguishes a copy from the original.

    Args:
        live: The object as it is on the server.
    """
    metadata = live["metadata"]
    if not annotation_of(live):
        return False
    applied = last_applied(live)
    if applied is None:
        owners = metadata.get("ownerReferences") or []
        return not any(owner.get("controller") for owner in owners)
    # An object that was applied without a namespace is in `default`; a cluster-wide object may
    # have been applied with a namespace.
    namespaces = (applied["metadata"].get("namespace"), metadata.get("namespace"))
    is_elsewhere = all(namespaces) and namespaces[0] != namespaces[1]
    names = (applied.get("kind"), applied["metadata"].get("name"))
    return names == (live["kind"], metadata["name"]) and not is_elsewhere
