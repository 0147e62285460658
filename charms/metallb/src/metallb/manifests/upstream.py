"""Upstream's manifest of the releases from 0.13 on, checked and adapted to a site.

The custom resource definitions in it are large and generated, so this charm carries no copy.
"""

import re
from typing import Any, List

import yaml

from labcharm.documents import DocumentError, parse_yaml
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from metallb.manifests.namespace import POD_SECURITY_LABELS
from metallb.manifests.pod_security_policies import pod_security_policies
from metallb.manifests.settings import Settings
from metallb.releases import Release, find

_KINDS = (
    "Namespace", "CustomResourceDefinition", "ServiceAccount", "Role", "ClusterRole",
    "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Service", "Deployment",
    "DaemonSet", "ValidatingWebhookConfiguration",
)  # fmt: skip
_WORKLOADS = ("Deployment", "DaemonSet")


def release_of(manifest: str) -> Release:
    """Return the release that a manifest installs, which its controller's image names.

    Raises:
        BlockedError: When the manifest names no release from 0.13 on.
    """
    image = re.search(r"image: \S*/controller:v?(\d+\.\d+\.\d+)\s", manifest)
    release = find("v" + image.group(1)) if image else None
    if release is None or not release.uses_custom_resources:
        raise BlockedError(
            "the manifest has no controller of MetalLB v0.13 or later; attach metallb-native.yaml"
        )
    return release


def read_manifest(manifest: str) -> List[JsonObject]:
    """Return the objects of a manifest.

    Raises:
        BlockedError: When it is not the manifest of MetalLB's native BGP mode.
    """
    try:
        documents = parse_yaml(_load_all, manifest, "the manifest")
    except DocumentError as error:
        raise BlockedError(f"{error}; attach metallb-native.yaml") from None
    if not all(map(_is_object, documents)):
        raise BlockedError(
            "the manifest contains a document that is not an object; attach metallb-native.yaml"
        )
    unexpected = sorted({str(document.get("kind")) for document in documents} - set(_KINDS))
    if unexpected:
        kinds = ", ".join(unexpected)
        raise BlockedError(f"the manifest contains {kinds}; attach metallb-native.yaml unchanged")
    return documents


def _load_all(text: str) -> List[Any]:
    return [document for document in yaml.safe_load_all(text) if document]


def _is_object(document: object) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
        return False
    texts = (document.get("apiVersion"), document.get("kind"), document["metadata"].get("name"))
    is_named = all(isinstance(text, str) and text for text in texts)
    return is_named and (document["kind"] not in _WORKLOADS or _has_containers(document))


def _has_containers(workload: JsonObject) -> bool:
    """Return whether a workload's pod has the fields that `adapted_objects` changes."""
    template: Any = workload
    for key in ("spec", "template", "spec"):
        template = template.get(key) if isinstance(template, dict) else None
    containers = template.get("containers") if isinstance(template, dict) else None
    return isinstance(containers, list) and all(
        isinstance(container, dict) and isinstance(container.get("image"), str)
        for container in containers
    )


def adapted_objects(
    manifest_objects: List[JsonObject],
    settings: Settings,
    release: Release,
    has_pod_security_policies: bool,
) -> List[JsonObject]:
    """Return a manifest's objects adapted to the site and the server.

    Args:
        manifest_objects: The objects of the manifest.
        settings: The site's settings of the pods.
        release: The release.
        has_pod_security_policies: Whether the server has pod security policies. Upstream's roles
            still name them, but its manifest no longer contains them.
    """
    objects = [_without_generated_fields(manifest_object) for manifest_object in manifest_objects]
    for adapted in objects:
        if adapted["kind"] in _WORKLOADS:
            _adapt_pod(adapted["spec"]["template"]["spec"], settings)
        if adapted["kind"] == "Namespace":
            metadata = adapted["metadata"]
            metadata["labels"] = dict(metadata.get("labels") or {}, **POD_SECURITY_LABELS)
    return objects + (pod_security_policies(release) if has_pod_security_policies else [])


def _adapt_pod(pod: JsonObject, settings: Settings) -> None:
    pod["nodeSelector"] = dict(pod.get("nodeSelector") or {}, **dict(settings.node_selector))
    tolerations = [dict(toleration) for toleration in settings.tolerations]
    if tolerations:
        pod["tolerations"] = list(pod.get("tolerations") or []) + tolerations
    for container in pod["containers"]:
        if settings.registry:
            name = container["image"].rpartition("/")[2]
            container["image"] = f"{settings.registry}/metallb/{name}"
        container["args"] = [
            f"--log-level={settings.log_level}"
            if argument.startswith("--log-level=")
            else argument
            for argument in container.get("args") or []
        ]


def _without_generated_fields(node: Any) -> Any:
    """Return a copy without nulls and without `caBundle`.

    The controller replaces the shipped `caBundle` with its own.
    """
    if isinstance(node, dict):
        return {
            key: _without_generated_fields(child)
            for key, child in node.items()
            if key != "caBundle" and child is not None
        }
    return [_without_generated_fields(child) for child in node] if isinstance(node, list) else node
