"""Objects in the form in which the server and the programs of a release leave them.

Else an object would never be as it is wanted: every run would write it, or fight with whoever owns
the field.
"""

import base64
import re
from fractions import Fraction
from typing import Any, Dict, Iterable, List, Optional

Object = Dict[str, Any]

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?\Z")
_DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_NANO = 3  # places of _DECIMAL below one
_HOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_KNATIVE = ".knative.dev"
_ISTIO = "istio-validator-"


def settle(found: Object) -> None:
    """Bring an object, where it stands, into the form that it will have on the server.

    - Nulls are dropped, as the server does. A definition's schema is left alone: none has any.
    - A webhook's `caBundle` is written by who serves it (cert-manager's injector, katib, Istio,
      knative and others); upstream ships a place for it.
    - The rules of knative's webhooks are written by knative, and the failure policy of Istio's
      by Istio as soon as it runs.
    - The rules of an aggregated ClusterRole are collected by the server.
    - A Secret's `stringData` becomes `data`, which alone the server gives back.
    - Quantities are written as the server does: "1000m" is "1", "0.5Gi" is "512Mi"; a probe's
      delay of 0 is left out.
    """
    kind = found["kind"]
    if kind == "CustomResourceDefinition":
        found["metadata"] = without_nulls(found["metadata"])
        webhook = (found["spec"].get("conversion") or {}).get("webhook") or {}
        _without_bundle([webhook, found["spec"].get("conversion") or {}])
        return
    for key in list(found):
        found[key] = without_nulls(found[key])
        if found[key] is None:
            del found[key]
    if kind in _HOOKS:
        _settle_hooks(found)
    elif kind == "APIService":
        _without_bundle([{"clientConfig": found.get("spec") or {}}])
    elif kind == "ClusterRole" and "aggregationRule" in found:
        found.pop("rules", None)
    elif kind == "Secret":
        _settle_secret(found)
    _settle_quantities(found)


def without_nulls(found: Any) -> Any:
    """Return data without keys that are null; a list's items stay."""
    if isinstance(found, dict):
        return {key: without_nulls(value) for key, value in found.items() if value is not None}
    return [without_nulls(one) for one in found] if isinstance(found, list) else found


def _settle_hooks(found: Object) -> None:
    hooks = found.get("webhooks") or []
    _without_bundle(hooks)
    for hook in hooks:
        if str(hook.get("name", "")).endswith(_KNATIVE):
            hook.pop("rules", None)
        if found["metadata"]["name"].startswith(_ISTIO):
            hook.pop("failurePolicy", None)


def _without_bundle(found: Iterable[Object]) -> None:
    for one in found:
        for key in ("clientConfig", "webhookClientConfig"):  # the latter in v1beta1
            (one.get(key) or {}).pop("caBundle", None)


def _settle_secret(found: Object) -> None:
    plain = found.pop("stringData", None) or {}
    if plain:
        data = dict(found.get("data") or {})
        data.update({key: encoded(value) for key, value in plain.items()})
        found["data"] = data


def encoded(value: Any) -> str:
    """Return a Secret's value as its `data` holds it."""
    return base64.b64encode(str(value).encode("utf-8")).decode("ascii")


def decoded(value: Any) -> str:
    """Return what a value of a Secret's `data` means; empty where it is no text."""
    try:
        return base64.b64decode(str(value)).decode("utf-8")
    except ValueError:
        return ""


# Quantities (apimachinery, pkg/api/resource/quantity.go, CanonicalizeBytes).


def _settle_quantities(found: Object) -> None:
    for spec in _specs(found):
        for container in _containers(spec):
            _settle_resources(container.get("resources"))
            for probe in _PROBES:
                if (container.get(probe) or {}).get("initialDelaySeconds") == 0:
                    del container[probe]["initialDelaySeconds"]
        for volume in spec.get("volumes") or []:
            _settle_keys(volume.get("emptyDir"), ["sizeLimit"])
    if found["kind"] == "PersistentVolumeClaim":
        _settle_resources(found["spec"].get("resources"))
    for claim in _spec(found).get("volumeClaimTemplates") or []:
        _settle_resources(claim["spec"].get("resources"))


def _spec(found: Object) -> Object:
    spec = found.get("spec")
    return spec if isinstance(spec, dict) else {}


def _specs(found: Object) -> List[Object]:
    """Return the pods' specifications of the server's own kinds."""
    if not re.match(r"(v1|apps/.*|batch/.*|extensions/.*)\Z", str(found.get("apiVersion"))):
        return []
    spec = _spec(found)
    if found["kind"] == "Pod":
        return [spec]
    if found["kind"] == "CronJob":
        spec = _spec(spec.get("jobTemplate") or {})
    inner = _spec(spec.get("template") or {}) if isinstance(spec.get("template"), dict) else {}
    return [inner] if inner else []


def _containers(spec: Object) -> List[Object]:
    return list(spec.get("containers") or []) + list(spec.get("initContainers") or [])


def _settle_resources(resources: Optional[Object]) -> None:
    for key in ("requests", "limits"):
        amounts = (resources or {}).get(key) or {}
        _settle_keys(amounts, list(amounts))


def _settle_keys(found: Optional[Object], keys: Iterable[str]) -> None:
    for key in keys:
        if found and key in found:
            found[key] = quantity(found[key])


def quantity(value: Any) -> Any:
    """Return a quantity as the server writes it; what is none stays.

    Args:
        value: Such as "1000m", "0.5Gi", 2 or 1.5.
    """
    match = _QUANTITY.match(str(value))
    if not match or isinstance(value, bool):
        return value
    number, suffix = Fraction(match.group(1)), match.group(2) or ""
    if suffix[:1] in ("e", "E") and len(suffix) > 1:
        return value  # nobody ships one
    if suffix in _BINARY[1:]:
        number *= Fraction(1024) ** _BINARY.index(suffix)
        if number.denominator == 1:
            return _written(number, _BINARY, 1024, 0)
    else:
        number *= Fraction(1000) ** (_DECIMAL.index(suffix) - _NANO)
    nano = -((-number * 1000**_NANO) // 1)  # what is smaller is rounded up
    return _written(Fraction(nano), _DECIMAL, 1000, 0)


def _written(number: Fraction, suffixes: Any, step: int, place: int) -> str:
    if number == 0:
        return "0"
    while number % step == 0 and place + 1 < len(suffixes):
        number, place = number / step, place + 1
    return "%d%s" % (number, suffixes[place])
