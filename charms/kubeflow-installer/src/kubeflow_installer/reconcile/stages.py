"""The order in which a release's objects are applied, so that a first run meets nothing half-made.

Upstream repeats `kubectl apply` until nothing fails. Here each stage has what it needs from the
ones before it, so that a repetition is the exception.
"""

from typing import Any, Dict, Iterable, List, Mapping, Set, Tuple

Object = Dict[str, Any]
Stage = Tuple[str, List[Object]]

DEFINITIONS = "namespaces and definitions"
SETTINGS = "rights, settings and services"
POD_WEBHOOKS = "webhooks of pods"
WORKLOADS = "workloads"
RESOURCES = "custom resources"
WEBHOOKS = "webhooks"
STAGES = (DEFINITIONS, SETTINGS, POD_WEBHOOKS, WORKLOADS, RESOURCES, WEBHOOKS)

_DEFINITION = "CustomResourceDefinition"
_MUTATING = "MutatingWebhookConfiguration"
# An APIService whose pods do not run yet breaks discovery, and with it every namespace's end.
_LAST = ("ValidatingWebhookConfiguration", _MUTATING, "APIService")
_RUNNING = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet")
# Kinds without a namespace that every server has, of those that manifests bring.
_CLUSTER_WIDE = (
    "Namespace", _DEFINITION, "ClusterRole", "ClusterRoleBinding", "PriorityClass", "StorageClass",
    "PersistentVolume", "PodSecurityPolicy", "RuntimeClass", "IngressClass", "CSIDriver",
    "FlowSchema", "PriorityLevelConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", *_LAST,
)  # fmt: skip
# Groups of the server's own that do not end in .k8s.io.
_OWN_GROUPS = ("", "apps", "autoscaling", "batch", "extensions", "policy")


def stages(objects: Iterable[Object]) -> List[Stage]:
    """Return objects in the stages that they are applied in, each with its name for people.

    Namespaces and definitions; what pods read and reach; the mutating webhooks that see pods, so
    that no pod starts without its sidecar (their pods are outside of what they select); workloads;
    custom resources; the other webhooks last, as one without a running pod refuses what it covers.

    Args:
        objects: What is applied; their order within a stage stays.

    Returns:
        The stages that have objects; the objects are as `scoped` returns them.
    """
    wanted = scoped(objects)
    custom = set(_scopes(wanted))
    found: Dict[str, List[Object]] = {name: [] for name in STAGES}
    for one in wanted:
        found[_stage(one, custom)].append(one)
    return [(name, found[name]) for name in STAGES if found[name]]


def scoped(objects: Iterable[Object]) -> List[Object]:
    """Return objects with a namespace just where their kind has one.

    Built manifests have both faults: a ConfigMap without a namespace, which means "default", and
    cluster-wide custom resources with one, which the server drops, so that they would never be as
    wanted. A kind that is neither the server's own nor defined among the objects stays as it is.
    """
    wanted = list(objects)
    kinds = _scopes(wanted)
    return [_scoped(found, kinds) for found in wanted]


def _scoped(found: Object, kinds: Mapping[Tuple[str, str], bool]) -> Object:
    group, kind = _group(found), found["kind"]
    namespace = found["metadata"].get("namespace")
    if (group, kind) in kinds:
        has_one = kinds[(group, kind)]
    elif kind in _CLUSTER_WIDE:
        has_one = False
    elif group in _OWN_GROUPS or group.endswith(".k8s.io"):
        has_one = True
    else:
        return found
    if bool(namespace) == has_one:
        return found
    metadata = dict(found["metadata"])
    if has_one:
        metadata["namespace"] = "default"
    else:
        metadata.pop("namespace")
    return dict(found, metadata=metadata)


def _scopes(objects: Iterable[Object]) -> Dict[Tuple[str, str], bool]:
    """Return the kinds that are defined among objects, and whether they have namespaces."""
    return {
        (one["spec"]["group"], one["spec"]["names"]["kind"]): one["spec"]["scope"] == "Namespaced"
        for one in objects
        if one["kind"] == _DEFINITION
    }


def _stage(found: Object, custom: Set[Tuple[str, str]]) -> str:
    kind = found["kind"]
    if (_group(found), kind) in custom:
        return RESOURCES
    if kind in ("Namespace", _DEFINITION):
        return DEFINITIONS
    if kind == _MUTATING and _sees_pods(found):
        return POD_WEBHOOKS
    if kind in _LAST:
        return WEBHOOKS
    if kind in _RUNNING:
        return WORKLOADS
    group = _group(found)
    return SETTINGS if group in _OWN_GROUPS or group.endswith(".k8s.io") else RESOURCES


def _sees_pods(webhooks: Object) -> bool:
    return any(
        bool({"pods", "*", "*/*"} & set(rule.get("resources") or []))
        for webhook in webhooks.get("webhooks") or []
        for rule in webhook.get("rules") or []
        if bool({"", "*"} & set(rule.get("apiGroups") or []))
    )


def _group(found: Object) -> str:
    return str(found["apiVersion"].rpartition("/")[0])
