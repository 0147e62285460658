"""A stand-in for kfctl, which Go's modules do not have: it sends what kfctl sends.

Run as kfctl is run, with the environment that kfctl reads. Calls and files are those of 0.6.2
(`init`, `generate`, `apply`; kubeflow/kubeflow v0.6.2, bootstrap/) and of 1.0.2 (`apply -f`;
kubeflow/kfctl v1.0.2): which object is asked for before it is made, what an answer of 404, 409 or
200 leads to, what is waited for, what is refused when it is half done. What kustomize does there
is done in small: a component's base and overlays are lists of objects, `$(NAME)` is a parameter.
The pauses between tries are shorter.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import yaml

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLUSTER_WIDE = ("Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding")
PAUSE = 0.3
Object = dict[str, Any]


class FailedError(Exception):
    """What kfctl says before it ends with 1."""


class Api:
    """The server of the kubeconfig, as client-go knows it."""

    def __init__(self) -> None:
        found = json.loads(Path(os.environ["KUBECONFIG"]).read_text())
        self.url = found["clusters"][0]["cluster"]["server"]
        self.kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def send(
        self, method: str, path: str, body: Any = None, content: str = "application/json"
    ) -> tuple[int, Any]:
        """Send a request; return status and document."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)  # noqa: S310
        request.add_header("Content-Type", content)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            return error.code, json.loads(error.read())

    def discover(self) -> None:
        """Read all kinds, as a fresh mapper does."""
        groups = self.send("GET", "/apis")[1]["groups"]
        versions = ["v1", *(one["groupVersion"] for group in groups for one in group["versions"])]
        self.kinds = {}
        for version in versions:
            path = f"/apis/{version}" if "/" in version else f"/api/{version}"
            status, found = self.send("GET", path)
            for one in found["resources"] if status == 200 else []:
                if "/" not in one["name"]:
                    place = (f"{path}/%s{one['name']}", one["namespaced"])
                    self.kinds[version, one["kind"]] = place

    def path(self, found: Object) -> str:
        """Return the path of the list that an object is in."""
        kind = (found["apiVersion"], found["kind"])
        if kind not in self.kinds:
            raise FailedError(f'no matches for kind "{kind[1]}" in version "{kind[0]}"')
        pattern, namespaced = self.kinds[kind]
        namespace = found["metadata"].get("namespace", "default")
        return pattern % (f"namespaces/{namespace}/" if namespaced else "")


def say(text: str) -> None:
    """Write a line as logrus does."""
    print(f'time="now" level=info msg="{text}"', flush=True)


def documents(text: str) -> Iterator[Object]:
    """Return the objects of a text."""
    yield from (one for one in yaml.safe_load_all(text) if one)


# Both.


def fetch(definition: Object, folder: Path) -> dict[str, Path]:
    """Fetch all sources; return their top folders."""
    found = {}
    for repo in definition["spec"]["repos"]:
        cache = folder / ".cache" / repo["name"]
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        assert repo["uri"].endswith(".tar.gz"), "go-getter knows an archive by its name"
        with urllib.request.urlopen(repo["uri"], timeout=60) as answer:  # noqa: S310
            (folder / "archive").write_bytes(answer.read())
        with tarfile.open(folder / "archive") as tar:
            tar.extractall(cache)  # noqa: S202 - made by the test
        found[repo["name"]] = next(iter(sorted(cache.iterdir())))
    return found


def generate(definition: Object, folder: Path, repos: dict[str, Path]) -> None:
    """Write each component's objects into kustomize/."""
    target = folder / "kustomize"
    target.mkdir()
    for one in definition["spec"]["applications"]:
        config = one["kustomizeConfig"]
        source = repos[config["repoRef"]["name"]] / config["repoRef"]["path"]
        given = {each["name"]: each["value"] for each in config.get("parameters", [])}
        names = ["base", *(f"overlays/{name}" for name in config.get("overlays", []))]
        found = [text for name in names for text in texts(source / name, given)]
        (target / f"{one['name']}.yaml").write_text("---\n".join(found))


def texts(folder: Path, given: dict[str, str]) -> Iterator[str]:
    """Return the files of a base or an overlay; one that is not there is passed over."""
    if not folder.is_dir():
        return
    parameters = folder / "params.env"
    known = dict(line.split("=", 1) for line in parameters.read_text().splitlines()) if (
        parameters.is_file()
    ) else {}  # fmt: skip
    known |= given
    for name in yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]:
        text = (folder / name).read_text()
        yield re.sub(r"\$\(([\w-]+)\)", lambda found: known.get(found[1], found[0]), text)


def components(definition: Object, folder: Path) -> Iterator[tuple[str, list[Object]]]:
    """Return each component's objects, in the namespace that is asked for."""
    for one in definition["spec"]["applications"]:
        given = one["kustomizeConfig"].get("parameters", [])
        wish = {each["name"]: each["value"] for each in given}
        found = list(documents((folder / "kustomize" / f"{one['name']}.yaml").read_text()))
        for each in found:
            if each["kind"] not in CLUSTER_WIDE:
                each["metadata"]["namespace"] = wish.get("namespace", "kubeflow")
        yield one["name"], found


# 0.6.


def init(name: str, config: str) -> None:
    """Make the folder and fetch the sources."""
    folder = Path.cwd() / name
    folder.mkdir(exist_ok=True)
    if (folder / "app.yaml").exists():
        raise FailedError(f"couldn't create KfApp: {folder / 'app.yaml'} already exists")
    definition = yaml.safe_load(Path(config).read_text())
    repos = fetch(definition, folder)
    definition["status"] = {"reposCache": {name: str(path) for name, path in repos.items()}}
    (folder / "app.yaml").write_text(json.dumps(definition))


def load() -> tuple[Object, dict[str, Path]]:
    """Read what `init` wrote."""
    definition = yaml.safe_load(Path("app.yaml").read_text())
    cached = definition["status"]["reposCache"]
    return definition, {name: Path(path) for name, path in cached.items()}


def apply_06() -> None:
    """Platform, components, Profile."""
    definition, repos = load()
    api = Api()
    platform(api, repos["kubeflow"] / "deployment/existing")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}}
    if api.send("GET", "/api/v1/namespaces/kubeflow")[0] != 200:
        create(api, namespace)
    for name, found in components(definition, Path.cwd()):
        api.discover()
        for one in found:
            say(f"creating {one['kind']}/{one['metadata']['name']}")
            status, answer = api.send("POST", api.path(one), one)
            if status not in (200, 201, 409):
                raise FailedError(f"couldn't create resources from {name} {answer['message']}")
    profile(api, definition["spec"].get("email", ""))


def platform(api: Api, folder: Path) -> None:
    """Istio, the certificate, dex and the service that logs people in."""
    api.discover()
    create(api, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubeflow"}})
    for name in ("istio/crds.yaml", "istio/istio-noauth.yaml"):
        create_missing(api, (folder / name).read_text())
    endpoint = os.environ.get("KUBEFLOW_ENDPOINT") or f"https://{address(api)}"
    data = {
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
        text = (folder / "auth_oidc" / name).read_text()
        text = re.sub(r"{{\.(?:KubeflowUser\.)?(\w+)}}", lambda found: data[found[1]], text)
        create_missing(api, text)


def create(api: Api, found: Object) -> None:
    """Create an object that may be there."""
    status, answer = api.send("POST", api.path(found), found)
    if status not in (201, 409):
        raise FailedError(answer["message"])


def create_missing(api: Api, text: str) -> None:
    """Create those objects of a file that are not there."""
    api.discover()
    for found in documents(text):
        path = f"{api.path(found)}/{found['metadata']['name']}"
        status, answer = api.send("GET", path)
        if status == 404:
            status, answer = api.send("POST", api.path(found), found)
        if status not in (200, 201):
            raise FailedError(answer["message"])


def address(api: Api) -> str:
    """Wait for the gateway's address, 40 times."""
    path = "/api/v1/namespaces/istio-system/services/istio-ingressgateway"
    for _ in range(40):
        entries = api.send("GET", path)[1]["status"]["loadBalancer"].get("ingress")
        if entries:
            return str(entries[0]["ip"])
        say("Trying to get istio-ingressgateway Service Address from its Status")
        time.sleep(PAUSE)
    raise FailedError("timed out while waiting to get istio-ingressgateway Service Address")


def profile(api: Api, user: str) -> None:
    """Make the Profile, and wait until a controller made its namespace."""
    name = "kubeflow-" + (user or "anonymous").replace(".", "-").partition("@")[0]
    if api.send("GET", f"/api/v1/namespaces/{name}")[0] == 200:
        return
    api.discover()
    owner = {"kind": "User", "name": user or "anonymous"}
    made = {"apiVersion": "kubeflow.org/v1alpha1", "kind": "Profile", "spec": {"owner": owner}}
    create(api, {**made, "metadata": {"name": name, "creationTimestamp": None}, "status": {}})
    retry(lambda: api.send("GET", f"/api/v1/namespaces/{name}")[0] == 200, "no namespace")


def retry(work: Callable[[], bool], told: str, times: int = 40) -> None:
    """Try until it works."""
    for _ in range(times):
        if work():
            return
        time.sleep(PAUSE)
    raise FailedError(told)


# 1.0.


def apply_10(config: str) -> None:
    """Generate where nothing is generated, and apply as kubectl does."""
    folder = Path(config).parent
    definition = yaml.safe_load(Path(config).read_text())
    if not (folder / "kustomize").exists():
        generate(definition, folder, fetch(definition, folder))
    api = Api()
    status, _ = api.send("GET", "/api/v1/namespaces/kubeflow")
    if status != 200:
        labels = {"control-plane": "kubeflow", "katib-metricscollector-injection": "enabled"}
        metadata = {"name": "kubeflow", "labels": labels, "creationTimestamp": None}
        api.discover()
        create(api, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "spec": {}})
    for name, found in components(definition, folder):
        say(f"Deploying application {name}")
        for attempt in range(8):
            problems = kubectl_apply(api, found)
            if not problems:
                break
            if attempt == 7:
                raise FailedError(f"failed to apply: {problems[-1]}")
            say(f"Encountered error applying application {name}: {problems[-1]}")
            time.sleep(PAUSE)
    seen = [
        api.send("GET", f"/api/v1/namespaces/{name}")[0] for name in ("kubeflow-", "anonymous")
    ]
    if 200 not in seen:
        time.sleep(300)


def kubectl_apply(api: Api, found: list[Object]) -> list[str]:
    """Apply objects; return what is wrong with some."""
    api.discover()
    problems = []
    for one in found:
        try:
            problems += kubectl_apply_one(api, one)
        except FailedError as error:
            problems.append(str(error))
    return problems


def kubectl_apply_one(api: Api, found: Object) -> list[str]:
    """Create an object, or change what differs from it."""
    metadata = found["metadata"]
    notes = {**metadata.get("annotations", {}), LAST_APPLIED: json.dumps(found)}
    wanted = {**found, "metadata": {**metadata, "annotations": notes}}
    path = f"{api.path(found)}/{metadata['name']}"
    status, live = api.send("GET", path)
    if status == 404:
        if "namespace" in metadata:
            api.send("GET", f"/api/v1/namespaces/{metadata['namespace']}")
        status, answer = api.send("POST", api.path(found), wanted)
        return [] if status == 201 else [answer["message"]]
    before = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    patch = {key: wanted[key] for key in wanted if key not in ("apiVersion", "kind", "metadata")}
    if before != notes[LAST_APPLIED]:
        patch["metadata"] = {"annotations": {LAST_APPLIED: notes[LAST_APPLIED]}}
    kind = "application/strategic-merge-patch+json"
    status, answer = api.send("PATCH", path, patch, kind)
    return [] if status == 200 else [answer["message"]]


def main(args: list[str]) -> None:
    """Do what the arguments say."""
    assert not any(key.lower() in ("http_proxy", "https_proxy") for key in os.environ)
    plain = [one for one in args if one != "-V"]
    if plain[0] == "init":
        init(plain[1], plain[2].partition("=")[2])
    elif plain == ["generate", "all"]:
        shutil.rmtree("kustomize", ignore_errors=True)
        definition, repos = load()
        generate(definition, Path.cwd(), repos)
    elif plain == ["apply", "all"]:
        apply_06()
    else:
        assert plain[:2] == ["apply", "-f"]
        apply_10(plain[2])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FailedError as failed:
        print(f"Error: {failed}\nUsage:\n  kfctl apply [flags]", flush=True)
        sys.exit(1)
