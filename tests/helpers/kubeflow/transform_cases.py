"""Objects to transform, and the settings of a site that changes nothing and of one that does."""

from __future__ import annotations

from typing import Any

from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.transform.transform import SiteSettings
from labcharm.json_types import JsonObject

REGISTRY = "reg.lab:5000/mirror"
USER = "me@lab.example"
HASH = "$2b$10$" + "ours" * 13 + "o"
KEY = "a-key-of-the-site"
UPSTREAM = SiteSettings("", "none", (), USER, HASH, KEY, "")
SITE = SiteSettings(
    REGISTRY,
    "amd.com/gpu",
    (Toleration("gpu", "yes", "NoSchedule"),),
    USER,
    HASH,
    KEY,
    "kf.lab",
)


def manifest_of(
    kind: str, name: str, namespace: str = "kubeflow", api: str = "v1", **more: Any
) -> JsonObject:
    """Return an object."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def config_map(name: str, namespace: str = "kubeflow", **data: str) -> JsonObject:
    """Return a ConfigMap."""
    return manifest_of("ConfigMap", name, namespace, data=data)


def workload(
    kind: str, name: str, container: JsonObject, namespace: str = "kubeflow"
) -> JsonObject:
    """Return a workload with one container."""
    spec = {"template": {"spec": {"containers": [{"name": "main", **container}]}}}
    return manifest_of(kind, name, namespace, "apps/v1", spec=spec)


def container_of(manifest: JsonObject) -> JsonObject:
    """Return a workload's container."""
    return dict(manifest["spec"]["template"]["spec"]["containers"][0])
