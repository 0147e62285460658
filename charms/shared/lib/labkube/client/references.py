"""How objects and kinds are named: in messages, in comparisons and in API groups."""

from typing import Tuple

from labcharm.json_types import JsonMapping

# apiVersion and kind, such as ("apps/v1", "Deployment").
Kind = Tuple[str, str]
# API group, kind, namespace and name of an object.
Ref = Tuple[str, str, str, str]
DEFINITION = "CustomResourceDefinition"


def api_group(api_version: str) -> str:
    """Return the API group of an `apiVersion`: "apps" of "apps/v1"; empty for the core group."""
    return api_version.rpartition("/")[0]


def name_of(manifest: JsonMapping) -> str:
    """Return an object's name for messages: "KIND NAMESPACE/NAME", or "KIND NAME"."""
    metadata = manifest.get("metadata", {})
    namespace = metadata.get("namespace", "")
    prefix = f"{namespace}/" if namespace else ""
    return f"{manifest.get('kind')} {prefix}{metadata['name']}"


def ref_of(manifest: JsonMapping) -> Ref:
    """Return what identifies an object; the API group stands for all of its versions."""
    metadata = manifest["metadata"]
    group = api_group(manifest["apiVersion"])
    return (group, manifest["kind"], metadata.get("namespace", ""), metadata["name"])
