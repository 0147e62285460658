"""The stages in which a release's objects are applied, so that each finds what it needs.

Upstream repeats `kubectl apply` until nothing fails. Here each stage finds what it needs in the
stages before it, so that a repetition is the exception.
"""

from typing import Dict, Iterable, List, Set, Tuple

from kubeflow_installer.transform.namespaces import (
    WEBHOOKS_AND_API_SERVICES,
    GroupKind,
    defined_scopes,
    is_built_in_group,
    with_fitting_namespaces,
)
from labcharm.json_types import JsonObject
from labkube.client.references import DEFINITION, api_group

Stage = Tuple[str, List[JsonObject]]

DEFINITIONS = "namespaces and definitions"
SETTINGS = "rights, settings and services"
POD_WEBHOOKS = "webhooks of pods"
WORKLOADS = "workloads"
RESOURCES = "custom resources"
WEBHOOKS = "webhooks"
STAGES = (DEFINITIONS, SETTINGS, POD_WEBHOOKS, WORKLOADS, RESOURCES, WEBHOOKS)

_MUTATING = "MutatingWebhookConfiguration"
# An APIService whose pods do not run yet breaks discovery, and with it the deletion of every
# namespace.
_LAST_KINDS = WEBHOOKS_AND_API_SERVICES
_WORKLOAD_KINDS = (
    "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet",
)  # fmt: skip


def stages(objects: Iterable[JsonObject]) -> List[Stage]:
    """Return objects in the stages that they are applied in, each with its name for people.

    Namespaces and definitions come first; then what pods read and reach; the mutating webhooks of
    pods, so that no pod starts without its sidecar (the webhooks' own pods are outside of what
    they select); workloads; custom resources; and the other webhooks last, because one without a
    running pod refuses the objects that it covers.

    Args:
        objects: The objects to apply; their order within a stage stays.

    Returns:
        The stages that have objects. Every object of a namespaced kind has a namespace, and no
        other object has one.
    """
    manifests = with_fitting_namespaces(objects)
    custom_kinds = set(defined_scopes(manifests))
    by_stage: Dict[str, List[JsonObject]] = {name: [] for name in STAGES}
    for manifest in manifests:
        by_stage[_stage_of(manifest, custom_kinds)].append(manifest)
    return [(name, by_stage[name]) for name in STAGES if by_stage[name]]


def _stage_of(manifest: JsonObject, custom_kinds: Set[GroupKind]) -> str:
    group, kind = api_group(manifest["apiVersion"]), manifest["kind"]
    if (group, kind) in custom_kinds:
        return RESOURCES
    if kind in ("Namespace", DEFINITION):
        return DEFINITIONS
    if kind == _MUTATING and _covers_pods(manifest):
        return POD_WEBHOOKS
    if kind in _LAST_KINDS:
        return WEBHOOKS
    if kind in _WORKLOAD_KINDS:
        return WORKLOADS
    return SETTINGS if is_built_in_group(group) else RESOURCES


def _covers_pods(configuration: JsonObject) -> bool:
    """Return whether a webhook configuration has a webhook that is called for pods."""
    return any(
        bool({"pods", "*", "*/*"} & set(rule.get("resources") or []))
        for webhook in configuration.get("webhooks") or []
        for rule in webhook.get("rules") or []
        if bool({"", "*"} & set(rule.get("apiGroups") or []))
    )
