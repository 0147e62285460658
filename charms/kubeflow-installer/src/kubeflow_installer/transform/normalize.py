"""Bring objects into the form in which the server and a release's programs leave them.

Otherwise an object would never be in its desired state: every reconcile would write it, or compete
with the program that owns the field.
"""

import base64
import re
from typing import Any, Iterable, List, Optional

from labcharm.json_types import JsonObject
from labkube.inspect.quantity import canonical_quantity

_WEBHOOK_KINDS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_SERVER_VERSIONS = re.compile(r"(v1|apps/.*|batch/.*|extensions/.*)\Z")
_KNATIVE = ".knative.dev"
_ISTIO = "istio-validator-"


def normalize(manifest: JsonObject) -> None:
    """Bring an object, in place, into the form that it will have on the server.

    - Nulls are removed, as the server does. The schemas of definitions are left alone, because
      they contain no nulls.
    - A webhook's `caBundle` is written by the program that serves the webhook (cert-manager's
      injector, katib, Istio, knative and others); upstream ships a placeholder.
    - The rules of knative's webhooks are written by knative, and the failure policy of Istio's
      by Istio as soon as it runs.
    - The rules of an aggregated ClusterRole are collected by the server.
    - A Secret's `stringData` becomes `data`, the only one of the two that the server returns.
    - Quantities are written as the server writes them: "1000m" is "1", "0.5Gi" is "512Mi"; a
      probe's delay of 0 is left out.
    """
    kind = manifest["kind"]
    if kind == "CustomResourceDefinition":
        _normalize_definition(manifest)
        return
    for key in list(manifest):
        manifest[key] = without_nulls(manifest[key])
        if manifest[key] is None:
            del manifest[key]
    if kind in _WEBHOOK_KINDS:
        _normalize_webhooks(manifest)
    elif kind == "APIService":
        _remove_ca_bundles([{"clientConfig": manifest.get("spec") or {}}])
    elif kind == "ClusterRole" and "aggregationRule" in manifest:
        manifest.pop("rules", None)
    elif kind == "Secret":
        _normalize_secret(manifest)
    _normalize_quantities(manifest)


def without_nulls(tree: Any) -> Any:
    """Return a tree without keys that are null; the items of lists stay."""
    if isinstance(tree, dict):
        return {key: without_nulls(child) for key, child in tree.items() if child is not None}
    return [without_nulls(child) for child in tree] if isinstance(tree, list) else tree


def encode_secret(text: object) -> str:
    """Return a Secret's value as its `data` holds it."""
    return base64.b64encode(str(text).encode("utf-8")).decode("ascii")


def decode_secret(encoded: object) -> str:
    """Return the text of a value in a Secret's `data`; empty where it is not a string."""
    try:
        return base64.b64decode(str(encoded)).decode("utf-8")
    except ValueError:
        return ""


def _normalize_definition(manifest: JsonObject) -> None:
    manifest["metadata"] = without_nulls(manifest["metadata"])
    conversion = manifest["spec"].get("conversion") or {}
    _remove_ca_bundles([conversion.get("webhook") or {}, conversion])


def _normalize_webhooks(manifest: JsonObject) -> None:
    webhooks = manifest.get("webhooks") or []
    _remove_ca_bundles(webhooks)
    for webhook in webhooks:
        if str(webhook.get("name", "")).endswith(_KNATIVE):
            webhook.pop("rules", None)
        if manifest["metadata"]["name"].startswith(_ISTIO):
            webhook.pop("failurePolicy", None)


def _remove_ca_bundles(webhooks: Iterable[JsonObject]) -> None:
    for webhook in webhooks:
        for key in ("clientConfig", "webhookClientConfig"):  # the second one in v1beta1
            (webhook.get(key) or {}).pop("caBundle", None)


def _normalize_secret(manifest: JsonObject) -> None:
    texts = manifest.pop("stringData", None) or {}
    if texts:
        encoded = {key: encode_secret(text) for key, text in texts.items()}
        manifest["data"] = dict(manifest.get("data") or {}, **encoded)


def _normalize_quantities(manifest: JsonObject) -> None:
    for pod_spec in _pod_specs(manifest):
        _normalize_pod(pod_spec)
    if manifest["kind"] == "PersistentVolumeClaim":
        _normalize_resources(manifest["spec"].get("resources"))
    for claim in _spec(manifest).get("volumeClaimTemplates") or []:
        _normalize_resources(claim["spec"].get("resources"))


def _normalize_pod(pod_spec: JsonObject) -> None:
    containers: List[JsonObject] = list(pod_spec.get("containers") or [])
    containers += pod_spec.get("initContainers") or []
    for container in containers:
        _normalize_resources(container.get("resources"))
        for probe in _PROBES:
            if (container.get(probe) or {}).get("initialDelaySeconds") == 0:
                del container[probe]["initialDelaySeconds"]
    for volume in pod_spec.get("volumes") or []:
        _normalize_keys(volume.get("emptyDir"), ["sizeLimit"])


def _pod_specs(manifest: JsonObject) -> List[JsonObject]:
    """Return the pod specifications in an object of a built-in kind; none in other objects."""
    if not _SERVER_VERSIONS.match(str(manifest.get("apiVersion"))):
        return []
    spec = _spec(manifest)
    if manifest["kind"] == "Pod":
        return [spec]
    if manifest["kind"] == "CronJob":
        spec = _spec(spec.get("jobTemplate") or {})
    template = spec.get("template")
    pod_spec = _spec(template) if isinstance(template, dict) else {}
    return [pod_spec] if pod_spec else []


def _spec(manifest: JsonObject) -> JsonObject:
    spec = manifest.get("spec")
    return spec if isinstance(spec, dict) else {}


def _normalize_resources(resources: Optional[JsonObject]) -> None:
    for key in ("requests", "limits"):
        amounts = (resources or {}).get(key) or {}
        _normalize_keys(amounts, list(amounts))


def _normalize_keys(amounts: Optional[JsonObject], keys: Iterable[str]) -> None:
    for key in keys:
        if amounts and key in amounts:
            amounts[key] = canonical_quantity(amounts[key])
