"""The fields that all objects of a release have."""

from typing import Any

from labcharm.json_types import JsonObject
from metallb.manifests.namespace import NAMESPACE


def new_object(
    api_version: str, kind: str, name: str, is_namespaced: bool = True, **fields: Any
) -> JsonObject:
    """Return an object of MetalLB with upstream's label."""
    metadata: JsonObject = {"name": name, "labels": {"app": "metallb"}}
    if is_namespaced:
        metadata["namespace"] = NAMESPACE
    return dict({"apiVersion": api_version, "kind": kind, "metadata": metadata}, **fields)
