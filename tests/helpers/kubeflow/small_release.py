"""Sources of Kubeflow in small: what kfctl fetches, with few objects a component.

Laid out as kubeflow/manifests and kubeflow/kubeflow are (base, overlays, params.env; Istio and dex
of 0.6 in deployment/existing), with API versions that servers of today have too.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import yaml

from kubeflow_installer.kfctl import kfdef

Object = dict[str, Any]
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


def _made(api: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}


def workload(name: str, namespace: str = "", kind: str = "Deployment", secret: str = "") -> Object:
    """Return a workload of one container, which may know the secret that it shares with dex."""
    listed = [{"name": "CLIENT_SECRET", "value": secret}] if secret else []
    container = {"name": "main", "image": f"gcr.io/kubeflow/{name}:v1"}
    container |= {"env": listed} if listed else {}  # type: ignore[dict-item]
    labels = {"app": name}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec: Object = {"selector": {"matchLabels": labels}, "template": pod}
    spec |= {"serviceName": name} if kind == "StatefulSet" else {}
    return _made("apps/v1", kind, name, namespace, spec=spec)


def service(name: str, namespace: str = "", kind: str = "ClusterIP") -> Object:
    """Return a Service."""
    ports = [{"name": "http", "port": 80, "targetPort": 80}]
    spec = {"type": kind, "selector": {"app": name}, "ports": ports}
    return _made("v1", "Service", name, namespace, spec=spec)


def definition(plural: str, group: str, kind: str, version: str, scope: str) -> Object:
    """Return a CustomResourceDefinition that takes everything."""
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": kind + "List"}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {
        "name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
    }  # fmt: skip
    spec = {"group": group, "names": names, "scope": scope, "versions": [served]}
    api = "apiextensions.k8s.io/v1"
    return _made(api, "CustomResourceDefinition", f"{plural}.{group}", spec=spec)


def _config(name: str, namespace: str, **values: str) -> Object:
    return _made(
        "v1", "ConfigMap", "dex", namespace, data={"config.yaml": _DEX.format(**values)}
    ) if name == "dex" else _made("v1", "ConfigMap", name, namespace, data=values)  # fmt: skip


def base(name: str) -> list[Object]:
    """Return a component's own objects; kfctl gives them their namespace."""
    if name == "application-crds":
        found = definition("applications", "app.k8s.io", "Application", "v1beta1", "Namespaced")
        # Groups of Kubernetes' own must say who approved of them.
        note = {"api-approved.kubernetes.io": "unapproved, of a test"}
        found["metadata"]["annotations"] = note
        return [found]
    if name == "dex":
        values = {"email": "$(static_email)", "hash": "$(static_password_hash)"}
        values |= {"issuer": "$(issuer)", "secret": "$(application_secret)"}
        return [_made("v1", "Namespace", "auth"), _config(name, "", **values), workload(name)]
    if name == "oidc-authservice":
        kind = "StatefulSet"
        found = [service(name), workload(name, kind=kind, secret="$(application_secret)")]  # noqa: S106
        # One that another component brings too, and not the same.
        return [*found, _config("shared", "", brought=name)]
    found = [_config(f"{name}-config", "", mode="quiet"), service(name), workload(name)]
    if name == "katib-controller":
        # Its content is told by no annotation.
        data = {"MYSQL_ROOT_PASSWORD": "dGVzdA=="}
        return [*found, _made("v1", "Secret", "katib-mysql-secrets", type="Opaque", data=data)]
    if name == "istio-install":
        labels = {"istio-injection": "disabled"}
        namespace = _made("v1", "Namespace", "istio-system")
        namespace["metadata"]["labels"] = labels
        gateway = service("istio-ingressgateway", kind="NodePort")
        return [namespace, gateway, _config("shared", "", brought=name), *found]
    if name == "profiles":
        # Labels of its own on what kfctl makes by itself.
        namespace = _made("v1", "Namespace", "kubeflow")
        namespace["metadata"]["labels"] = {"profiles": "here"}
        profiles = definition("profiles", "kubeflow.org", "Profile", "v1alpha1", "Cluster")
        return [namespace, profiles, *found]
    return found


def overlay(component: str, name: str) -> list[Object]:
    """Return what an overlay adds."""
    if name == "application":
        return [_made("app.k8s.io/v1beta1", "Application", component, spec={"note": "a"})]
    return [_config(f"{component}-{name}", "", overlay=name)]


def platform() -> dict[str, list[Object]]:
    """Return the objects of 0.6's platform, by file."""
    group, version = "networking.istio.io", "v1alpha3"
    kinds = {"gateways": "Gateway", "envoyfilters": "EnvoyFilter"}
    custom = [definition(one, group, kinds[one], version, "Namespaced") for one in kinds]
    api = f"{group}/{version}"
    dex = {"email": "{{.KubeflowUser.UserEmail}}", "hash": "{{.KubeflowUser.PasswordHash}}"}
    dex |= {"issuer": "{{.OIDCEndpoint}}", "secret": "{{.AuthServiceClientSecret}}"}
    secret = "{{.AuthServiceClientSecret}}"  # noqa: S105
    return {
        "istio/crds.yaml": custom,
        "istio/istio-noauth.yaml": [
            _made("v1", "Namespace", "istio-system"),
            service("istio-ingressgateway", "istio-system", "LoadBalancer"),
            workload("istio-pilot", "istio-system"),
        ],
        "auth_oidc/gateway.yaml": [_made(api, "Gateway", "kubeflow-gateway", "kubeflow", spec={})],
        "auth_oidc/envoy-filter.yaml": [
            _made(api, "EnvoyFilter", "authn-filter", "kubeflow", spec={})
        ],
        "auth_oidc/dex.tmpl": [_config("dex", "kubeflow", **dex), workload("dex", "kubeflow")],
        "auth_oidc/authservice.tmpl": [workload("authservice", "istio-system", secret=secret)],
    }


def expected(release: str, excluded: list[str]) -> list[tuple[str, str, str]]:
    """Return kind, namespace and name of everything that kfctl makes, but the Profile."""
    document = json.loads(kfdef.render(release, "a@b", "hash", excluded, _Anywhere()))
    found = [("Namespace", "", "kubeflow")]
    for one in document["spec"]["applications"]:
        config = one["kustomizeConfig"]
        given = {each["name"]: each["value"] for each in config.get("parameters", [])}
        for each in _of(one["name"], config.get("overlays", [])):
            wide = each["kind"] in ("Namespace", "CustomResourceDefinition")
            namespace = "" if wide else given.get("namespace", "kubeflow")
            found.append((each["kind"], namespace, each["metadata"]["name"]))
    if kfdef.in_steps(release):
        listed = [one for each in platform().values() for one in each]
        found += [
            (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
            for one in listed
        ]
    return sorted(set(found))


class _Anywhere(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"http://{name}"


def _of(name: str, overlays: list[str]) -> list[Object]:
    return base(name) + [one for each in overlays for one in overlay(name, each)]


def pack(release: str, folder: Path) -> dict[str, str]:
    """Write the archives of a release; return their paths."""
    files: dict[str, str] = {}
    document = json.loads(kfdef.render(release, "a@b", "hash", [], _Anywhere()))
    for one in document["spec"]["applications"]:
        config = one["kustomizeConfig"]
        path, name = config["repoRef"]["path"], one["name"]
        files |= _component(f"{path}/base", base(name), [])
        for each in config.get("overlays", []):
            files |= _component(f"{path}/overlays/{each}", overlay(name, each), ["../../base"])
    manifests = _tar(folder / "manifests.tar.gz", "manifests-1a2b3c", files)
    found = {f"deployment/existing/{name}": _text(each) for name, each in platform().items()}
    return {
        "manifests": manifests,
        "platform": _tar(folder / "platform.tar.gz", "kubeflow-4d5e6f", found),
    }


def _component(folder: str, found: list[Object], bases: list[str]) -> dict[str, str]:
    kustomization: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["objects.yaml"],
    }
    files = {f"{folder}/objects.yaml": _text(found)}
    if bases:
        kustomization["bases"] = bases
    if "$(application_secret)" in files[f"{folder}/objects.yaml"]:
        kustomization |= _parameters()
        values = {**PARAMETERS, "static_password_hash": "none", "issuer": "none"}
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        files[f"{folder}/params.env"] = lines
        paths = ("data/config.yaml", "ConfigMap"), (_ENV, "StatefulSet")
        references = [{"path": path, "kind": kind} for path, kind in paths]
        files[f"{folder}/params.yaml"] = json.dumps({"varReference": references})
    files[f"{folder}/kustomization.yaml"] = json.dumps(kustomization)
    return files


_ENV = "spec/template/spec/containers/env/value"


def _parameters() -> Object:
    """Return what kustomize needs to put parameters into objects."""
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


def _text(found: list[Object]) -> str:
    return "---\n".join(yaml.safe_dump(one, width=1000) for one in found)


def _tar(path: Path, top: str, files: dict[str, str]) -> str:
    """Write an archive as GitHub does: folders before what is in them."""
    with tarfile.open(path, "w:gz") as tar:
        folders = {str(one) for name in files for one in Path(top, name).parents} - {"."}
        for name in sorted(folders):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, text in sorted(files.items()):
            body = text.encode()
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mode = len(body), 0o644
            tar.addfile(entry, io.BytesIO(body))
    return str(path)
