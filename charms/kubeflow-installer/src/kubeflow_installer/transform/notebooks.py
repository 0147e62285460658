"""The form for new notebooks: images of the site's registry, its GPUs and its taints."""

import copy
import hashlib
import json
from typing import Callable, Dict, List, NamedTuple, Tuple

import yaml

from labcharm.documents import DocumentError, parse_yaml
from labcharm.json_types import JsonObject

KEY = "spawner_ui_config.yaml"
DEPLOYMENT = "jupyter-web-app-deployment"
# The option's word for the form as upstream ships it.
NONE = "none"


class Toleration(NamedTuple):
    """A taint that users may let a notebook tolerate."""

    key: str
    value: str
    effect: str


def adapt_form(
    text: str,
    vendor: str,
    tolerations: Tuple[Toleration, ...],
    rename_image: Callable[[str], str],
) -> str:
    """Return the form's settings for a site; the same text where nothing changes.

    Args:
        text: YAML, from the ConfigMap's key `spawner_ui_config.yaml`.
        vendor: The GPU resource that comes first and is selected; `none` or empty changes nothing.
            Up to 0.7 the form has a text field instead, which stays.
        tolerations: Each becomes a choice where the form has them; upstream's does from 1.2 on.
        rename_image: Returns an image's name in the site's registry.
    """
    try:
        settings = parse_yaml(yaml.safe_load, text, "the notebooks' form")
    except DocumentError:
        return text
    fields = settings.get("spawnerFormDefaults") if isinstance(settings, dict) else None
    if not isinstance(fields, dict):
        return text
    before = copy.deepcopy(settings)
    _rename_images(fields, rename_image)
    if vendor not in ("", NONE):
        _offer_vendor_first(fields, vendor)
    _offer_tolerations(fields, tolerations)
    if settings == before:
        return text
    return str(yaml.safe_dump(settings, default_flow_style=False, sort_keys=False))


def form_digest(vendor: str, tolerations: Tuple[Toleration, ...]) -> str:
    """Return a digest of these settings; empty where upstream's are kept."""
    if vendor in ("", NONE) and not tolerations:
        return ""
    text = json.dumps([vendor, [list(toleration) for toleration in tolerations]])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _rename_images(fields: JsonObject, rename_image: Callable[[str], str]) -> None:
    """Rename the default and the choices of `image` and of the groups beside it."""
    for key, field in fields.items():
        if not key.startswith("image") or not isinstance(field, dict) or "options" not in field:
            continue
        if isinstance(field.get("value"), str) and field["value"]:
            field["value"] = rename_image(field["value"])
        field["options"] = [
            rename_image(option) if isinstance(option, str) else option
            for option in field["options"] or []
        ]


def _offer_vendor_first(fields: JsonObject, vendor: str) -> None:
    gpus = (fields.get("gpus") or {}).get("value")
    if not isinstance(gpus, dict) or not isinstance(gpus.get("vendors"), list):
        return
    choices: List[JsonObject] = gpus["vendors"]
    selected = [choice for choice in choices if choice.get("limitsKey") == vendor]
    remaining = [choice for choice in choices if choice.get("limitsKey") != vendor]
    gpus["vendors"] = (selected or [{"limitsKey": vendor, "uiName": vendor}]) + remaining
    gpus["vendor"] = vendor


def _offer_tolerations(fields: JsonObject, tolerations: Tuple[Toleration, ...]) -> None:
    group = fields.get("tolerationGroup")
    if not isinstance(group, dict) or not tolerations:
        return
    choices = [_choice(toleration) for toleration in tolerations]
    keys = [choice["groupKey"] for choice in choices]
    upstream_choices: List[JsonObject] = group.get("options") or []
    group["options"] = choices + [
        choice for choice in upstream_choices if choice.get("groupKey") not in keys
    ]


def _choice(toleration: Toleration) -> JsonObject:
    value = f"={toleration.value}" if toleration.value else ""
    name = f"{toleration.key}{value}:{toleration.effect}"
    return {"groupKey": name, "displayName": name, "tolerations": [pod_toleration(toleration)]}


def pod_toleration(toleration: Toleration) -> Dict[str, str]:
    """Return a toleration as a pod has it; without a value it tolerates every value."""
    entry = {"key": toleration.key, "operator": "Exists", "effect": toleration.effect}
    if toleration.value:
        entry.update(operator="Equal", value=toleration.value)
    return entry
