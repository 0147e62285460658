"""kfctl runs against a real API server, through the proxy that makes its objects ours.

kfctl's place is taken by a stand-in that sends the same calls (`kfctl_standin.py`), since Go's
modules do not have kfctl; where BOTLAB_KFCTL names a folder with upstream's own programs, these
run too. Sources are small ones (`small_kubeflow.py`), so that a server of any age takes them.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.kube.builds import UnavailableError
from helpers.kube.network_namespace import in_a_network_of_its_own
from helpers.kube.servers import ApiServer
from helpers.kubeflow import small_release
from helpers.kubeflow.builds import kfctl
from helpers.kubeflow.kfctl_program import KEPT, program
from kubeflow_installer.jobs import launcher, workdir
from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.kfctl import run as run_module
from kubeflow_installer.transform import transform
from labkube.apply.objects import Objects
from labkube.apply.references import ref_of
from labkube.client.access import Access
from labkube.client.api import Api

ROOT = Path(__file__).resolve().parents[2]


HASH = "$2a$10$" + "h" * 53
USER = "jo.doe@lab.example"
REGISTRY = "registry.lab:5000/kf"
CERTIFICATE = ("Secret", "istio-system", "istio-ingressgateway-certs")


class Site:
    """An application that runs kfctl on a server."""

    def __init__(
        self, who: str, release: str, server: ApiServer, folder: Path, name: str = "kubeflow"
    ) -> None:
        self.release, self.name = release, name
        self.folder = str(folder / f"run-{name}")
        self.access = Access(server.url, server.ca, server.token)
        self.excluded = [one for one in kfdef.components(release) if one not in KEPT]
        self.files = {
            **small_release.pack(release, folder),
            "kfctl": program(who, release, folder),
        }
        self.fitting = transform.Fitting(REGISTRY, "none", (), USER, HASH, "")._replace(
            credential=""
        )
        self.api = Api(self.access)

    def job(self, **changed: Any) -> dict[str, Any]:
        """Return the job, as the charm makes it."""
        request = SimpleNamespace(
            release=SimpleNamespace(name=self.release),
            options=SimpleNamespace(excluded=tuple(self.excluded)),
            application=self.name, access=self.access, fitting=self.fitting, files=self.files,
            first_user=USER,
        )  # fmt: skip
        return {**run_module.job(request), "pauses": [0.2], **changed}

    def __enter__(self) -> Site:
        """Nothing to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the certificates."""
        self.api.close()

    def start(self, **changed: Any) -> None:
        """Start a run; a proxy of the hook's leads nowhere."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
                patch.setenv(name, "http://127.0.0.1:9")
            assert launcher.start(self.folder, self.job(**changed))

    def end(self) -> launcher.State:
        """Wait until a run ends."""
        until(lambda: not launcher.state(self.folder).running, 150)
        return launcher.state(self.folder)

    def run(self, **changed: Any) -> launcher.State:
        """Run to the end."""
        self.start(**changed)
        return self.end()

    def count(self) -> int:
        """Return how many objects are recorded by now."""
        words = launcher.state(self.folder).step.replace(",", "").split()
        return int(words[1]) if words[-1:] == ["objects"] else 0

    def recorded(self) -> list[dict[str, Any]]:
        """Return what kfctl made, its last word on each."""
        lines = Path(self.folder, workdir.OBJECTS).read_text().splitlines()
        found = [json.loads(line) for line in lines]
        return list({ref_of(one): one for one in found}.values())

    def ours(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Return every object of ours on the server."""
        found = Objects(self.api, self.name, "kubeflow-installer", self.api.kinds()).owned()
        return {ident(one): one for one in found}

    def wanted(self) -> set[tuple[str, str, str]]:
        """Return what shall be there."""
        found = set(small_release.expected(self.release, self.excluded))
        return found | ({("Profile", "", "kubeflow-jo-doe")} if self.release == "0.6.2" else set())

    def log(self) -> str:
        """Return what kfctl printed."""
        return Path(self.folder, workdir.LOG).read_text()


def ident(found: dict[str, Any]) -> tuple[str, str, str]:
    """Return kind, namespace and name."""
    metadata = found["metadata"]
    return found["kind"], metadata.get("namespace", ""), metadata["name"]


def until(ready: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.05)


@contextlib.contextmanager
def load_balancer(site: Site) -> Iterator[None]:
    """Give the gateway an address, late, as MetalLB does."""
    over = threading.Event()
    gateway = {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "istio-ingressgateway", "namespace": "istio-system"},
    }  # fmt: skip
    api = Api(site.access)

    def give() -> None:
        while not over.wait(0.3):
            live = api.get(gateway)
            if live and live["spec"]["type"] == "LoadBalancer" and not address_of(live):
                status = {"status": {"loadBalancer": {"ingress": [{"ip": "10.64.0.100"}]}}}
                path = f"{api.path_of(gateway)}/status"
                api.request("PATCH", path, status, "application/merge-patch+json")

    thread = threading.Thread(target=give)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        api.close()


def address_of(live: dict[str, Any]) -> str:
    """Return a service's address."""
    entries = live["status"]["loadBalancer"].get("ingress") or [{}]
    return str(entries[0].get("ip", ""))


def versions(found: dict[Any, dict[str, Any]]) -> dict[Any, str]:
    """Return the objects' resource versions, but those that their status moves."""
    return {
        key: str(one["metadata"]["resourceVersion"])
        for key, one in found.items()
        if key[2] != "istio-ingressgateway"
    }


def check_objects(site: Site) -> None:
    """Everything is there, ours, recorded as it came, and fitted on the server."""
    live, recorded = site.ours(), {ident(one): one for one in site.recorded()}
    assert site.wanted() - set(live) == set()
    assert set(live) == set(recorded)
    assert CERTIFICATE not in live
    for key, one in live.items():
        for container in containers(one):
            kept = containers(recorded[key])[0]["image"]
            assert (kept, container["image"]) == (f"gcr.io/kubeflow/{key[2]}:v1", placed(kept))
    dex = "auth" if site.release == "1.0.2" else "kubeflow"
    settings = live["ConfigMap", dex, "dex"]["data"]["config.yaml"]
    assert HASH in settings
    assert USER in settings
    assert (
        live["Service", "istio-system", "istio-ingressgateway"]["spec"]["type"] == "LoadBalancer"
    )


def placed(image: str) -> str:
    """Return where an image is pulled from."""
    found = transform.placed(image, REGISTRY)
    assert found.startswith(REGISTRY)
    return found


def containers(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a workload's containers."""
    spec = found.get("spec") or {}
    return list(((spec.get("template") or {}).get("spec") or {}).get("containers") or [])


def processes(folder: str) -> list[int]:
    """Return the ids of the processes that run kfctl in a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if f"{folder}/work/kfctl".encode() in words:
                found.append(int(path.parent.name))
    return found


def runner_of(folder: str) -> int:
    """Return the id of the runner of a folder."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if any(one.endswith(b"jobs/runner.py") for one in words) and folder.encode() in words:
                return int(path.parent.name)
    raise AssertionError("no runner")


@pytest.fixture(params=["stand-in", "kfctl"])
def who(request: pytest.FixtureRequest) -> str:
    """Return who stands in kfctl's place; upstream's own where it was handed in."""
    if request.param == "kfctl":
        try:
            for release in ("0.6.2", "1.0.2"):
                kfctl(release)
        except UnavailableError as error:
            pytest.skip(str(error))
    return str(request.param)


def test_three_steps_cut_off_and_begun_again(who: str, server: ApiServer, tmp_path: Path) -> None:
    """0.6.2: however often it is killed, it ends in the same objects; then it writes nothing.

    Somebody else's objects of these names are named and left as they are.
    """
    with Site(who, "0.6.2", server, tmp_path, f"kubeflow-{who}") as site, cleaned(site):
        with load_balancer(site):
            for objects in (0, 5, 20):
                cut_off(site, objects)
            assert site.run().ok, site.log()
            check_objects(site)
            before = site.ours()
            assert site.run().ok, site.log()
            assert versions(site.ours()) == versions(before)
            check_secrets(site)
        with Site(who, "0.6.2", server, tmp_path, "other") as other:
            check_strangers(other, site)


def cut_off(site: Site, objects: int) -> None:
    """Start a run, and kill it when so many objects are there: kfctl goes with it."""
    site.start()
    until(lambda: site.count() >= objects, 60)
    os.kill(runner_of(site.folder), signal.SIGKILL)
    until(lambda: not processes(site.folder))
    state = site.end()
    assert (state.ended, state.ok, state.passes) == (True, False, True)
    assert "cut off at" in state.message
    assert not Path(site.folder, workdir.OBJECTS).exists()


def check_secrets(site: Site) -> None:
    """Nothing secret is where somebody may read it, and nothing is left behind."""
    assert HASH not in site.log()
    assert "Authorization" not in site.log()
    assert not Path(site.folder, "work").exists()
    for path in Path(site.folder).iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def check_strangers(other: Site, site: Site) -> None:
    """Another application finds that everything is somebody else's, and changes nothing."""
    before = site.ours()
    state = other.run(seconds={"init": 60, "generate": 60, "apply": 40})
    assert (state.ok, state.passes) == (False, False)
    assert "not made by this application: Namespace kubeflow" in state.message
    result = json.loads(Path(other.folder, "result.json").read_text())
    assert set(result["foreign"]) <= {small_name(key) for key in site.ours()}
    assert "CustomResourceDefinition gateways.networking.istio.io" in result["foreign"]
    assert not Path(other.folder, workdir.OBJECTS).exists()
    assert versions(site.ours()) == versions(before)
    assert other.ours() == {}


def small_name(key: tuple[str, str, str]) -> str:
    """Return an object's name for people."""
    kind, namespace, name = key
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


@contextlib.contextmanager
def cleaned(site: Site) -> Iterator[None]:
    """Take everything away afterwards; this server has nobody who empties namespaces."""
    try:
        yield
    finally:
        for one in site.ours().values():
            site.api.delete(one)
        for key, found in site.ours().items():
            if key[0] == "Namespace":
                found["spec"]["finalizers"] = []
                path = f"/api/v1/namespaces/{key[2]}/finalize"
                site.api.request("PUT", path, found)
        until(lambda: not site.ours())


def test_one_step_without_a_way_out(who: str, age: Path, tmp_path: Path) -> None:
    """1.0.2: the same, on a machine that has no network but loopback."""
    in_a_network_of_its_own(lambda: one_step(who, age, tmp_path))


def one_step(who: str, age: Path, folder: Path) -> None:
    """Start a server and run there."""
    server = ApiServer(age, folder / "kube")
    try:
        server.start()
        with Site(who, "1.0.2", server, folder) as site:
            check_one_step(site)
    finally:
        server.stop()


def check_one_step(site: Site) -> None:
    """Run, run again, lose something, run again; then what goes wrong."""
    assert site.run().ok, site.log()
    check_objects(site)
    labels = site.ours()["Namespace", "", "kubeflow"]["metadata"]["labels"]
    assert {"control-plane", "profiles"} <= set(labels)
    before = site.ours()
    assert site.run().ok, site.log()
    assert versions(site.ours()) == versions(before)
    # What was changed or lost is as it was after another run.
    site.api.patch(before["Deployment", "kubeflow", "argo"], {"spec": {"replicas": 3}})
    site.api.delete(before["Service", "kubeflow", "argo"])
    assert site.run().ok, site.log()
    check_objects(site)
    check_secrets(site)
    check_errors(site)


def check_errors(site: Site) -> None:
    """A source that cannot be used is named; a run does not outlast its time."""
    Path(site.files["manifests"]).write_bytes(base64.b64decode("UEsFBgAA"))
    state = site.run()
    assert (state.ok, state.passes, state.step) == (False, False, "unpack")
    assert "manifests.tar.gz is no .tar.gz" in state.message
    small_release.pack("1.0.2", Path(site.files["manifests"]).parent)
    state = site.run(seconds={"apply": 0.5})
    assert (state.ok, state.passes) == (False, True)
    assert state.message == "kfctl apply did not end within 0 s"
    assert not processes(site.folder)
