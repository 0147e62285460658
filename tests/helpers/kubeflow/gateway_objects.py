"""The cluster's objects of a gateway, on an API that is a dictionary."""

from __future__ import annotations

import base64
import copy
from typing import Any

from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release

HOST, ADDRESS = "kubeflow.lab.example", "10.64.0.100"


def release(name: str) -> Release:
    """Return a release: 0.6.2 mounts the certificate, 1.10.2 names it."""
    return table.find(name)


class GatewayApi:
    """Objects by kind, namespace and name.

    Attributes:
        patched: Names of the patched Deployments.
    """

    def __init__(self, *objects: dict[str, Any]) -> None:
        self._objects = {_key(entry): copy.deepcopy(entry) for entry in objects}
        self.patched: list[str] = []

    def get(self, reference: dict[str, Any]) -> Any:
        """Return an object."""
        return copy.deepcopy(self._objects.get(_key(reference)))

    def put(self, live: dict[str, Any]) -> None:
        """Store an object."""
        self._objects[_key(live)] = copy.deepcopy(live)

    def list(self, _: str, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        return [copy.deepcopy(live) for key, live in self._objects.items() if key[0] == kind]

    def patch(self, reference: dict[str, Any], body: dict[str, Any]) -> None:
        """Add annotations to a pod template."""
        template = self._objects[_key(reference)]["spec"]["template"]
        annotations = body["spec"]["template"]["metadata"]["annotations"]
        template.setdefault("metadata", {}).setdefault("annotations", {}).update(annotations)
        self.patched.append(reference["metadata"]["name"])


def _key(reference: dict[str, Any]) -> tuple[str, str, str]:
    metadata = reference["metadata"]
    return reference["kind"], metadata["namespace"], metadata["name"]


def service(*ingress: dict[str, str]) -> dict[str, Any]:
    """Return the gateway's service."""
    metadata = {"name": "istio-ingressgateway", "namespace": "istio-system"}
    status = {"loadBalancer": {"ingress": list(ingress)}} if ingress else {"loadBalancer": {}}
    return {"kind": "Service", "apiVersion": "v1", "metadata": metadata, "status": status}


def secret(namespace: str, name: str, **texts: str) -> dict[str, Any]:
    """Return a Secret; `crt` stands for tls.crt and so on."""
    names = {"crt": "tls.crt", "key": "tls.key", "ca": "ca.crt"}
    content = {names[key]: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    metadata = {"name": name, "namespace": namespace}
    return {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": content}


def deployment(name: str, secret_name: str, namespace: str = "istio-system") -> dict[str, Any]:
    """Return a Deployment that mounts a Secret."""
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", "secret": {"secretName": secret_name}}]
    return {
        "kind": "Deployment", "apiVersion": "apps/v1",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"spec": {"volumes": volumes}}},
    }  # fmt: skip
