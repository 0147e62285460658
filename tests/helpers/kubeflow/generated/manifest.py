"""The parts that generated objects share, and the secrets that upstream ships."""

from __future__ import annotations

from typing import Any

from labcharm.json_types import JsonObject

SHIPPED_USER = "user@example.com"
SHIPPED_HASH = "$2y$12$" + "shippedshippedshippedshippedshippedshippedshippedship"
SHIPPED_SECRET = "shipped-client-secret"  # noqa: S105 - nobody's
SHIPPED_COOKIE = "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"
KFCTL = ("0.6.2", "0.7.1", "1.0.2", "1.2.0")
# Kinds that do not follow from the plural, or that tests ask for.
_KINDS = {
    "profiles": "Profile", "notebooks": "Notebook", "gateways": "Gateway",
    "virtualservices": "VirtualService", "destinationrules": "DestinationRule",
    "envoyfilters": "EnvoyFilter", "authorizationpolicies": "AuthorizationPolicy",
    "peerauthentications": "PeerAuthentication", "certificates": "Certificate",
    "issuers": "Issuer", "clusterissuers": "ClusterIssuer", "applications": "Application",
    "clusterservingruntimes": "ClusterServingRuntime", "experiments": "Experiment",
    "inferenceservices": "InferenceService", "policies": "Policy",
}  # fmt: skip
VERSIONS = {
    "networking.istio.io": ("v1alpha3", "v1beta1"),
    "kubeflow.org": ("v1", "v1beta1"),
}


def manifest_of(api: str, kind: str, name: str, namespace: str = "", **fields: Any) -> JsonObject:
    """Return an object, labelled with its name."""
    metadata: JsonObject = {"name": name, "labels": {"app": name}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


def kind_of(definition: str) -> str:
    """Return the kind of a generated definition, by the definition's name."""
    plural = definition.partition(".")[0]
    return _KINDS.get(plural, plural[:-1].capitalize())


def secret_of(name: str, namespace: str, **fields: Any) -> JsonObject:
    """Return a Secret."""
    return manifest_of("v1", "Secret", name, namespace, type="Opaque", **fields)
