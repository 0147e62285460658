"""Objects as many and as large as a Kubeflow's, for tests: the shape is upstream's, no text is.

Namespaces, workloads, claims, definitions, webhooks and images are those of the release's
inventory. Everything is valid on servers from 1.20 to 1.37 alike, and the same on every run.
"""

from __future__ import annotations

import io
import itertools
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from kubeflow_installer.releases import inventory as inventory_module

Object = dict[str, Any]
SHIPPED_USER = "user@example.com"
SHIPPED_HASH = "$2y$12$" + "shippedshippedshippedshippedshippedshippedshippedship"
SHIPPED_SECRET = "shipped-client-secret"  # noqa: S105 - nobody's
SHIPPED_COOKIE = "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"
# As many as Kubeflow 1.10.2 has (103); the rest follows the inventory.
CLUSTER_ROLES = 100
# Annotations may have 262144 bytes, so these cannot be applied with the last state in one.
LARGE = 5
_LARGE_BYTES = 300_000
_KFCTL = ("0.6.2", "0.7.1", "1.0.2", "1.2.0")
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
_CLUSTER_WIDE = ("profiles", "compositecontrollers", "decoratorcontrollers", "meshpolicies")
_VERSIONS = {
    "networking.istio.io": ("v1alpha3", "v1beta1"),
    "kubeflow.org": ("v1", "v1beta1"),
}
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


def objects(release: str = "1.10.2") -> list[Object]:
    """Return a release's objects, about 600, in an order that kustomize could give."""
    inventory = inventory_module.load(release)
    return [
        *_namespaces(inventory),
        *_definitions(inventory),
        *_rights(inventory),
        *_settings(inventory),
        *_identity(inventory),
        *_spawner(inventory),
        *_services(inventory),
        *_claims(inventory),
        *_workloads(inventory),
        *_resources(inventory),
        *_webhooks(inventory),
    ]


def as_yaml(found: Iterable[Object]) -> str:
    """Return objects as one YAML stream."""
    return str(yaml.dump_all(found, sort_keys=False, width=120, Dumper=_dumper()))


def _dumper() -> Any:
    class Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return Plain


# Component by the first word found in an object's namespace or name; the folders are upstream's.
COMPONENTS = {
    "cert-manager": "common/cert-manager/base",
    "dex": "common/dex/overlays/oauth2-proxy",
    "oauth2-proxy": "common/oauth2-proxy/overlays/m2m-dex-only",
    "knative": "common/knative/knative-serving/overlays/gateways",
    "istio": "common/istio/istio-install/overlays/oauth2-proxy",
    "katib": "applications/katib/upstream/installs/katib-with-kubeflow",
    "kserve": "applications/kserve/kserve",
    "jupyter": "applications/jupyter/jupyter-web-app/upstream/overlays/istio",
    "notebook": "applications/jupyter/notebook-controller/upstream/overlays/kubeflow",
    "spark": "applications/spark/spark-operator/overlays/kubeflow",
    # Named like another component, as in upstream's 1.8: leaving out kserve keeps it.
    "centraldashboard": "applications/centraldashboard/upstream/overlays/kserve",
}
_REST = "common/kubeflow-namespace/base"


def component(found: Object) -> str:
    """Return the folder of the component that an object is part of."""
    if found["kind"] == "Namespace":
        return _REST
    where = f"{found['metadata'].get('namespace', '')} {found['metadata']['name']}"
    return next((folder for word, folder in COMPONENTS.items() if word in where), _REST)


def as_archive(path: Path, found: Iterable[Object], top: str = "manifests-1.2.3") -> Path:
    """Write objects as an archive as GitHub makes it, with a folder for each component."""
    parts: dict[str, list[Object]] = {}
    for one in found:
        parts.setdefault(component(one), []).append(one)
    files = {"README.md": "An archive for tests.\n"}
    for folder, inside in parts.items():
        files[f"{folder}/resources.yaml"] = as_yaml(inside)
        files[f"{folder}/kustomization.yaml"] = kustomization(["resources.yaml"])
    files["example/kustomization.yaml"] = kustomization(f"../{folder}" for folder in sorted(parts))
    return write_archive(path, {f"{top}/{name}": text for name, text in files.items()})


def kustomization(resources: Iterable[str]) -> str:
    """Return the text of a kustomization.yaml."""
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
    return head + "".join(f"# {one.split('/')[-1]}\n- {one}\n" for one in resources)


def write_archive(path: Path, files: dict[str, str]) -> Path:
    """Write a .tar.gz with these texts; the folders of their names are entries too."""
    with tarfile.open(path, "w:gz") as tar:
        made: set[str] = set()
        for name, text in files.items():
            for folder in reversed([str(one) for one in Path(name).parents][:-1]):
                if folder not in made:
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(entry)
                    made.add(folder)
            body = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return path


# The objects, part by part.


def _object(api: str, kind: str, name: str, namespace: str = "", **fields: Any) -> Object:
    metadata: Object = {"name": name, "labels": {"app": name}}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


def _namespaces(inventory: inventory_module.Inventory) -> list[Object]:
    found = [_object("v1", "Namespace", name) for name in inventory.namespaces]
    for one in found:
        if one["metadata"]["name"] == "kubeflow":
            one["metadata"]["labels"]["istio-injection"] = "enabled"
    return found


def kind_of(definition: str) -> str:
    """Return the kind of a definition that is made here, by its name."""
    plural = definition.partition(".")[0]
    return _KINDS.get(plural, plural[:-1].capitalize())


def _definitions(inventory: inventory_module.Inventory) -> list[Object]:
    large = [one for one in inventory.definitions if one.endswith("kubeflow.org")][:LARGE]
    return [_definition(name, name in large) for name in inventory.definitions]


def _definition(name: str, large: bool) -> Object:
    plural, _, group = name.partition(".")
    kind = kind_of(name)
    cluster_wide = plural in _CLUSTER_WIDE or plural.startswith("cluster")
    spec = {
        "group": group,
        "names": {
            "kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower(),
        },
        "scope": "Cluster" if cluster_wide else "Namespaced",
        "versions": [
            _version(version, index == 0, large and index == 0)
            for index, version in enumerate(_VERSIONS.get(group, ("v1",)))
        ],
    }  # fmt: skip
    found = _object("apiextensions.k8s.io/v1", "CustomResourceDefinition", name, spec=spec)
    if group.endswith(".k8s.io"):
        found["metadata"]["annotations"] = {"api-approved.kubernetes.io": "unapproved, for tests"}
    # Generators leave both.
    found["metadata"]["creationTimestamp"] = None
    found["status"] = {"acceptedNames": {"kind": "", "plural": ""}, "conditions": []}
    return found


def _version(name: str, stored: bool, large: bool) -> Object:
    properties: Object = {
        "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    }
    if large:
        text = "A field that is described at length, as generated definitions do it. " * 10
        properties["details"] = {
            "type": "object",
            "properties": {
                f"field{index}": {"type": "string", "description": text}
                for index in range(_LARGE_BYTES // len(text))
            },
        }
    schema = {"openAPIV3Schema": {"type": "object", "properties": properties}}
    return {"name": name, "served": True, "storage": stored, "schema": schema}


def _rights(inventory: inventory_module.Inventory) -> list[Object]:
    rbac = "rbac.authorization.k8s.io/v1"
    found = []
    for index, (_, namespace, name) in enumerate(inventory.workloads):
        found.append(_object("v1", "ServiceAccount", name, namespace))
        subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
        if index % 2:
            found.append(_object(rbac, "Role", name, namespace, rules=[_rule("pods")]))
            ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
            found.append(
                _object(rbac, "RoleBinding", name, namespace, roleRef=ref, subjects=[subject])
            )
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole"}
        ref["name"] = f"kubeflow-role-{index}"
        name = f"kubeflow-{namespace}-{name}"
        found.append(_object(rbac, "ClusterRoleBinding", name, roleRef=ref, subjects=[subject]))
    found += [_cluster_role(index) for index in range(CLUSTER_ROLES)]
    return found


def _rule(*resources: str) -> Object:
    return {"apiGroups": [""], "resources": list(resources), "verbs": ["get", "list", "watch"]}


def _cluster_role(index: int) -> Object:
    name = f"kubeflow-role-{index}"
    found = _object("rbac.authorization.k8s.io/v1", "ClusterRole", name)
    if index % 10:
        found["rules"] = [_rule("configmaps", "services"), _rule("secrets")]
        return found
    # Its rules are what the server collects; upstream ships them as an empty list.
    label = {f"rbac.authorization.kubeflow.org/aggregate-to-{name}": "true"}
    found["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": label}]}
    found["rules"] = []
    return found


def _settings(inventory: inventory_module.Inventory) -> list[Object]:
    found = []
    for _, namespace, name in inventory.workloads:
        data = {"config.yaml": f"name: {name}\nlevel: info\n", "PORT": "8080"}
        found.append(_object("v1", "ConfigMap", f"{name}-config", namespace, data=data))
    found += [
        _object(
            "networking.k8s.io/v1", "NetworkPolicy", f"{name}-policy", namespace,
            spec={"podSelector": {"matchLabels": {"app": name}}, "ingress": [{}],
                  "policyTypes": ["Ingress"]},
        )
        for _, namespace, name in inventory.workloads[:20]
    ]  # fmt: skip
    text = {"accesskey": "minio", "secretkey": "minio123"}
    found.append(_secret("mlpipeline-minio-artifact", "kubeflow", stringData=text))
    hub = '{"global":{"hub":"docker.io/istio","tag":"1.2.3","proxy":{"image":"proxyv2"}}}'
    name = "istio-sidecar-injector"
    found.append(_object("v1", "ConfigMap", name, "istio-system", data={"values": hub}))
    image = '{\n  "image" : "kserve/agent:v0.1.2",\n  "memoryRequest": "100Mi"\n}'
    name = "inferenceservice-config"
    found.append(_object("v1", "ConfigMap", name, "kubeflow", data={"logger": image}))
    return found


def _secret(name: str, namespace: str, **fields: Any) -> Object:
    return _object("v1", "Secret", name, namespace, type="Opaque", **fields)


def _identity(inventory: inventory_module.Inventory) -> list[Object]:
    """Return who may log in, as the release keeps it."""
    release = inventory.release
    if release in _KFCTL:
        namespace = "kubeflow" if release == "0.6.2" else "auth"
        found = [_dex(namespace, {"email": "admin@kubeflow.org", "hash": SHIPPED_HASH})]
        if release != "0.6.2":
            data = {"static_email": "admin@kubeflow.org", "static_password_hash": SHIPPED_HASH}
            found.append(_object("v1", "ConfigMap", "dex-parameters", namespace, data=data))
        return found
    client = {"OIDC_CLIENT_ID": "kubeflow", "OIDC_CLIENT_SECRET": SHIPPED_SECRET}
    found = [_secret("dex-oidc-client", "auth", stringData=client)]
    data = {"profile-name": "kubeflow-user-example-com", "user": SHIPPED_USER}
    found.append(_object("v1", "ConfigMap", "default-install-config-9h2h2b6hbk", data=data))
    if release in ("1.7.0", "1.8.1"):
        found.append(_dex("auth", {"email": SHIPPED_USER, "hash": SHIPPED_HASH}))
        client = {"CLIENT_ID": "kubeflow", "CLIENT_SECRET": SHIPPED_SECRET}
        found.append(_secret("oidc-authservice-client", "istio-system", stringData=client))
        return found
    found.append(_dex("auth", {"email": SHIPPED_USER, "hashFromEnv": "DEX_USER_PASSWORD"}))
    password = {"DEX_USER_PASSWORD": SHIPPED_HASH}
    found.append(_secret("dex-passwords", "auth", stringData=password))
    proxy = {"client-id": "kubeflow", "client-secret": SHIPPED_SECRET}
    proxy["cookie-secret"] = SHIPPED_COOKIE
    found.append(_secret("oauth2-proxy-h675gf55ht", "oauth2-proxy", stringData=proxy))
    return found


def _dex(namespace: str, password: Object) -> Object:
    config = {
        "issuer": "http://dex.auth.svc.cluster.local:5556/dex",
        "enablePasswordDB": True,
        "staticPasswords": [dict(password, username="user", userID="15841185641784")],
        "staticClients": [{"id": "kubeflow", "name": "Dex", "secret": SHIPPED_SECRET}],
    }
    text = yaml.safe_dump(config, sort_keys=False)
    return _object("v1", "ConfigMap", "dex", namespace, data={"config.yaml": text})


def _spawner(inventory: inventory_module.Inventory) -> list[Object]:
    images = [one for one in inventory.images if "jupyter-" in one] or list(inventory.images)
    defaults: Object = {"image": {"value": images[0], "options": images[:3]}}
    if inventory.release in ("0.6.2", "0.7.1"):
        defaults["extraResources"] = {"value": "{}", "readOnly": False}
    else:
        vendors = [
            {"limitsKey": "nvidia.com/gpu", "uiName": "NVIDIA"},
            {"limitsKey": "amd.com/gpu", "uiName": "AMD"},
        ]
        value = {"vendor": "", "vendors": vendors, "num": "none"}
        defaults["gpus"] = {"readOnly": False, "value": value}
    if inventory.release == "1.2.0" or inventory.release not in _KFCTL:
        defaults["tolerationGroup"] = {"readOnly": False, "value": "", "options": []}
    text = yaml.safe_dump({"spawnerFormDefaults": defaults}, sort_keys=False)
    name = "jupyter-web-app-config-9c2fbg2gdc"
    data = {"spawner_ui_config.yaml": text}
    return [_object("v1", "ConfigMap", name, "kubeflow", data=data)]


def _services(inventory: inventory_module.Inventory) -> list[Object]:
    names = {(namespace, name) for _, namespace, name in inventory.workloads}
    names |= set(inventory.services)
    found = []
    for namespace, name in sorted(names):
        ports: list[Object] = [{"name": "http", "port": 80, "targetPort": 8080}]
        spec: Object = {"selector": {"app": name}, "ports": ports}
        if name == "istio-ingressgateway":
            ports.append({"name": "https", "port": 443, "targetPort": 8443})
            if inventory.release in _KFCTL:
                spec["type"] = "NodePort"
                ports[0]["nodePort"], ports[1]["nodePort"] = 31380, 31390
        found.append(_object("v1", "Service", name, namespace, spec=spec))
    return found


def _claims(inventory: inventory_module.Inventory) -> list[Object]:
    # The quantity is not as the server writes it, as upstream's are here and there.
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10240Mi"}},
    }
    return [
        _object("v1", "PersistentVolumeClaim", name, namespace, spec=dict(spec))
        for namespace, name in inventory.claims
    ]


def _workloads(inventory: inventory_module.Inventory) -> list[Object]:
    images = itertools.cycle(inventory.images)
    return [
        _workload(*one, image) for one, image in zip(inventory.workloads, images, strict=False)
    ]


def _workload(kind: str, namespace: str, name: str, image: str) -> Object:
    container: Object = {
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
    spec: Object = {"selector": {"matchLabels": {"app": name}}, "template": template}
    if kind == "StatefulSet":
        spec["serviceName"] = name
    return _object("apps/v1", kind, name, namespace, spec=spec)


def _resources(inventory: inventory_module.Inventory) -> list[Object]:
    found = []
    for definition, count in _RESOURCES.items():
        if definition in inventory.definitions:
            found += [_resource(definition, index) for index in range(count)]
    if "gateways.networking.istio.io" in inventory.definitions:
        found.append(_gateway())
    if inventory.release not in _KFCTL:
        owner = {"kind": "User", "name": SHIPPED_USER}
        name = "kubeflow-user-example-com"
        found.append(_object("kubeflow.org/v1beta1", "Profile", name, spec={"owner": owner}))
    return found


def _resource(definition: str, index: int) -> Object:
    plural, _, group = definition.partition(".")
    kind = kind_of(definition)
    namespace = "" if plural.startswith("cluster") else "kubeflow"
    spec: Object = {"about": {"index": index, "words": ["a", "b"]}}
    if kind == "ClusterServingRuntime":
        spec["containers"] = [{"name": "main", "image": f"kserve/server{index}:v0.1.2"}]
    version = _VERSIONS.get(group, ("v1",))[0]
    return _object(f"{group}/{version}", kind, f"{kind.lower()}-{index}", namespace, spec=spec)


def _gateway() -> Object:
    port = {"name": "http", "number": 80, "protocol": "HTTP"}
    spec = {"selector": {"istio": "ingressgateway"}, "servers": [{"hosts": ["*"], "port": port}]}
    return _object("networking.istio.io/v1alpha3", "Gateway", "kubeflow-gateway", "kubeflow",
                   spec=spec)  # fmt: skip


def _webhooks(inventory: inventory_module.Inventory) -> list[Object]:
    """Return the webhook configurations.

    They fail closed, as upstream's do, but on things that are not made here; those of sidecars and
    pod defaults on the pods of namespaces with a label.
    """
    return [_webhook(kind, name) for kind, name in inventory.webhooks]


def _webhook(kind: str, name: str) -> Object:
    pods = kind.startswith("Mutating") and ("istio" in name or "admission" in name)
    rule = {
        "apiGroups": [""] if pods else ["kubeflow.org"],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["pods"] if pods else ["things"],
    }
    webhook = {
        "name": "webhook.tests.kubeflow.org",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 1,
        "clientConfig": {
            # Upstream ships a place for it; who serves the webhook writes the real one.
            "caBundle": "Cg==",
            "service": {"name": "webhook", "namespace": "kubeflow", "path": "/mutate"},
        },
        "namespaceSelector": {"matchLabels": {"istio-injection": "enabled"}},
        "rules": [rule],
    }
    return _object("admissionregistration.k8s.io/v1", kind, name, webhooks=[webhook])
