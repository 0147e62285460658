"""Generated workloads, with what they need."""

from __future__ import annotations

import itertools

from helpers.kubeflow.generated.manifest import (
    KFCTL,
    manifest_of,
    secret_of,
)
from kubeflow_installer.releases.inventory import Inventory
from labcharm.json_types import JsonObject

# As many as Kubeflow 1.10.2 has (103); the rest follows the inventory.
CLUSTER_ROLES = 100


def namespaces(inventory: Inventory) -> list[JsonObject]:
    """Return the release's namespaces."""
    manifests = [manifest_of("v1", "Namespace", name) for name in inventory.namespaces]
    for manifest in manifests:
        if manifest["metadata"]["name"] == "kubeflow":
            manifest["metadata"]["labels"]["istio-injection"] = "enabled"
    return manifests


def rbac(inventory: Inventory) -> list[JsonObject]:
    """Return service accounts, roles and bindings."""
    rbac = "rbac.authorization.k8s.io/v1"
    manifests = []
    for index, (_, namespace, name) in enumerate(inventory.workloads):
        manifests.append(manifest_of("v1", "ServiceAccount", name, namespace))
        subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
        if index % 2:
            manifests.append(manifest_of(rbac, "Role", name, namespace, rules=[_rule("pods")]))
            ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
            manifests.append(
                manifest_of(rbac, "RoleBinding", name, namespace, roleRef=ref, subjects=[subject])
            )
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole"}
        ref["name"] = f"kubeflow-role-{index}"
        name = f"kubeflow-{namespace}-{name}"
        manifests.append(
            manifest_of(rbac, "ClusterRoleBinding", name, roleRef=ref, subjects=[subject])
        )
    manifests += [_cluster_role(index) for index in range(CLUSTER_ROLES)]
    return manifests


def _rule(*resources: str) -> JsonObject:
    return {"apiGroups": [""], "resources": list(resources), "verbs": ["get", "list", "watch"]}


def _cluster_role(index: int) -> JsonObject:
    name = f"kubeflow-role-{index}"
    manifest = manifest_of("rbac.authorization.k8s.io/v1", "ClusterRole", name)
    if index % 10:
        manifest["rules"] = [_rule("configmaps", "services"), _rule("secrets")]
        return manifest
    # Its rules are what the server collects; upstream ships them as an empty list.
    label = {f"rbac.authorization.kubeflow.org/aggregate-to-{name}": "true"}
    manifest["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": label}]}
    manifest["rules"] = []
    return manifest


def settings(inventory: Inventory) -> list[JsonObject]:
    """Return ConfigMaps, network policies and a Secret."""
    manifests = []
    for _, namespace, name in inventory.workloads:
        data = {"config.yaml": f"name: {name}\nlevel: info\n", "PORT": "8080"}
        manifests.append(manifest_of("v1", "ConfigMap", f"{name}-config", namespace, data=data))
    manifests += [
        manifest_of(
            "networking.k8s.io/v1", "NetworkPolicy", f"{name}-policy", namespace,
            spec={"podSelector": {"matchLabels": {"app": name}}, "ingress": [{}],
                  "policyTypes": ["Ingress"]},
        )
        for _, namespace, name in inventory.workloads[:20]
    ]  # fmt: skip
    manifests += _store_secrets(inventory)
    hub = '{"global":{"hub":"docker.io/istio","tag":"1.2.3","proxy":{"image":"proxyv2"}}}'
    name = "istio-sidecar-injector"
    manifests.append(manifest_of("v1", "ConfigMap", name, "istio-system", data={"values": hub}))
    image = '{\n  "image" : "kserve/agent:v0.1.2",\n  "memoryRequest": "100Mi"\n}'
    name = "inferenceservice-config"
    manifests.append(manifest_of("v1", "ConfigMap", name, "kubeflow", data={"logger": image}))
    return manifests


def _store_secrets(inventory: Inventory) -> list[JsonObject]:
    """Return the Secrets of the object store, and of the databases that the release has."""
    texts: dict[str, dict[str, str]] = {
        "mlpipeline-minio-artifact": {"accesskey": "minio", "secretkey": "minio123"}
    }
    databases = {name for _, namespace, name in inventory.workloads if namespace == "kubeflow"}
    if inventory.release not in KFCTL and "mysql" in databases:
        texts["mysql-secret"] = {"username": "root", "password": ""}
    if inventory.release not in KFCTL and "katib-mysql" in databases:
        texts["katib-mysql-secrets"] = {"MYSQL_ROOT_PASSWORD": "test"}
    return [secret_of(name, "kubeflow", stringData=text) for name, text in texts.items()]


def services(inventory: Inventory) -> list[JsonObject]:
    """Return the Services."""
    names = {(namespace, name) for _, namespace, name in inventory.workloads}
    names |= set(inventory.services)
    manifests = []
    for namespace, name in sorted(names):
        ports: list[JsonObject] = [{"name": "http", "port": 80, "targetPort": 8080}]
        spec: JsonObject = {"selector": {"app": name}, "ports": ports}
        if name == "istio-ingressgateway":
            ports.append({"name": "https", "port": 443, "targetPort": 8443})
            if inventory.release in KFCTL:
                spec["type"] = "NodePort"
                ports[0]["nodePort"], ports[1]["nodePort"] = 31380, 31390
        manifests.append(manifest_of("v1", "Service", name, namespace, spec=spec))
    return manifests


def claims(inventory: Inventory) -> list[JsonObject]:
    """Return the PersistentVolumeClaims."""
    # The quantity is not as the server writes it, as upstream's are here and there.
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10240Mi"}},
    }
    return [
        manifest_of("v1", "PersistentVolumeClaim", name, namespace, spec=dict(spec))
        for namespace, name in inventory.claims
    ]


def workloads(inventory: Inventory) -> list[JsonObject]:
    """Return the workloads."""
    images = itertools.cycle(inventory.images)
    return [
        _workload(*key, image) for key, image in zip(inventory.workloads, images, strict=False)
    ]


def _workload(kind: str, namespace: str, name: str, image: str) -> JsonObject:
    container: JsonObject = {
        "name": "main",
        "image": image,
        "args": ["--port=8080", "--helper-image=busybox:1.36"],
        "env": [{"name": "HELPER_IMAGE", "value": "quay.io/helpers/helper:v1"}],
        "envFrom": [{"configMapRef": {"name": f"{name}-config", "optional": True}}],
        "ports": [{"containerPort": 8080}],
        # A number and a thousand milli: the server writes "1" for both.
        "resources": {"requests": {"cpu": "1000m", "memory": "0.5Gi"}, "limits": {"cpu": 1}},
    }
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"serviceAccountName": name, "containers": [container]},
    }
    spec: JsonObject = {"selector": {"matchLabels": {"app": name}}, "template": template}
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return manifest_of("apps/v1", kind, name, namespace, spec=spec)
