"""The API's JSON as the types of ``model``. A missing field has the default of its type."""

from __future__ import annotations

from collections.abc import Iterator

from ..fields import JsonObject, mapping_at, mappings_at, shortened, text_at
from .model import GPU_RESOURCE, LoadBalancer, Node, Pod, StorageClass

_DEFAULT_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
# A controller replaces a pod that ended for one of these reasons, and the ended pod stays.
_REPLACED = frozenset(
    ("Evicted", "NodeAffinity", "NodeLost", "NodeShutdown", "Preempting", "Shutdown", "Terminated")
)


def decode_node(document: JsonObject) -> Node:
    """Return a node."""
    status, spec = mapping_at(document, "status"), mapping_at(document, "spec")
    ready = _condition(status, "Ready")
    is_ready = ready.get("status") == "True"
    return Node(
        name=_name(document),
        is_ready=is_ready,
        message=""
        if is_ready
        else shortened(text_at(ready, "message") or "its kubelet reports nothing"),
        kubelet_version=text_at(mapping_at(status, "nodeInfo"), "kubeletVersion"),
        gpu_capacity=_count(mapping_at(status, "capacity").get(GPU_RESOURCE)),
        gpu_allocatable=_count(mapping_at(status, "allocatable").get(GPU_RESOURCE)),
        is_schedulable=spec.get("unschedulable") is not True,
        labels=_labels(document),
        addresses=tuple(text_at(entry, "address") for entry in mappings_at(status, "addresses")),
    )


def decode_pod(document: JsonObject) -> Pod:
    """Return a pod."""
    status, spec = mapping_at(document, "status"), mapping_at(document, "spec")
    phase = text_at(status, "phase") or "Unknown"
    is_ending = bool(mapping_at(document, "metadata").get("deletionTimestamp"))
    return Pod(
        namespace=text_at(mapping_at(document, "metadata"), "namespace"),
        name=_name(document),
        node=text_at(spec, "nodeName"),
        phase=phase,
        problem="" if is_ending else shortened(_problem(phase, status)),
        gpu_requests=0 if phase in ("Succeeded", "Failed") else _gpus(spec),
    )


def decode_storage_class(document: JsonObject) -> StorageClass:
    """Return a storage class."""
    annotations = mapping_at(mapping_at(document, "metadata"), "annotations")
    return StorageClass(
        name=_name(document),
        provisioner=text_at(document, "provisioner"),
        is_default=any(annotations.get(key) == "true" for key in _DEFAULT_CLASS),
    )


def decode_load_balancer(document: JsonObject) -> LoadBalancer | None:
    """Return a service of the type LoadBalancer; None for any other service."""
    spec = mapping_at(document, "spec")
    if spec.get("type") != "LoadBalancer":
        return None
    addresses = mappings_at(mapping_at(mapping_at(document, "status"), "loadBalancer"), "ingress")
    ports = [port for port in mappings_at(spec, "ports") if port.get("protocol", "TCP") == "TCP"]
    return LoadBalancer(
        namespace=text_at(mapping_at(document, "metadata"), "namespace"),
        name=_name(document),
        addresses=tuple(text_at(entry, "ip") or text_at(entry, "hostname") for entry in addresses),
        tcp_ports=tuple(_count(port.get("port")) for port in ports),
    )


def _problem(phase: str, status: JsonObject) -> str:
    """Return why a pod does not run as it should; empty if it does."""
    if phase == "Succeeded" or text_at(status, "reason") in _REPLACED:
        return ""
    if phase == "Failed":
        return " ".join(["failed:", text_at(status, "reason"), text_at(status, "message")]).strip(
            ": "
        )
    faults = list(_container_faults(status))
    if faults:
        return faults[0]
    scheduled = _condition(status, "PodScheduled")
    if phase == "Pending" and scheduled.get("status") == "False":
        return f"not scheduled: {text_at(scheduled, 'message')}"
    if phase == "Running":
        return ""
    return "its node does not report" if phase == "Unknown" else "does not run yet"


def _container_faults(status: JsonObject) -> Iterator[str]:
    """Yield the faults of containers: of those that start first, then of the others."""
    for container in mappings_at(status, "initContainerStatuses"):
        if _reason(container) not in ("", "PodInitializing"):
            yield _fault(container)
    for container in mappings_at(status, "containerStatuses"):
        is_done = mapping_at(mapping_at(container, "state"), "terminated").get("exitCode") == 0
        if container.get("ready") is not True and not is_done:
            yield _fault(container)


def _fault(container: JsonObject) -> str:
    state = mapping_at(container, "state")
    name, reason = text_at(container, "name"), _reason(container)
    message = text_at(mapping_at(state, "waiting"), "message")
    if reason:
        return f"container {name}: {reason}{f': {message}' if message else ''}"
    return f"container {name} is not ready"


def _reason(container: JsonObject) -> str:
    """Return why a container waits, or how it ended with an error."""
    state = mapping_at(container, "state")
    ended = mapping_at(state, "terminated")
    has_failed = bool(ended) and ended.get("exitCode") != 0
    return text_at(mapping_at(state, "waiting"), "reason") or (
        (text_at(ended, "reason") or "Error") if has_failed else ""
    )


def _gpus(spec: JsonObject) -> int:
    """Return the GPUs that a pod holds. Its init containers run before the others."""
    together = sum(_gpus_of(container) for container in mappings_at(spec, "containers"))
    first = (_gpus_of(container) for container in mappings_at(spec, "initContainers"))
    return max([together, *first])


def _gpus_of(container: JsonObject) -> int:
    resources = mapping_at(container, "resources")
    limits, requests = mapping_at(resources, "limits"), mapping_at(resources, "requests")
    return _count(requests.get(GPU_RESOURCE, limits.get(GPU_RESOURCE)))


def _condition(status: JsonObject, kind: str) -> JsonObject:
    for condition in mappings_at(status, "conditions"):
        if condition.get("type") == kind:
            return condition
    return {}


def _name(document: JsonObject) -> str:
    return text_at(mapping_at(document, "metadata"), "name")


def _labels(document: JsonObject) -> dict[str, str]:
    labels = mapping_at(mapping_at(document, "metadata"), "labels")
    return {str(key): str(text) for key, text in labels.items()}


def _count(quantity: object) -> int:
    """Return a whole number, which the API writes as a text in quantities."""
    text = str(quantity)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
