"""What the notebooks' form offers: images of the site's registry, its GPUs and its taints."""

import hashlib
import json
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import yaml

Object = Dict[str, Any]
Toleration = NamedTuple("Toleration", [("key", str), ("value", str), ("effect", str)])

KEY = "spawner_ui_config.yaml"
DEPLOYMENT = "jupyter-web-app-deployment"
# The option's word for the spawner as upstream ships it.
NONE = "none"


def offer(
    text: str,
    vendor: str,
    tolerations: Tuple[Toleration, ...],
    change: Callable[[str], str],
) -> str:
    """Return the form's settings as the site wants them; the same text where nothing changes.

    Args:
        text: YAML, under the ConfigMap's key `spawner_ui_config.yaml`.
        vendor: The GPU resource that comes first and is chosen; `none` or empty leaves them. Up
            to 0.7 the form has a text field in its place, which stays.
        tolerations: Each becomes a choice, where the form has them: upstream's does from 1.2 on.
        change: Gives an image's name in the site's registry.
    """
    try:
        settings = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    defaults = settings.get("spawnerFormDefaults") if isinstance(settings, dict) else None
    if not isinstance(defaults, dict):
        return text
    before = json.dumps(settings)
    _offer_images(defaults, change)
    if vendor not in ("", NONE):
        _offer_vendor(defaults, vendor)
    _offer_tolerations(defaults, tolerations)
    if json.dumps(settings) == before:
        return text
    return str(yaml.safe_dump(settings, default_flow_style=False, sort_keys=False))


def digest(vendor: str, tolerations: Tuple[Toleration, ...]) -> str:
    """Return what changes with these settings; empty where upstream's are kept."""
    if vendor in ("", NONE) and not tolerations:
        return ""
    text = json.dumps([vendor, [list(one) for one in tolerations]])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _offer_images(defaults: Object, change: Callable[[str], str]) -> None:
    """Change the default and the choices of `image` and of the groups beside it."""
    for key, field in defaults.items():
        if not key.startswith("image") or not isinstance(field, dict) or "options" not in field:
            continue
        if isinstance(field.get("value"), str) and field["value"]:
            field["value"] = change(field["value"])
        field["options"] = [
            change(one) if isinstance(one, str) else one for one in field["options"] or []
        ]


def _offer_vendor(defaults: Object, vendor: str) -> None:
    value = (defaults.get("gpus") or {}).get("value")
    if not isinstance(value, dict) or not isinstance(value.get("vendors"), list):
        return
    known = [one for one in value["vendors"] if one.get("limitsKey") == vendor]
    others = [one for one in value["vendors"] if one.get("limitsKey") != vendor]
    value["vendors"] = (known or [{"limitsKey": vendor, "uiName": vendor}]) + others
    value["vendor"] = vendor


def _offer_tolerations(defaults: Object, tolerations: Tuple[Toleration, ...]) -> None:
    group = defaults.get("tolerationGroup")
    if not isinstance(group, dict) or not tolerations:
        return
    ours = [_choice(one) for one in tolerations]
    keys = [one["groupKey"] for one in ours]
    others: List[Object] = [
        one for one in group.get("options") or [] if one.get("groupKey") not in keys
    ]
    group["options"] = ours + others


def _choice(wanted: Toleration) -> Object:
    name = "%s%s:%s" % (wanted.key, "=" + wanted.value if wanted.value else "", wanted.effect)
    return {"groupKey": name, "displayName": name, "tolerations": [as_pods_have_it(wanted)]}


def as_pods_have_it(wanted: Toleration) -> Object:
    """Return a toleration of a pod; without a value it is of every one."""
    found = {"key": wanted.key, "operator": "Exists", "effect": wanted.effect}
    if wanted.value:
        found.update(operator="Equal", value=wanted.value)
    return found
