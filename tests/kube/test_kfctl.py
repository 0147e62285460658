"""kfctl runs against a real API server, through the proxy that applies and records its objects.

A stand-in that sends the same requests takes kfctl's place (`kfctl_standin.py`), because Go's
module proxy does not have kfctl; where BOTLAB_KFCTL names a directory with upstream's own
programs, these run too. The sources are small (`small_release.py`), so that a server of any
version accepts them.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError
from helpers.kube.network_namespace import in_a_network_of_its_own
from helpers.kubeflow import small_release
from helpers.kubeflow.builds import kfctl
from helpers.kubeflow.kfctl_program import COMPONENTS, program
from helpers.processes import until
from kubeflow_installer.jobs import launcher, workdir
from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.methods import kfctl as kfctl_method
from kubeflow_installer.releases.inventory import ObjectKey, object_key
from kubeflow_installer.transform.image_names import in_registry
from kubeflow_installer.transform.transform import SiteSettings
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import Api
from labkube.client.references import ref_of

HASH, KEY = "$2a$10$" + "h" * 53, "k" * 24
USER = "jo.doe@lab.example"
REGISTRY = "registry.lab:5000/kf"
CERTIFICATE = ("Secret", "istio-system", "istio-ingressgateway-certs")


class Site:
    """An application that runs kfctl on a server."""

    def __init__(
        self, who: str, release: str, server: ApiServer, directory: Path, name: str = "kubeflow"
    ) -> None:
        self.release, self.name = release, name
        self.directory = str(directory / f"run-{name}")
        self.access = Access(server.url, server.ca, server.token)
        self.excluded = [name for name in kfdef.components(release) if name not in COMPONENTS]
        self.files = {
            **small_release.pack(release, directory),
            "kfctl": program(who, release, directory),
        }
        self.settings = SiteSettings(REGISTRY, "none", (), USER, HASH, KEY, "", credential="")
        self.api = Api(self.access)

    def job(self, **changed: Any) -> dict[str, Any]:
        """Return the job, as the charm makes it."""
        request: Any = SimpleNamespace(
            release=SimpleNamespace(name=self.release),
            options=SimpleNamespace(excluded=tuple(self.excluded)),
            application=self.name, access=self.access, settings=self.settings, files=self.files,
            first_user=USER,
        )  # fmt: skip
        return {**kfctl_method.job(request), "pauses": [0.2], **changed}

    def __enter__(self) -> Site:
        """Return the site."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client."""
        self.api.close()

    def start(self, **changed: Any) -> None:
        """Start a run; the hook's proxies do not exist."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
                patch.setenv(name, "http://127.0.0.1:9")
            assert launcher.start(self.directory, self.job(**changed))

    def end(self) -> launcher.JobState:
        """Wait until a run ends."""
        until(lambda: not launcher.read_state(self.directory).is_running, 150)
        return launcher.read_state(self.directory)

    def run(self, **changed: Any) -> launcher.JobState:
        """Run kfctl to its end."""
        self.start(**changed)
        return self.end()

    def count(self) -> int:
        """Return how many objects are recorded so far."""
        words = launcher.read_state(self.directory).step.replace(",", "").split()
        return int(words[1]) if words[-1:] == ["objects"] else 0

    def recorded(self) -> list[dict[str, Any]]:
        """Return what kfctl made, the last version of each object."""
        lines = Path(self.directory, workdir.OBJECTS).read_text().splitlines()
        manifests = [json.loads(line) for line in lines]
        return list({ref_of(manifest): manifest for manifest in manifests}.values())

    def owned(self) -> dict[ObjectKey, dict[str, Any]]:
        """Return every object of the application on the server."""
        objects = Objects(self.api, self.name, "kubeflow-installer", self.api.kinds()).owned()
        return {object_key(live): live for live in objects}

    def expected(self) -> set[ObjectKey]:
        """Return the keys of the objects that kfctl should make."""
        keys = set(small_release.expected(self.release, self.excluded))
        return keys | ({("Profile", "", "kubeflow-jo-doe")} if self.release == "0.6.2" else set())

    def log(self) -> str:
        """Return kfctl's output."""
        return Path(self.directory, workdir.LOG).read_text()


@contextlib.contextmanager
def load_balancer(site: Site) -> Iterator[None]:
    """Assign an address to the gateway, late, as MetalLB does."""
    end = threading.Event()
    gateway = {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "istio-ingressgateway", "namespace": "istio-system"},
    }  # fmt: skip
    api = Api(site.access)

    def assign() -> None:
        while not end.wait(0.3):
            live = api.get(gateway)
            if live and live["spec"]["type"] == "LoadBalancer" and not address_of(live):
                status = {"status": {"loadBalancer": {"ingress": [{"ip": "10.64.0.100"}]}}}
                path = f"{api.path_of(gateway)}/status"
                api.request("PATCH", path, status, "application/merge-patch+json")

    thread = threading.Thread(target=assign)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
        api.close()


def address_of(live: dict[str, Any]) -> str:
    """Return a service's address."""
    entries = live["status"]["loadBalancer"].get("ingress") or [{}]
    return str(entries[0].get("ip", ""))


def versions(objects: dict[ObjectKey, dict[str, Any]]) -> dict[ObjectKey, str]:
    """Return the objects' resource versions, except those that change with their status."""
    return {
        key: str(live["metadata"]["resourceVersion"])
        for key, live in objects.items()
        if key[2] != "istio-ingressgateway"
    }


def check_objects(site: Site) -> None:
    """Check that every object is labelled, recorded as it came, and transformed on the server."""
    live = site.owned()
    recorded = {object_key(manifest): manifest for manifest in site.recorded()}
    assert site.expected() - set(live) == set()
    assert set(live) == set(recorded)
    assert CERTIFICATE not in live
    for key, manifest in live.items():
        for container in containers(manifest):
            image = containers(recorded[key])[0]["image"]
            assert image == f"gcr.io/kubeflow/{key[2]}:v1"
            assert container["image"] == in_registry(image, REGISTRY) != image
    dex = "auth" if site.release == "1.0.2" else "kubeflow"
    settings = live["ConfigMap", dex, "dex"]["data"]["config.yaml"]
    assert HASH in settings
    assert USER in settings
    assert (
        live["Service", "istio-system", "istio-ingressgateway"]["spec"]["type"] == "LoadBalancer"
    )


def containers(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a workload's containers."""
    spec = manifest.get("spec") or {}
    return list(((spec.get("template") or {}).get("spec") or {}).get("containers") or [])


def processes(directory: str) -> list[int]:
    """Return the ids of the processes that run kfctl in a directory."""
    pids = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if f"{directory}/work/kfctl".encode() in words:
                pids.append(int(path.parent.name))
    return pids


def runner_of(directory: str) -> int:
    """Return the id of the runner of a directory."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if (
                any(word.endswith(b"jobs/runner.py") for word in words)
                and directory.encode() in words
            ):
                return int(path.parent.name)
    raise AssertionError("no runner")


@pytest.fixture(params=["stand-in", "kfctl"])
def who(request: pytest.FixtureRequest) -> str:
    """Return which program runs; upstream's own where it was provided."""
    if request.param == "kfctl":
        try:
            for release in ("0.6.2", "1.0.2"):
                kfctl(release)
        except UnavailableError as error:
            pytest.skip(str(error))
    return str(request.param)


def test_run_of_three_steps_survives_being_killed(
    who: str, server: ApiServer, tmp_path: Path
) -> None:
    """0.6.2 makes the same objects however often it is killed, and then writes nothing.

    Foreign objects of these names are reported and left as they are.
    """
    with Site(who, "0.6.2", server, tmp_path, f"kubeflow-{who}") as site, cleaned(site):
        with load_balancer(site):
            for objects in (0, 5, 20):
                cut_off(site, objects)
            assert site.run().succeeded, site.log()
            check_objects(site)
            before = site.owned()
            assert site.run().succeeded, site.log()
            assert versions(site.owned()) == versions(before)
            check_secrets(site)
        with Site(who, "0.6.2", server, tmp_path, "other") as second:
            check_foreign_objects(second, site)


def cut_off(site: Site, objects: int) -> None:
    """Start a run, and kill it when a number of objects is recorded: kfctl ends with it."""
    site.start()
    until(lambda: site.count() >= objects, 60)
    os.kill(runner_of(site.directory), signal.SIGKILL)
    until(lambda: not processes(site.directory), 30)
    state = site.end()
    assert (state.has_ended, state.succeeded, state.may_retry) == (True, False, True)
    assert "interrupted at" in state.message
    assert not Path(site.directory, workdir.OBJECTS).exists()


def check_secrets(site: Site) -> None:
    """Check that no other user can read a secret, and that nothing remains."""
    assert HASH not in site.log()
    assert KEY not in site.log()
    assert "Authorization" not in site.log()
    assert not Path(site.directory, "work").exists()
    for path in Path(site.directory).iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def check_foreign_objects(second: Site, site: Site) -> None:
    """Check that another application reports all objects as foreign, and changes nothing."""
    before = site.owned()
    state = second.run(seconds={"init": 60, "generate": 60, "apply": 40})
    assert (state.succeeded, state.may_retry) == (False, False)
    assert "not made by this application: Namespace kubeflow" in state.message
    result = json.loads(Path(second.directory, "result.json").read_text())
    assert set(result["foreign"]) <= {name_in_messages(key) for key in site.owned()}
    assert "CustomResourceDefinition gateways.networking.istio.io" in result["foreign"]
    assert not Path(second.directory, workdir.OBJECTS).exists()
    assert versions(site.owned()) == versions(before)
    assert second.owned() == {}


def name_in_messages(key: tuple[str, str, str]) -> str:
    """Return an object's name in messages."""
    kind, namespace, name = key
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


@contextlib.contextmanager
def cleaned(site: Site) -> Iterator[None]:
    """Delete everything afterwards; this server has no controller that empties namespaces."""
    try:
        yield
    finally:
        for live in site.owned().values():
            site.api.delete(live)
        for key, live in site.owned().items():
            if key[0] == "Namespace":
                live["spec"]["finalizers"] = []
                path = f"/api/v1/namespaces/{key[2]}/finalize"
                site.api.request("PUT", path, live)
        until(lambda: not site.owned(), 30)


def test_run_of_one_step_needs_no_network(who: str, age: Path, tmp_path: Path) -> None:
    """1.0.2 does the same, on a machine without any network except loopback."""
    in_a_network_of_its_own(lambda: one_step(who, age, tmp_path))


def one_step(who: str, age: Path, directory: Path) -> None:
    """Start a server and run kfctl there."""
    server = ApiServer(age, directory / "kube")
    try:
        server.start()
        with Site(who, "1.0.2", server, directory) as site:
            check_one_step(site)
    finally:
        server.stop()


def check_one_step(site: Site) -> None:
    """Run, run again, lose an object, and run again; then check the errors."""
    assert site.run().succeeded, site.log()
    check_objects(site)
    labels = site.owned()["Namespace", "", "kubeflow"]["metadata"]["labels"]
    assert {"control-plane", "profiles"} <= set(labels)
    before = site.owned()
    assert site.run().succeeded, site.log()
    assert versions(site.owned()) == versions(before)
    # Another run restores what was changed or deleted.
    site.api.patch(before["Deployment", "kubeflow", "argo"], {"spec": {"replicas": 3}})
    site.api.delete(before["Service", "kubeflow", "argo"])
    assert site.run().succeeded, site.log()
    check_objects(site)
    check_secrets(site)
    check_errors(site)


def check_errors(site: Site) -> None:
    """Check that an unusable source is named, and that a run does not exceed its time."""
    Path(site.files["manifests"]).write_bytes(base64.b64decode("UEsFBgAA"))
    state = site.run()
    assert (state.succeeded, state.may_retry, state.step) == (False, False, "unpack")
    assert "manifests.tar.gz is not a .tar.gz" in state.message
    small_release.pack("1.0.2", Path(site.files["manifests"]).parent)
    state = site.run(seconds={"apply": 0.5})
    assert (state.succeeded, state.may_retry) == (False, True)
    assert state.message == "kfctl apply did not end within 0 s"
    assert not processes(site.directory)
