"""What holds an object that does not go, with the command that frees it; nothing is forced."""

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from labcharm.text import some
from labkube.apply.references import name_of
from labkube.client.api import Api, ApiError, Object, UnknownKindError

Kind = Tuple[str, str]

_APISERVICE = ("apiregistration.k8s.io/v1", "APIService")
_FREE = """kubectl patch %s --type=merge -p '{"metadata":{"finalizers":null}}'"""
# The server's words, with "admission" up to 1.12.
_WEBHOOK = re.compile(r'failed calling (?:admission )?webhook "([^"]+)"')
_WEBHOOK_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
# What a namespace shows when its content cannot be listed or does not go; servers from 1.16 on.
_CONDITIONS = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
)


def holding(api: Api, found: Object, kinds: Sequence[Kind]) -> List[str]:
    """Say what holds an object whose deletion was asked for.

    Args:
        api: The cluster.
        found: The object as it is.
        kinds: Every kind of the server, for what is left in a namespace.

    Raises:
        ApiError: When the API does not answer.
    """
    if found["kind"] == "Namespace":
        told = _in_namespace(api, found, kinds)
        return told or ["%s is not gone yet" % name_of(found)]
    return [_held(api, found)]


def refusal(api: Api, found: Object, error: ApiError, kinds: Sequence[Kind]) -> str:
    """Say why a deletion is refused; where a webhook without a server does it, by which."""
    told = "%s: %s" % (name_of(found), error)
    webhook = _WEBHOOK.search(str(error))
    config = _configuration_of(api, webhook.group(1), kinds) if webhook else None
    if config is None:
        return told
    mend = "; where nothing serves it any more: kubectl delete %s %s"
    return told + mend % (config["kind"].lower(), config["metadata"]["name"])


def unserved(api: Api) -> List[str]:
    """Name the APIServices whose server does not answer: with one, no namespace can go."""
    try:
        services = api.list(*_APISERVICE)
    except UnknownKindError:
        return []
    told = (
        "APIService %s has no server that answers (%s), and no namespace goes while it stands:"
        " kubectl delete apiservice %s"
    )
    found = [(one["metadata"]["name"], _unavailable(one)) for one in services]
    return [told % (name, reason, name) for name, reason in found if reason]


def _unavailable(service: Object) -> str:
    for one in (service.get("status") or {}).get("conditions") or []:
        if one.get("type") == "Available" and one.get("status") != "True":
            return str(one.get("reason") or one.get("message") or "not available")
    return ""


def _held(api: Api, found: Object) -> str:
    metadata = found["metadata"]
    finalizers = metadata.get("finalizers") or []
    if not finalizers:
        return "%s is not gone yet%s" % (name_of(found), _by_node(found))
    told = "%s is held by its finalizers %s; where what removes them is gone: " + _FREE
    return told % (name_of(found), ", ".join(finalizers), _argument(api, found))


def _by_node(found: Object) -> str:
    """Say on which node a pod still is; one that is gone never confirms its end."""
    node = found.get("spec", {}).get("nodeName") if found["kind"] == "Pod" else ""
    return " from node %s, which must be ready for that" % node if node else ""


def _argument(api: Api, found: Object) -> str:
    """Return what names an object on kubectl's command line."""
    plural = api.kind(found["apiVersion"], found["kind"]).plural
    group = found["apiVersion"].rpartition("/")[0]
    namespace = found["metadata"].get("namespace")
    where = " -n %s" % namespace if namespace else ""
    return "%s%s %s%s" % (plural, "." + group if group else "", found["metadata"]["name"], where)


def _in_namespace(api: Api, namespace: Object, kinds: Sequence[Kind]) -> List[str]:
    """Say what keeps a namespace: unserved groups first, as nothing is looked at before them.

    Newer servers delete pods before the rest, so what is not asked to go yet holds nothing.
    """
    told = unserved(api)
    left = _content(api, namespace["metadata"]["name"], kinds)
    left = [one for one in left if one["metadata"].get("deletionTimestamp")] or left
    held = [one for one in left if one["metadata"].get("finalizers")]
    told += [_held(api, one) for one in held[:3]]
    others = [name_of(one) + _by_node(one) for one in left if one not in held]
    if others:
        told.append("%s waits for %s" % (name_of(namespace), some(others)))
    return told or _conditions(namespace)


def _conditions(namespace: Object) -> List[str]:
    found = (namespace.get("status") or {}).get("conditions") or []
    return [
        "%s: %s" % (name_of(namespace), " ".join(str(one.get("message", "")).split()))
        for one in found
        if one.get("type") in _CONDITIONS and one.get("status") == "True"
    ]


def _content(api: Api, namespace: str, kinds: Sequence[Kind]) -> List[Object]:
    """Return what a namespace still has, each once; what tells of it (events) left out."""
    found: Dict[Any, Object] = {}
    for api_version, kind in kinds:
        if kind == "Event":
            continue
        for item in _inside(api, api_version, kind, namespace):
            found.setdefault(item["metadata"].get("uid"), item)
    return list(found.values())


def _inside(api: Api, api_version: str, kind: str, namespace: str) -> List[Object]:
    try:
        if not api.kind(api_version, kind).namespaced:
            return []
        sought: Mapping[str, Any] = {
            "apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace},
        }  # fmt: skip
        items = api.request("GET", api.path_of(sought, with_name=False)).get("items", [])
    except ApiError as error:
        if error.status in (0, 401):
            raise
        return []  # gone since, or its server answers nothing: told by `unserved`
    return [dict(item, apiVersion=api_version, kind=kind) for item in items]


def _configuration_of(api: Api, webhook: str, kinds: Sequence[Kind]) -> Optional[Object]:
    for api_version, kind in kinds:
        if kind in _WEBHOOK_KINDS:
            for one in api.list(api_version, kind):
                if any(entry.get("name") == webhook for entry in one.get("webhooks") or []):
                    return one
    return None


def called(found: Object) -> List[str]:
    """Return the namespaces that a webhook configuration or an APIService must reach."""
    if found["kind"] == "APIService":
        services = [(found.get("spec") or {}).get("service")]
    else:
        services = [
            (one.get("clientConfig") or {}).get("service")
            for one in found.get("webhooks") or []
            if one.get("failurePolicy") == "Fail"
        ]
    return sorted({str(one["namespace"]) for one in services if one})
