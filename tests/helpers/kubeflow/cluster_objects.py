"""Objects of a small Kubeflow, to create on a real API server."""

from __future__ import annotations

from typing import Any

from labkube.client.api import Api


def manifest_of(api_version: str, kind: str, name: str, namespace: str = "", **more: Any) -> Any:
    """Return an object."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata.update(more.pop("metadata", {}))
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def namespace_of(name: str) -> Any:
    """Return a namespace."""
    return manifest_of("v1", "Namespace", name)


def default_class(name: str, key: str = "storageclass.kubernetes.io/is-default-class") -> Any:
    """Return a StorageClass that is the default."""
    notes = {"annotations": {key: "true"}}
    return manifest_of(
        "storage.k8s.io/v1", "StorageClass", name, metadata=notes, provisioner="lab/none"
    )


def deployment(name: str, namespace: str = "kubeflow") -> Any:
    """Return a Deployment."""
    labels = {"app": name}
    pod = {"containers": [{"name": "main", "image": "lab/none"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return manifest_of("apps/v1", "Deployment", name, namespace, spec=spec)


def claim(name: str, namespace: str, volume: str = "") -> Any:
    """Return a claim, of a volume where one is named."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "",
    }  # fmt: skip
    if volume:
        spec["volumeName"] = volume
    return manifest_of("v1", "PersistentVolumeClaim", name, namespace, spec=spec)


def volume(
    name: str, namespace: str, claim_name: str, policy: str = "Delete", **source: Any
) -> Any:
    """Return a volume that is reserved for a claim."""
    volume_source = source or {"nfs": {"server": "10.0.0.10", "path": f"/nfsroot/{name}"}}
    spec = {
        "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, **volume_source,
        "claimRef": {"namespace": namespace, "name": claim_name},
        "persistentVolumeReclaimPolicy": policy,
    }  # fmt: skip
    return manifest_of("v1", "PersistentVolume", name, spec=spec)


def definition(plural: str, kind: str, namespaced: bool = True) -> Any:
    """Return a definition of kubeflow.org with two versions."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {"name": name, "served": True, "storage": name == "v1", "schema": schema}
        for name in ("v1", "v1beta1")
    ]
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {
        "group": "kubeflow.org", "names": names, "versions": versions,
        "scope": "Namespaced" if namespaced else "Cluster",
    }  # fmt: skip
    return manifest_of(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.kubeflow.org", spec=spec
    )


def webhook(prefix: str, name: str, namespace: str, *operations: str) -> Any:
    """Return a webhook that is called before operations on Kubeflow, and never answers."""
    service = {"namespace": namespace, "name": "webhook", "path": "/"}
    rule = {
        "apiGroups": ["", "apps", "kubeflow.org"], "apiVersions": ["*"], "resources": ["*/*"],
        "operations": operations or ["DELETE"],
    }  # fmt: skip
    hook = {
        "name": f"{name}.kubeflow.org", "clientConfig": {"service": service}, "rules": [rule],
        "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 1,
    }  # fmt: skip
    group = "admissionregistration.k8s.io/v1"
    return manifest_of(group, f"{prefix}WebhookConfiguration", name, webhooks=[hook])


def api_service(group: str, namespace: str) -> Any:
    """Return an APIService without a server."""
    spec = {
        "group": group, "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 10,
        "insecureSkipTLSVerify": True, "service": {"namespace": namespace, "name": "webhook"},
    }  # fmt: skip
    return manifest_of("apiregistration.k8s.io/v1", "APIService", f"v1beta1.{group}", spec=spec)


def owned(api: Api, manifest: Any, owner: Any) -> Any:
    """Return an object as a controller makes it for another one."""
    live = api.get(owner)
    assert live
    metadata = live["metadata"]
    reference = {
        "apiVersion": live["apiVersion"], "kind": live["kind"], "name": metadata["name"],
        "uid": metadata["uid"], "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip
    manifest["metadata"]["ownerReferences"] = [reference]
    return manifest
