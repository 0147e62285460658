"""What blocks the deletion of an object, with the command that unblocks it.

The uninstall itself forces nothing: the administrator decides whether to run the command.
"""

import re
from typing import Dict, List, Optional, Sequence

from labcharm.json_types import JsonMapping, JsonObject
from labcharm.text import summarize
from labkube.client.api import Api, ApiError, UnknownKindError
from labkube.client.references import Kind, api_group, name_of
from labkube.inspect.readiness import condition

_API_SERVICE = ("apiregistration.k8s.io/v1", "APIService")
_NO_FINALIZERS = """--type=merge -p '{"metadata":{"finalizers":null}}'"""
# The server's message; it has the word "admission" up to 1.12.
_WEBHOOK = re.compile(r'failed calling (?:admission )?webhook "([^"]+)"')
_WEBHOOK_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
# Conditions of a namespace whose content cannot be listed or deleted; servers from 1.16 on.
_CONDITIONS = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
)


def describe_blockers(api: Api, live: JsonObject, kinds: Sequence[Kind]) -> List[str]:
    """Describe what blocks an object whose deletion was requested.

    Args:
        api: The cluster.
        live: The object as it is on the cluster.
        kinds: Every kind of the server, to list what a namespace still contains.

    Raises:
        ApiError: When the API does not answer.
    """
    if live["kind"] == "Namespace":
        blockers = _namespace_blockers(api, live, kinds)
        return blockers or [f"{name_of(live)} is still being deleted"]
    return [_object_blocker(api, live)]


def describe_refusal(api: Api, live: JsonObject, error: ApiError, kinds: Sequence[Kind]) -> str:
    """Describe why a deletion was refused; name the webhook if its missing server is the cause."""
    message = f"{name_of(live)}: {error}"
    match = _WEBHOOK.search(str(error))
    configuration = _configuration_of(api, match.group(1), kinds) if match else None
    if configuration is None:
        return message
    kind, name = configuration["kind"].lower(), configuration["metadata"]["name"]
    return f"{message}; if nothing serves this webhook any more: kubectl delete {kind} {name}"


def unserved_groups(api: Api) -> List[str]:
    """Describe the APIServices whose server does not answer.

    The server deletes no namespace while there is such an APIService.
    """
    try:
        services = api.list(*_API_SERVICE)
    except UnknownKindError:
        return []
    reasons = [(service["metadata"]["name"], _unavailable_reason(service)) for service in services]
    return [
        f"APIService {name} has no server that answers ({reason}), and no namespace can be deleted"
        f" while it exists: kubectl delete apiservice {name}"
        for name, reason in reasons
        if reason
    ]


def _unavailable_reason(service: JsonObject) -> str:
    available = condition(service, "Available")
    if not available or available.get("status") == "True":
        return ""
    return str(available.get("reason") or available.get("message") or "not available")


def _object_blocker(api: Api, live: JsonObject) -> str:
    name, finalizers = name_of(live), live["metadata"].get("finalizers") or []
    if not finalizers:
        return f"{name} is still being deleted{_pod_hint(live)}"
    names, argument = ", ".join(finalizers), _kubectl_argument(api, live)
    return (
        f"{name} is held by its finalizers {names}; if the controller that removes them is gone:"
        f" kubectl patch {argument} {_NO_FINALIZERS}"
    )


def _pod_hint(live: JsonObject) -> str:
    """Name the node of a pod; the kubelet of a lost node never confirms that the pod ended."""
    node = live.get("spec", {}).get("nodeName") if live["kind"] == "Pod" else ""
    return f" on node {node}, which must be ready to confirm that" if node else ""


def _kubectl_argument(api: Api, live: JsonObject) -> str:
    """Return the arguments that name an object on kubectl's command line."""
    plural = api.kind(live["apiVersion"], live["kind"]).plural
    group = api_group(live["apiVersion"])
    resource = f"{plural}.{group}" if group else plural
    metadata = live["metadata"]
    namespace = metadata.get("namespace")
    return f"{resource} {metadata['name']}" + (f" -n {namespace}" if namespace else "")


def _namespace_blockers(api: Api, namespace: JsonObject, kinds: Sequence[Kind]) -> List[str]:
    """Describe what blocks a namespace: unserved groups first, as they block everything else.

    Newer servers delete pods before the rest, so an object whose deletion has not begun blocks
    nothing.
    """
    blockers = unserved_groups(api)
    content = _content(api, namespace["metadata"]["name"], kinds)
    content = [live for live in content if live["metadata"].get("deletionTimestamp")] or content
    held = [live for live in content if live["metadata"].get("finalizers")]
    blockers += [_object_blocker(api, live) for live in held[:3]]
    waiting = [name_of(live) + _pod_hint(live) for live in content if live not in held]
    if waiting:
        blockers.append(f"{name_of(namespace)} waits for {summarize(waiting)}")
    return blockers or _failed_conditions(namespace)


def _failed_conditions(namespace: JsonObject) -> List[str]:
    conditions = (namespace.get("status") or {}).get("conditions") or []
    messages = [
        " ".join(str(entry.get("message", "")).split())
        for entry in conditions
        if entry.get("type") in _CONDITIONS and entry.get("status") == "True"
    ]
    return [f"{name_of(namespace)}: {message}" for message in messages]


def _content(api: Api, namespace: str, kinds: Sequence[Kind]) -> List[JsonObject]:
    """Return the objects that a namespace still contains, each once, without its events."""
    by_uid: Dict[str, JsonObject] = {}
    for api_version, kind in kinds:
        if kind == "Event":
            continue
        for live in _list_in(api, api_version, kind, namespace):
            by_uid.setdefault(live["metadata"].get("uid"), live)
    return list(by_uid.values())


def _list_in(api: Api, api_version: str, kind: str, namespace: str) -> List[JsonObject]:
    try:
        if not api.kind(api_version, kind).namespaced:
            return []
        reference: JsonMapping = {
            "apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace},
        }  # fmt: skip
        entries = api.request("GET", api.path_of(reference, with_name=False)).get("items", [])
    except ApiError as error:
        if error.status in (0, 401):
            raise
        return []  # the kind is gone, or its server does not answer (`unserved_groups`)
    return [dict(entry, apiVersion=api_version, kind=kind) for entry in entries]


def _configuration_of(api: Api, webhook: str, kinds: Sequence[Kind]) -> Optional[JsonObject]:
    """Return the webhook configuration that contains a webhook."""
    for api_version, kind in kinds:
        if kind in _WEBHOOK_KINDS:
            for configuration in api.list(api_version, kind):
                webhooks = configuration.get("webhooks") or []
                if any(entry.get("name") == webhook for entry in webhooks):
                    return configuration
    return None


def called_namespaces(live: JsonObject) -> List[str]:
    """Return the namespaces that a webhook configuration or an APIService must reach."""
    if live["kind"] == "APIService":
        services = [(live.get("spec") or {}).get("service")]
    else:
        services = [
            (webhook.get("clientConfig") or {}).get("service")
            for webhook in live.get("webhooks") or []
            if webhook.get("failurePolicy") == "Fail"
        ]
    return sorted({str(service["namespace"]) for service in services if service})
