"""Kubernetes objects for tests: short ways to write manifests."""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]


def manifest(
    api_version: str, kind: str, name: str, namespace: str = "", **fields: Any
) -> JsonObject:
    """Return an object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def definition(plural: str, kind: str, version: str, scope: str = "Cluster") -> JsonObject:
    """Return a definition of a kind of the group kubeflow.org."""
    names = {"plural": plural, "kind": kind}
    versions = [{"name": version, "served": True, "storage": True}]
    spec = {"group": "kubeflow.org", "scope": scope, "names": names, "versions": versions}
    name = f"{plural}.kubeflow.org"
    return manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", name, spec=spec)


def deployment(name: str, namespace: str = "kubeflow") -> JsonObject:
    """Return a Deployment with one container."""
    container = {"name": "main", "image": f"gcr.io/kubeflow/{name}:v1"}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return manifest("apps/v1", "Deployment", name, namespace, spec={"template": template})
