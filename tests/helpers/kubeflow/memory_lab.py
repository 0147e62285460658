"""The charm's workload on a cluster in memory, step by step; a stand-in plays kfctl."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.fake_apis.memory_api import MemoryApi
from helpers.kubeflow.manifests import JsonObject, definition, deployment, manifest
from kubeflow_installer.installation import Host, Kubeflow, Site
from kubeflow_installer.jobs import launcher, manifests_build, workdir
from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.options import read_options
from kubeflow_installer.preflight.problems import SKIPPABLE_CHECKS
from kubeflow_installer.reconcile import loop
from kubeflow_installer.reconcile.loop import Permissions
from kubeflow_installer.releases import inventory
from kubeflow_installer.sources.release_files import ReleaseFiles
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.state.history import History
from labcharm.errors import WaitingError
from labcharm.machine import Machine
from labcharm.proxies import DIRECT
from labkube.client.access import Access

# bcrypt hashes: the first password's, a later one's, and the one that upstream ships.
HASH, OTHER_HASH = ("$2a$10$" + letter * 53 for letter in "ho")
SHIPPED_HASH = "$2y$10$" + "s" * 53
APPLICATION = "kubeflow-installer.0"
NAMESPACE = "kubeflow"


def dex(email: str, password_hash: str, namespace: str, host: str = "") -> list[JsonObject]:
    """Return dex and its ConfigMap with one user."""
    config = {
        "issuer": f"https://{host}:5556/dex",
        "staticPasswords": [{"email": email, "hash": password_hash}],
    }
    content = {"config.yaml": yaml.safe_dump(config)}
    config_map = manifest("v1", "ConfigMap", "dex", namespace, data=content)
    return [config_map, deployment("dex", namespace)]


class MemoryData:
    """The leader's data, in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, str] = {}

    def read(self) -> dict[str, str]:
        """Return everything that is stored."""
        return dict(self.stored)

    def write(self, values: Mapping[str, str]) -> None:
        """Store values; an empty value removes its name."""
        self.stored = {name: text for name, text in {**self.stored, **values}.items() if text}


class MemoryLab:
    """A cluster in memory, and a unit.

    Args:
        directory: The unit's machine.
        server: The server's version.
        files: The attached resources.
        config: The options.

    Attributes:
        hash: The hash of the first user's password.
        key: The key of the login's secrets.
        lines: The unit's log.
        peer_data: What Juju stores for the application.
    """

    def __init__(
        self,
        directory: Path,
        server: tuple[int, int],
        files: Mapping[str, str] | None = None,
        **config: str,
    ) -> None:
        self.api, self.directory = MemoryApi(server), directory
        self.files = dict(files or {})
        # The checks of nodes, addresses and rights have their own tests.
        checks = {"skipped-checks": skipped_except("manifests")}
        self.config = {"user": "admin@lab.example", **checks, **config}
        self.hash, self.key = HASH, "a-key"
        self.lines: list[str] = []
        self.peer_data = MemoryData()

    @property
    def history(self) -> History:
        """Return what a new hook knows of earlier installations."""
        data: Any = self.peer_data
        return History(data)

    def kubeflow(self) -> Kubeflow:
        """Return what a hook creates."""
        options = read_options(self.config)
        machine = Machine(str(self.directory / "root"))
        sources = ReleaseFiles(
            machine, "/files", "kubeflow", lambda name: self.files.get(name, ""),
            options.pinned, DIRECT,
        )  # fmt: skip
        site = Site(
            options, sources, Access("https://127.0.0.1:9", "", "t"),
            lambda: Credentials(options.user, "password", self.hash, self.key), self.lines.append,
        )  # fmt: skip
        api: Any = self.api
        return Kubeflow(api, APPLICATION, Host(machine, "/home"), site, lambda _: None)

    def reconcile(self, adopt: bool = False, force: bool = False) -> str:
        """Run one reconcile step."""
        return loop.reconcile(self.kubeflow(), self.history, Permissions(adopt, force))

    def require_changeable_credentials(self) -> None:
        """Check that new credentials would reach the objects."""
        loop.require_changeable_credentials(self.kubeflow())

    def hook(self, adopt: bool = False) -> str:
        """Reconcile until nothing is left to apply; return what is awaited then."""
        for _ in range(3):
            with pytest.raises(WaitingError) as error:
                self.reconcile(adopt, force=True)
            if "kfctl is starting" not in str(error.value):
                break
        return str(error.value)

    def get(self, kind: str, name: str, namespace: str = "") -> JsonObject | None:
        """Return an object; None if it does not exist."""
        for (_, *key), live in self.api.objects.items():
            if key == [kind, namespace, name]:
                return live
        return None

    def require(self, kind: str, name: str, namespace: str = "") -> JsonObject:
        """Return an object that must exist."""
        live = self.get(kind, name, namespace)
        assert live is not None, f"{kind} {name}"
        return live

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind's objects."""
        return sorted(key[3] for key in self.api.objects if key[1] == kind)

    def dex_user(self, namespace: str) -> JsonObject:
        """Return dex's one user."""
        config = yaml.safe_load(self.require("ConfigMap", "dex", namespace)["data"]["config.yaml"])
        user: JsonObject = config["staticPasswords"][0]
        return user

    def change_leader(self, directory: Path) -> None:
        """Continue on another machine, which has no files of the first one."""
        self.directory = directory

    def attach(self, manifests: list[JsonObject]) -> None:
        """Attach manifests as built YAML."""
        path = self.directory / "manifests.yaml"
        path.write_text(yaml.safe_dump_all(manifests))
        self.files["manifests"] = str(path)

    def detach_files(self) -> None:
        """Detach the resources; the download fails too."""
        self.files.clear()
        self.config["manifests-url"] = "http://127.0.0.1:9/gone#sha256=" + "0" * 64


def skipped_except(*names: str) -> str:
    """Return the option skipped-checks that leaves only these checks."""
    return " ".join(name for name in SKIPPABLE_CHECKS if name not in names)


def whole_release(release: str) -> list[JsonObject]:
    """Return what a release consists of, according to its inventory."""
    table = inventory.load(release)
    claim = "PersistentVolumeClaim"
    return [
        *(manifest("v1", "Namespace", name) for name in table.namespaces),
        *(manifest("v1", claim, name, namespace, spec={}) for namespace, name in table.claims),
        *(
            dict(deployment(name, namespace), kind=kind)
            for kind, namespace, name in table.workloads
        ),
        *dex("user@example.com", SHIPPED_HASH, "auth")[:1],
    ]


class KfctlStandin:
    """kfctl 0.6: it makes few objects, and ends at once.

    Attributes:
        jobs: The jobs of kfctl that were started.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jobs: list[Mapping[str, Any]] = []
        self._start = launcher.start
        monkeypatch.setattr(launcher, "start", self.start)

    def start(self, directory: str, job: Any) -> bool:
        """Write what a run writes; a job that builds manifests really runs."""
        if manifests_build.is_build_job(job):
            return self._start(directory, job)
        self.jobs.append(job)
        Path(directory).mkdir(parents=True)
        lines = [json.dumps(entry) + "\n" for entry in self.objects(job)]
        Path(directory, workdir.OBJECTS).write_text("".join(lines))
        outcome = {"ok": True, "passes": True, "step": "", "message": ""}
        Path(directory, workdir.RESULT).write_text(json.dumps(outcome))
        return True

    def objects(self, job: Mapping[str, Any]) -> list[JsonObject]:
        """Return what kfctl makes of a job."""
        user, host = job["user"], job["fitting"]["hostname"]
        owner = {"owner": {"kind": "User", "name": user}}
        profile = kfdef.profile(job["release"], user)
        argo = [manifest("v1", "ConfigMap", "argo", NAMESPACE, data={"a": "b"})]
        return [
            manifest("v1", "Namespace", NAMESPACE),
            definition("profiles", "Profile", "v1alpha1"),
            manifest("kubeflow.org/v1alpha1", "Profile", profile, spec=owner),
            manifest("v1", "Secret", "mysql-secret", NAMESPACE, data={"key": "dmFsdWU="}),
            *dex(user, SHIPPED_HASH, NAMESPACE, host),
            *([] if "argo" in job["excluded"] else argo),
        ]


def kfctl_files(directory: Path) -> dict[str, str]:
    """Return what is attached for 0.6."""
    paths = {name: directory / name for name in ("kfctl", "manifests", "platform")}
    for name, path in paths.items():
        path.write_text(name)
    return {name: str(path) for name, path in paths.items()}


NOTEBOOKS = definition("notebooks", "Notebook", "v1", "Namespaced")
STUDIES = definition("studies", "Study", "v1", "Namespaced")
# A part of 1.8.1, and what a later set of manifests no longer contains.
BASE = [
    manifest("v1", "Namespace", NAMESPACE),
    manifest("v1", "Namespace", "auth"),
    definition("profiles", "Profile", "v1"),
    *dex("user@example.com", SHIPPED_HASH, "auth"),
    manifest("v1", "Secret", "mysql-secret", NAMESPACE, data={"key": "dmFsdWU="}),
    deployment("centraldashboard"),
]
LEFTOVERS = [
    manifest("v1", "Namespace", "knative"),
    manifest("v1", "PersistentVolumeClaim", "minio", NAMESPACE, spec={}),
    manifest("kubeflow.org/v1", "Profile", "team", spec={"owner": {"kind": "User", "name": "a"}}),
    NOTEBOOKS,
    STUDIES,
    manifest("kubeflow.org/v1", "Study", "own", NAMESPACE, spec={}),
    deployment("minio"),
]
