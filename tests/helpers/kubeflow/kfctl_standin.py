"""A stand-in for kfctl, which Go's module proxy does not have: it sends what kfctl sends.

It is run as kfctl is run, with the environment that kfctl reads. Requests and files are those of
0.6.2 (`init`, `generate`, `apply`; kubeflow/kubeflow v0.6.2, bootstrap/) and of 1.0.2 (`apply -f`;
kubeflow/kfctl v1.0.2): which object is read before it is created, what an answer of 404, 409 or
200 leads to, what it waits for, what it refuses when it is half done. kustomize's part is small: a
component's base and overlays are lists of objects, and `$(NAME)` is a parameter. The pauses
between attempts are shorter.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import yaml

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLUSTER_WIDE = ("Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding")
PAUSE = 0.3
Object = dict[str, Any]


class FailedError(Exception):
    """The message that kfctl prints before it exits with 1."""


class Api:
    """The server in the kubeconfig, as client-go reads it."""

    def __init__(self) -> None:
        kubeconfig = json.loads(Path(os.environ["KUBECONFIG"]).read_text())
        self.url = kubeconfig["clusters"][0]["cluster"]["server"]
        self.kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def send(
        self, method: str, path: str, body: Any = None, content: str = "application/json"
    ) -> tuple[int, Any]:
        """Send a request; return status and document."""
        encoded = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, encoded, method=method)  # noqa: S310
        request.add_header("Content-Type", content)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            return error.code, json.loads(error.read())

    def discover(self) -> None:
        """Read all kinds, as a fresh mapper does."""
        groups = self.send("GET", "/apis")[1]["groups"]
        versions = ["v1", *(row["groupVersion"] for group in groups for row in group["versions"])]
        self.kinds = {}
        for version in versions:
            path = f"/apis/{version}" if "/" in version else f"/api/{version}"
            status, answer = self.send("GET", path)
            for resource in answer["resources"] if status == 200 else []:
                if "/" not in resource["name"]:
                    pattern = f"{path}/%s{resource['name']}"
                    self.kinds[version, resource["kind"]] = (pattern, resource["namespaced"])

    def path(self, manifest: Object) -> str:
        """Return the path of the list that an object is in."""
        kind = (manifest["apiVersion"], manifest["kind"])
        if kind not in self.kinds:
            raise FailedError(f'no matches for kind "{kind[1]}" in version "{kind[0]}"')
        pattern, is_namespaced = self.kinds[kind]
        namespace = manifest["metadata"].get("namespace", "default")
        return pattern % (f"namespaces/{namespace}/" if is_namespaced else "")


def log(text: str) -> None:
    """Write a line as logrus does."""
    print(f'time="now" level=info msg="{text}"', flush=True)


def documents(text: str) -> Iterator[Object]:
    """Return the objects of a text."""
    yield from (document for document in yaml.safe_load_all(text) if document)


# Both releases.


def fetch(definition: Object, directory: Path) -> dict[str, Path]:
    """Download all sources, and return the directories at their tops."""
    tops = {}
    for repo in definition["spec"]["repos"]:
        cache = directory / ".cache" / repo["name"]
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        assert repo["uri"].endswith(".tar.gz"), "go-getter knows an archive by its name"
        with urllib.request.urlopen(repo["uri"], timeout=60) as answer:  # noqa: S310
            (directory / "archive").write_bytes(answer.read())
        with tarfile.open(directory / "archive") as tar:
            tar.extractall(cache)  # noqa: S202 - made by the test
        tops[repo["name"]] = next(iter(sorted(cache.iterdir())))
    return tops


def generate(definition: Object, directory: Path, repos: dict[str, Path]) -> None:
    """Write each component's objects into kustomize/."""
    target = directory / "kustomize"
    target.mkdir()
    for application in definition["spec"]["applications"]:
        config = application["kustomizeConfig"]
        source = repos[config["repoRef"]["name"]] / config["repoRef"]["path"]
        names = ["base", *(f"overlays/{name}" for name in config.get("overlays", []))]
        parameters = parameters_of(application)
        parts = [text for name in names for text in texts(source / name, parameters)]
        (target / f"{application['name']}.yaml").write_text("---\n".join(parts))


def parameters_of(application: Object) -> dict[str, str]:
    """Return the parameters of a component."""
    entries = application["kustomizeConfig"].get("parameters", [])
    return {entry["name"]: entry["value"] for entry in entries}


def texts(directory: Path, parameters: dict[str, str]) -> Iterator[str]:
    """Return the files of a base or an overlay; a missing one is skipped."""
    if not directory.is_dir():
        return
    defaults = directory / "params.env"
    lines = defaults.read_text().splitlines() if defaults.is_file() else []
    variables = {**dict(line.split("=", 1) for line in lines), **parameters}
    for name in yaml.safe_load((directory / "kustomization.yaml").read_text())["resources"]:
        text = (directory / name).read_text()
        yield re.sub(r"\$\(([\w-]+)\)", lambda match: variables.get(match[1], match[0]), text)


def components(definition: Object, directory: Path) -> Iterator[tuple[str, list[Object]]]:
    """Return each component's objects, in the component's namespace."""
    for application in definition["spec"]["applications"]:
        namespace = parameters_of(application).get("namespace", "kubeflow")
        path = directory / "kustomize" / f"{application['name']}.yaml"
        manifests = list(documents(path.read_text()))
        for manifest in manifests:
            if manifest["kind"] not in CLUSTER_WIDE:
                manifest["metadata"]["namespace"] = namespace
        yield application["name"], manifests


# 0.6.


def init(name: str, config: str) -> None:
    """Make the directory and download the sources."""
    directory = Path.cwd() / name
    directory.mkdir(exist_ok=True)
    if (directory / "app.yaml").exists():
        raise FailedError(f"couldn't create KfApp: {directory / 'app.yaml'} already exists")
    definition = yaml.safe_load(Path(config).read_text())
    repos = fetch(definition, directory)
    definition["status"] = {"reposCache": {name: str(path) for name, path in repos.items()}}
    (directory / "app.yaml").write_text(json.dumps(definition))


def load() -> tuple[Object, dict[str, Path]]:
    """Read the file that `init` wrote."""
    definition = yaml.safe_load(Path("app.yaml").read_text())
    cached = definition["status"]["reposCache"]
    return definition, {name: Path(path) for name, path in cached.items()}


def apply_06() -> None:
    """Apply the platform, the components and the Profile, as 0.6 does."""
    definition, repos = load()
    api = Api()
    platform(api, repos["kubeflow"] / "deployment/existing")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}}
    if api.send("GET", "/api/v1/namespaces/kubeflow")[0] != 200:
        create(api, namespace)
    for name, manifests in components(definition, Path.cwd()):
        api.discover()
        for manifest in manifests:
            log(f"creating {manifest['kind']}/{manifest['metadata']['name']}")
            status, answer = api.send("POST", api.path(manifest), manifest)
            if status not in (200, 201, 409):
                raise FailedError(f"couldn't create resources from {name} {answer['message']}")
    profile(api, definition["spec"].get("email", ""))


def platform(api: Api, directory: Path) -> None:
    """Create Istio, the certificate, dex and the login service."""
    api.discover()
    create(api, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}})
    for name in ("istio/crds.yaml", "istio/istio-noauth.yaml"):
        create_missing(api, (directory / name).read_text())
    endpoint = os.environ.get("KUBEFLOW_ENDPOINT") or f"https://{address(api)}"
    variables = {
        "KubeflowEndpoint": endpoint,
        "OIDCEndpoint": os.environ.get("OIDC_ENDPOINT") or f"{endpoint}:5556/dex",
        "AuthServiceClientSecret": secrets.token_hex(16),
        "UserEmail": os.environ["KUBEFLOW_USER_EMAIL"],
        "PasswordHash": "$2a$13$" + secrets.token_hex(26) + "a",
    }
    assert os.environ["KUBEFLOW_PASSWORD"]
    metadata = {"name": "istio-ingressgateway-certs", "namespace": "istio-system"}
    create(api, {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {}})
    for name in ("gateway.yaml", "envoy-filter.yaml", "dex.tmpl", "authservice.tmpl"):
        text = (directory / "auth_oidc" / name).read_text()
        text = re.sub(r"{{\.(?:KubeflowUser\.)?(\w+)}}", lambda match: variables[match[1]], text)
        create_missing(api, text)


def create(api: Api, manifest: Object) -> None:
    """Create an object that may exist already."""
    status, answer = api.send("POST", api.path(manifest), manifest)
    if status not in (201, 409):
        raise FailedError(answer["message"])


def create_missing(api: Api, text: str) -> None:
    """Create the objects of a file that do not exist."""
    api.discover()
    for manifest in documents(text):
        path = f"{api.path(manifest)}/{manifest['metadata']['name']}"
        status, answer = api.send("GET", path)
        if status == 404:
            status, answer = api.send("POST", api.path(manifest), manifest)
        if status not in (200, 201):
            raise FailedError(answer["message"])


def address(api: Api) -> str:
    """Wait for the gateway's address, 40 times."""
    path = "/api/v1/namespaces/istio-system/services/istio-ingressgateway"
    for _ in range(40):
        entries = api.send("GET", path)[1]["status"]["loadBalancer"].get("ingress")
        if entries:
            return str(entries[0]["ip"])
        log("Trying to get istio-ingressgateway Service Address from its Status")
        time.sleep(PAUSE)
    raise FailedError("timed out while waiting to get istio-ingressgateway Service Address")


def profile(api: Api, user: str) -> None:
    """Create the Profile, and wait until a controller has created its namespace."""
    name = "kubeflow-" + (user or "anonymous").replace(".", "-").partition("@")[0]
    if api.send("GET", f"/api/v1/namespaces/{name}")[0] == 200:
        return
    api.discover()
    owner = {"kind": "User", "name": user or "anonymous"}
    manifest = {"apiVersion": "kubeflow.org/v1alpha1", "kind": "Profile", "spec": {"owner": owner}}
    metadata = {"name": name, "creationTimestamp": None}
    create(api, {**manifest, "metadata": metadata, "status": {}})
    for _ in range(40):
        if api.send("GET", f"/api/v1/namespaces/{name}")[0] == 200:
            return
        time.sleep(PAUSE)
    raise FailedError("no namespace")


# 1.0.


def apply_10(config: str) -> None:
    """Generate unless that is done already, and apply as kubectl does."""
    directory = Path(config).parent
    definition = yaml.safe_load(Path(config).read_text())
    if not (directory / "kustomize").exists():
        generate(definition, directory, fetch(definition, directory))
    api = Api()
    status, _ = api.send("GET", "/api/v1/namespaces/kubeflow")
    if status != 200:
        labels = {"control-plane": "kubeflow", "katib-metricscollector-injection": "enabled"}
        metadata = {"name": "kubeflow", "labels": labels, "creationTimestamp": None}
        api.discover()
        create(api, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": {}})
    for name, manifests in components(definition, directory):
        apply_component(api, name, manifests)
    statuses = [
        api.send("GET", f"/api/v1/namespaces/{name}")[0] for name in ("kubeflow-", "anonymous")
    ]
    if 200 not in statuses:
        time.sleep(300)


def apply_component(api: Api, name: str, manifests: list[Object]) -> None:
    """Apply a component, with several attempts."""
    log(f"Deploying application {name}")
    for attempt in range(8):
        problems = kubectl_apply(api, manifests)
        if not problems:
            return
        if attempt == 7:
            raise FailedError(f"failed to apply: {problems[-1]}")
        log(f"Encountered error applying application {name}: {problems[-1]}")
        time.sleep(PAUSE)


def kubectl_apply(api: Api, manifests: list[Object]) -> list[str]:
    """Apply objects, and return the error messages."""
    api.discover()
    problems = []
    for manifest in manifests:
        try:
            problems += kubectl_apply_object(api, manifest)
        except FailedError as error:
            problems.append(str(error))
    return problems


def kubectl_apply_object(api: Api, manifest: Object) -> list[str]:
    """Create an object, or change what differs from it."""
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), LAST_APPLIED: json.dumps(manifest)}
    changed = {**manifest, "metadata": {**metadata, "annotations": annotations}}
    path = f"{api.path(manifest)}/{metadata['name']}"
    status, live = api.send("GET", path)
    if status == 404:
        if "namespace" in metadata:
            api.send("GET", f"/api/v1/namespaces/{metadata['namespace']}")
        status, answer = api.send("POST", api.path(manifest), changed)
        return [] if status == 201 else [answer["message"]]
    before = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    patch = {key: changed[key] for key in changed if key not in ("apiVersion", "kind", "metadata")}
    if before != annotations[LAST_APPLIED]:
        patch["metadata"] = {"annotations": {LAST_APPLIED: annotations[LAST_APPLIED]}}
    kind = "application/strategic-merge-patch+json"
    status, answer = api.send("PATCH", path, patch, kind)
    return [] if status == 200 else [answer["message"]]


def main(args: list[str]) -> None:
    """Run the command in the arguments."""
    assert not any(key.lower() in ("http_proxy", "https_proxy") for key in os.environ)
    words = [word for word in args if word != "-V"]
    if words[0] == "init":
        init(words[1], words[2].partition("=")[2])
    elif words == ["generate", "all"]:
        shutil.rmtree("kustomize", ignore_errors=True)
        definition, repos = load()
        generate(definition, Path.cwd(), repos)
    elif words == ["apply", "all"]:
        apply_06()
    else:
        assert words[:2] == ["apply", "-f"]
        apply_10(words[2])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FailedError as failed:
        print(f"Error: {failed}\nUsage:\n  kfctl apply [flags]", flush=True)
        sys.exit(1)
