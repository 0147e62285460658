"""The charm's hooks and actions on a machine of scripted programs, with an API server."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.fake_apis.http_api import DictionaryApi
from helpers.gpu_machine import add_gpu, add_programs, add_runtime
from helpers.kubeconfigs import unverified

CHARM = Path(__file__).resolve().parents[3] / "charms/nvidia-runtime"
NODE = socket.gethostname().lower()
NODE_PATH = f"/api/v1/nodes/{NODE}"
PLUGINS = "/apis/apps/v1/namespaces/kube-system/daemonsets"
ACTIVE = testing.ActiveStatus("1 GPU, nvidia is the default runtime of docker")
PRINCIPAL = testing.SubordinateRelation("juju-info", remote_app_name="kubernetes-worker")
KINDS = {
    "/api/v1": [("nodes", "Node", False)],
    "/apis/apps/v1": [("daemonsets", "DaemonSet", True)],
    "/apis/node.k8s.io/v1": [("runtimeclasses", "RuntimeClass", False)],
    "/apis/node.k8s.io/v1beta1": [],
}


class Lab:
    """A machine with docker.

    Attributes:
        root: The directory that is the machine's root.
    """

    def __init__(self, directory: Path) -> None:
        self.root, self._log = directory / "root", directory / "programs"
        self._bin = directory / "bin"
        self._bin.mkdir()
        add_programs(self._bin, self._log)
        for name in ("juju-log", "juju-reboot"):
            self.set_program(name, "")

    def set_program(self, name: str, body: str) -> None:
        """Add a program with this body for /bin/sh."""
        path = self._bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self._log}\n{body}\n')
        path.chmod(0o755)

    def ran(self, name: str) -> list[str]:
        """Return the arguments of each run of a program."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [line[len(name) + 1 :] for line in lines if line.startswith(f"{name} ")]

    def read(self, path: str) -> str | None:
        """Return the text of a file of the machine; None without the file."""
        file = self.root / path.lstrip("/")
        return file.read_text() if file.exists() else None

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[DictionaryApi]:
    """Start a server on which this machine is a node."""
    directory = tmp_path / "api"
    directory.mkdir()
    with DictionaryApi(directory, KINDS) as server:
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "labels": {}}}
        server.put(NODE_PATH, node)
        server.put("/apis/apps/v1/daemonsets", {"metadata": {}, "items": []})
        server.put("/apis/node.k8s.io/v1/runtimeclasses", {"metadata": {}, "items": []})
        yield server


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return the charm's machine."""
    lab = Lab(tmp_path)
    monkeypatch.setenv("NVIDIA_RUNTIME_ROOT", str(lab.root))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin")
    return lab


@pytest.fixture
def gpu_lab(lab: Lab) -> Lab:
    """Return the charm's machine with a GPU and the runtime."""
    add_gpu(lab.root)
    add_runtime(lab.root)
    return lab


@pytest.fixture
def context(lab: Lab, tmp_path: Path) -> testing.Context[Any]:
    """Return a context whose machine is the lab's."""
    module = load("nvidia-runtime")
    unpacked = tmp_path / "charm/src"
    unpacked.mkdir(parents=True)
    (unpacked / "reconciler").symlink_to(CHARM / "src/reconciler")
    (tmp_path / "charm/lib").symlink_to(CHARM.parent / "shared/lib")
    module.SOURCE = str(unpacked)
    return testing.Context(module.NvidiaRuntimeCharm, charm_root=CHARM)
