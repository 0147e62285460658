"""Small sources of Kubeflow: the archives that kfctl downloads, with few objects per component.

They have the layout of kubeflow/manifests and kubeflow/kubeflow (base, overlays, params.env; Istio
and dex of 0.6 in deployment/existing), with API versions that current servers have too.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import yaml

from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.releases.inventory import ObjectKey, object_key
from labcharm.json_types import JsonObject

PARAMETERS = {"application_secret": "shipped-and-known-to-everybody", "static_email": "nobody"}
_DEX = """\
issuer: {issuer}
enablePasswordDB: true
staticPasswords:
- email: {email}
  hash: "{hash}"
staticClients:
- id: kubeflow
  secret: {secret}
"""


def manifest_of(api: str, kind: str, name: str, namespace: str = "", **rest: Any) -> JsonObject:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}


def workload(
    name: str, namespace: str = "", kind: str = "Deployment", secret: str = ""
) -> JsonObject:
    """Return a workload with one container, which may have the secret that it shares with dex."""
    variables = [{"name": "CLIENT_SECRET", "value": secret}] if secret else []
    container = {"name": "main", "image": f"gcr.io/kubeflow/{name}:v1"}
    container |= {"env": variables} if variables else {}  # type: ignore[dict-item]
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec: JsonObject = {"selector": {"matchLabels": labels}, "template": pod}
    spec |= {"serviceName": name} if kind == "StatefulSet" else {}
    return manifest_of("apps/v1", kind, name, namespace, spec=spec)


def service(name: str, namespace: str = "", kind: str = "ClusterIP") -> JsonObject:
    """Return a Service."""
    ports = [{"name": "http", "port": 80, "targetPort": 80}]
    spec = {"type": kind, "selector": {"app": name}, "ports": ports}
    return manifest_of("v1", "Service", name, namespace, spec=spec)


def definition(plural: str, group: str, kind: str, version: str, scope: str) -> JsonObject:
    """Return a CustomResourceDefinition that accepts everything."""
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": kind + "List"}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {
        "name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
    }  # fmt: skip
    spec = {"group": group, "names": names, "scope": scope, "versions": [served]}
    api = "apiextensions.k8s.io/v1"
    return manifest_of(api, "CustomResourceDefinition", f"{plural}.{group}", spec=spec)


def _config(name: str, namespace: str, **settings: str) -> JsonObject:
    texts = {"config.yaml": _DEX.format(**settings)} if name == "dex" else settings
    return manifest_of("v1", "ConfigMap", name, namespace, data=texts)


def base(name: str) -> list[JsonObject]:
    """Return a component's own objects; kfctl sets their namespace."""
    if name == "application-crds":
        applications = definition(
            "applications", "app.k8s.io", "Application", "v1beta1", "Namespaced"
        )
        # A group of Kubernetes' own must have this annotation.
        annotations = {"api-approved.kubernetes.io": "unapproved, of a test"}
        applications["metadata"]["annotations"] = annotations
        return [applications]
    if name == "dex":
        settings = {"email": "$(static_email)", "hash": "$(static_password_hash)"}
        settings |= {"issuer": "$(issuer)", "secret": "$(application_secret)"}
        namespace = manifest_of("v1", "Namespace", "auth")
        return [namespace, _config(name, "", **settings), workload(name)]
    if name == "oidc-authservice":
        kind = "StatefulSet"
        program = workload(name, kind=kind, secret="$(application_secret)")  # noqa: S106
        # Another component brings a different object of the same name.
        return [service(name), program, _config("shared", "", brought=name)]
    common = [_config(f"{name}-config", "", mode="quiet"), service(name), workload(name)]
    if name == "katib-controller":
        # No annotation has a Secret's content.
        secrets = {"MYSQL_ROOT_PASSWORD": "dGVzdA=="}
        secret = manifest_of("v1", "Secret", "katib-mysql-secrets", type="Opaque", data=secrets)
        return [*common, secret]
    if name == "istio-install":
        labels = {"istio-injection": "disabled"}
        namespace = manifest_of("v1", "Namespace", "istio-system")
        namespace["metadata"]["labels"] = labels
        gateway = service("istio-ingressgateway", kind="NodePort")
        return [namespace, gateway, _config("shared", "", brought=name), *common]
    if name == "profiles":
        # Its own labels on the namespace that kfctl itself creates.
        namespace = manifest_of("v1", "Namespace", "kubeflow")
        namespace["metadata"]["labels"] = {"profiles": "added"}
        profiles = definition("profiles", "kubeflow.org", "Profile", "v1alpha1", "Cluster")
        return [namespace, profiles, *common]
    return common


def overlay(component: str, name: str) -> list[JsonObject]:
    """Return the objects that an overlay adds."""
    if name == "application":
        return [manifest_of("app.k8s.io/v1beta1", "Application", component, spec={"note": "a"})]
    return [_config(f"{component}-{name}", "", overlay=name)]


def platform() -> dict[str, list[JsonObject]]:
    """Return the objects of 0.6's platform, by file."""
    group, version = "networking.istio.io", "v1alpha3"
    kinds = {"gateways": "Gateway", "envoyfilters": "EnvoyFilter"}
    custom = [definition(plural, group, kinds[plural], version, "Namespaced") for plural in kinds]
    api = f"{group}/{version}"
    dex = {"email": "{{.KubeflowUser.UserEmail}}", "hash": "{{.KubeflowUser.PasswordHash}}"}
    dex |= {"issuer": "{{.OIDCEndpoint}}", "secret": "{{.AuthServiceClientSecret}}"}
    secret = "{{.AuthServiceClientSecret}}"  # noqa: S105
    return {
        "istio/crds.yaml": custom,
        "istio/istio-noauth.yaml": [
            manifest_of("v1", "Namespace", "istio-system"),
            service("istio-ingressgateway", "istio-system", "LoadBalancer"),
            workload("istio-pilot", "istio-system"),
        ],
        "auth_oidc/gateway.yaml": [
            manifest_of(api, "Gateway", "kubeflow-gateway", "kubeflow", spec={})
        ],
        "auth_oidc/envoy-filter.yaml": [
            manifest_of(api, "EnvoyFilter", "authn-filter", "kubeflow", spec={})
        ],
        "auth_oidc/dex.tmpl": [_config("dex", "kubeflow", **dex), workload("dex", "kubeflow")],
        "auth_oidc/authservice.tmpl": [workload("authservice", "istio-system", secret=secret)],
    }


def expected(release: str, excluded: list[str]) -> list[ObjectKey]:
    """Return kind, namespace and name of everything that kfctl makes, except the Profile."""
    document = json.loads(kfdef.render(release, "a@b", "hash", excluded, _AnyUri()))
    keys = [("Namespace", "", "kubeflow")]
    for application in document["spec"]["applications"]:
        config = application["kustomizeConfig"]
        parameters = {entry["name"]: entry["value"] for entry in config.get("parameters", [])}
        for manifest in _objects_of(application["name"], config.get("overlays", [])):
            is_wide = manifest["kind"] in ("Namespace", "CustomResourceDefinition")
            namespace = "" if is_wide else parameters.get("namespace", "kubeflow")
            keys.append((manifest["kind"], namespace, manifest["metadata"]["name"]))
    if kfdef.has_three_steps(release):
        keys += [object_key(manifest) for part in platform().values() for manifest in part]
    return sorted(set(keys))


class _AnyUri(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"http://{name}"


def _objects_of(name: str, overlays: list[str]) -> list[JsonObject]:
    return base(name) + [manifest for part in overlays for manifest in overlay(name, part)]


def pack(release: str, directory: Path) -> dict[str, str]:
    """Write the archives of a release; return their paths."""
    files: dict[str, str] = {}
    document = json.loads(kfdef.render(release, "a@b", "hash", [], _AnyUri()))
    for application in document["spec"]["applications"]:
        config = application["kustomizeConfig"]
        path, name = config["repoRef"]["path"], application["name"]
        files |= _component(f"{path}/base", base(name), [])
        for part in config.get("overlays", []):
            files |= _component(f"{path}/overlays/{part}", overlay(name, part), ["../../base"])
    manifests = _tar(directory / "manifests.tar.gz", "manifests-1a2b3c", files)
    texts = {f"deployment/existing/{name}": _text(part) for name, part in platform().items()}
    return {
        "manifests": manifests,
        "platform": _tar(directory / "platform.tar.gz", "kubeflow-4d5e6f", texts),
    }


def _component(directory: str, manifests: list[JsonObject], bases: list[str]) -> dict[str, str]:
    kustomization: JsonObject = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["objects.yaml"],
    }
    files = {f"{directory}/objects.yaml": _text(manifests)}
    if bases:
        kustomization["bases"] = bases
    if "$(application_secret)" in files[f"{directory}/objects.yaml"]:
        kustomization |= _parameters()
        parameters = {**PARAMETERS, "static_password_hash": "none", "issuer": "none"}
        lines = "".join(f"{name}={text}\n" for name, text in parameters.items())
        files[f"{directory}/params.env"] = lines
        paths = ("data/config.yaml", "ConfigMap"), (_ENV, "StatefulSet")
        references = [{"path": path, "kind": kind} for path, kind in paths]
        files[f"{directory}/params.yaml"] = json.dumps({"varReference": references})
    files[f"{directory}/kustomization.yaml"] = json.dumps(kustomization)
    return files


_ENV = "spec/template/spec/containers/env/value"


def _parameters() -> JsonObject:
    """Return the parts of a kustomization.yaml that put parameters into objects."""
    reference = {"kind": "ConfigMap", "name": "parameters", "apiVersion": "v1"}
    names = [*PARAMETERS, "static_password_hash", "issuer"]
    return {
        "configMapGenerator": [{"name": "parameters", "env": "params.env"}],
        "generatorOptions": {"disableNameSuffixHash": True},
        "configurations": ["params.yaml"],
        "vars": [
            {"name": name, "objref": reference, "fieldref": {"fieldpath": f"data.{name}"}}
            for name in names
        ],
    }


def _text(manifests: list[JsonObject]) -> str:
    return "---\n".join(yaml.safe_dump(manifest, width=1000) for manifest in manifests)


def _tar(path: Path, top: str, files: dict[str, str]) -> str:
    """Write an archive as GitHub does: directories before what is in them."""
    with tarfile.open(path, "w:gz") as tar:
        names = {str(parent) for name in files for parent in Path(top, name).parents} - {"."}
        for name in sorted(names):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, text in sorted(files.items()):
            body = text.encode()
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mode = len(body), 0o644
            tar.addfile(entry, io.BytesIO(body))
    return str(path)
