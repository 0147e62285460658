"""What was applied last, as an annotation of the object keeps it."""

import copy
import hashlib
import json
from typing import Optional

from labkube.client.api import Object

APPLIED = "app.lab-charms/last-applied"
# The server refuses annotations beyond 256 KiB in all (apimachinery, TotalAnnotationSizeLimitB).
_LARGEST = 200 * 1024


def note_for(wanted: Object) -> str:
    """Return what the annotation holds: the object itself, or its digest where it is too large."""
    text = json.dumps(wanted, sort_keys=True, separators=(",", ":"))
    if wanted.get("kind") == "Secret" or len(text) > _LARGEST:
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return text


def with_note(wanted: Object) -> Object:
    """Return an object with the annotation, as it is written."""
    result = copy.deepcopy(wanted)
    result["metadata"].setdefault("annotations", {})[APPLIED] = note_for(wanted)
    return result


def note_of(live: Object) -> str:
    """Return the annotation of an object of the cluster; empty without one."""
    return str((live["metadata"].get("annotations") or {}).get(APPLIED, ""))


def last_applied(live: Object) -> Optional[Object]:
    """Return what was applied last; None where the annotation does not keep it."""
    text = note_of(live)
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    found["metadata"].setdefault("annotations", {})[APPLIED] = text
    return dict(found)


def was_applied(live: Object) -> bool:
    """Tell whether an object with our labels was applied by us, and not derived from one that was.

    Controllers copy labels: to Endpoints and EndpointSlices from their Service
    (endpoints_controller.go, `newEndpoints.Labels = service.Labels`); some copy annotations too:
    to a CertificateRequest from its Certificate. What was applied has our annotation, and that is
    of this very object. A digest does not say of which it is, so there its owner tells.

    Args:
        live: The object as it is on the server.
    """
    metadata = live["metadata"]
    if not note_of(live):
        return False
    noted = last_applied(live)
    if noted is None:
        return not any(one.get("controller") for one in metadata.get("ownerReferences") or [])
    # One without a namespace lies in `default`; one of no namespace may have been given some.
    namespaces = (noted["metadata"].get("namespace"), metadata.get("namespace"))
    apart = all(namespaces) and namespaces[0] != namespaces[1]
    same = (noted.get("kind"), noted["metadata"].get("name")) == (live["kind"], metadata["name"])
    return same and not apart
