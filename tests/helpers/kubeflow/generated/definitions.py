"""Generated definitions, custom resources and webhooks."""

from __future__ import annotations

from helpers.kubeflow.generated.manifest import (
    KFCTL,
    SHIPPED_USER,
    VERSIONS,
    kind_of,
    manifest_of,
)
from kubeflow_installer.releases.inventory import Inventory
from labcharm.json_types import JsonObject

# Annotations may have 262144 bytes, so these cannot be applied with the last state in one.
LARGE = 5
_LARGE_BYTES = 300_000
_CLUSTER_WIDE = ("profiles", "compositecontrollers", "decoratorcontrollers", "meshpolicies")


def definitions(inventory: Inventory) -> list[JsonObject]:
    """Return the CustomResourceDefinitions; the first ones of Kubeflow itself are large."""
    large = [name for name in inventory.definitions if name.endswith("kubeflow.org")][:LARGE]
    return [_definition(name, name in large) for name in inventory.definitions]


def _definition(name: str, is_large: bool) -> JsonObject:
    plural, _, group = name.partition(".")
    kind = kind_of(name)
    is_cluster_wide = plural in _CLUSTER_WIDE or plural.startswith("cluster")
    spec = {
        "group": group,
        "names": {
            "kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower(),
        },
        "scope": "Cluster" if is_cluster_wide else "Namespaced",
        "versions": [
            _version(version, index == 0, is_large and index == 0)
            for index, version in enumerate(VERSIONS.get(group, ("v1",)))
        ],
    }  # fmt: skip
    manifest = manifest_of("apiextensions.k8s.io/v1", "CustomResourceDefinition", name, spec=spec)
    if group.endswith(".k8s.io"):
        manifest["metadata"]["annotations"] = {
            "api-approved.kubernetes.io": "unapproved, for tests"
        }
    # Generators leave both.
    manifest["metadata"]["creationTimestamp"] = None
    manifest["status"] = {"acceptedNames": {"kind": "", "plural": ""}, "conditions": []}
    return manifest


def _version(name: str, is_stored: bool, is_large: bool) -> JsonObject:
    properties: JsonObject = {
        "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    }
    if is_large:
        text = "A field that is described at length, like those in generated texts.  " * 10
        properties["details"] = {
            "type": "object",
            "properties": {
                f"field{index}": {"type": "string", "description": text}
                for index in range(_LARGE_BYTES // len(text))
            },
        }
    schema = {"openAPIV3Schema": {"type": "object", "properties": properties}}
    return {"name": name, "served": True, "storage": is_stored, "schema": schema}


# How many custom resources of a kind, where the release defines it (1.10.2 has 79 in all).
_RESOURCES = {
    "virtualservices.networking.istio.io": 11,
    "destinationrules.networking.istio.io": 10,
    "authorizationpolicies.security.istio.io": 24,
    "issuers.cert-manager.io": 5,
    "certificates.cert-manager.io": 6,
    "clusterissuers.cert-manager.io": 1,
    "clusterservingruntimes.serving.kserve.io": 11,
}


def resources(inventory: Inventory) -> list[JsonObject]:
    """Return the custom resources."""
    manifests = []
    for definition, count in _RESOURCES.items():
        if definition in inventory.definitions:
            manifests += [_resource(definition, index) for index in range(count)]
    if "gateways.networking.istio.io" in inventory.definitions:
        manifests.append(_gateway())
    if inventory.release not in KFCTL:
        owner = {"kind": "User", "name": SHIPPED_USER}
        name = "kubeflow-user-example-com"
        manifests.append(
            manifest_of("kubeflow.org/v1beta1", "Profile", name, spec={"owner": owner})
        )
    return manifests


def _resource(definition: str, index: int) -> JsonObject:
    plural, _, group = definition.partition(".")
    kind = kind_of(definition)
    namespace = "" if plural.startswith("cluster") else "kubeflow"
    spec: JsonObject = {"about": {"index": index, "words": ["a", "b"]}}
    if kind == "ClusterServingRuntime":
        spec["containers"] = [{"name": "main", "image": f"kserve/server{index}:v0.1.2"}]
    version = VERSIONS.get(group, ("v1",))[0]
    return manifest_of(f"{group}/{version}", kind, f"{kind.lower()}-{index}", namespace, spec=spec)


def _gateway() -> JsonObject:
    port = {"name": "http", "number": 80, "protocol": "HTTP"}
    spec = {"selector": {"istio": "ingressgateway"}, "servers": [{"hosts": ["*"], "port": port}]}
    return manifest_of("networking.istio.io/v1alpha3", "Gateway", "kubeflow-gateway", "kubeflow",
                   spec=spec)  # fmt: skip


def webhooks(inventory: Inventory) -> list[JsonObject]:
    """Return the webhook configurations.

    They fail closed, as upstream's do, but on objects that are not generated; those of sidecars
    and pod defaults fail on the pods of namespaces with a label.
    """
    return [_webhook(kind, name) for kind, name in inventory.webhooks]


def _webhook(kind: str, name: str) -> JsonObject:
    is_for_pods = kind.startswith("Mutating") and ("istio" in name or "admission" in name)
    rule = {
        "apiGroups": [""] if is_for_pods else ["kubeflow.org"],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"] if is_for_pods else ["things"],
    }
    webhook = {
        "name": "webhook.tests.kubeflow.org",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "clientConfig": {
            # Upstream ships a placeholder; the program that serves the webhook replaces it.
            "caBundle": "Cg==",
            "service": {"name": "webhook", "namespace": "kubeflow", "path": "/mutate"},
        },
        "namespaceSelector": {"matchLabels": {"istio-injection": "enabled"}},
        "rules": [rule],
    }
    return manifest_of("admissionregistration.k8s.io/v1", kind, name, webhooks=[webhook])
