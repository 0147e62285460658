"""A unit whose hooks run the real charm as a process; only its cluster is a file."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from helpers.charm_projects import write_juju_files
from helpers.juju.unit import Unit
from helpers.kubeflow.memory_lab import BASE, skipped_except
from labkube.client import kubeconfig
from labkube.client.access import Access

ROOT = Path(__file__).resolve().parents[3]
CHARM = ROOT / "charms/kubeflow-installer"
_PEERS = {"name": "installers", "remote": "kubeflow-installer", "units": {}}
_PROGRAM = """\
import hashlib, os, pathlib
from ops.main import main
from helpers.kubeflow.file_api import FileApi
from labkube.client import api

class ClusterInAFile(FileApi):
    def __init__(self, *_, **__):
        super().__init__(pathlib.Path(os.environ["CLUSTER"]), (1, 25))

api.Api = ClusterInAFile  # before the modules that import it
import charm
from kubeflow_installer.state import credentials
# passlib belongs to the archives alone.
credentials.bcrypt_hash = lambda text: "$2a$10$" + hashlib.sha256(text.encode()).hexdigest()[:53]
main(charm.KubeflowInstallerCharm)
"""


class ProcessUnit:
    """A leader unit with a small release attached.

    Args:
        directory: Where the unit and its cluster are.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.cluster = directory / "cluster/objects.json"
        self.cluster.parent.mkdir(parents=True, exist_ok=True)
        path = [CHARM / "src", ROOT / "charms/shared/lib", ROOT / "tests"]
        path += [Path(entry) for entry in sys.path if "site-packages" in entry]
        self._environment = {
            "PYTHONPATH": ":".join(map(str, path)),
            "CLUSTER": str(self.cluster),
            "KUBEFLOW_INSTALLER_ROOT": str(directory / "root"),
        }
        self.unit = Unit(str(directory), "kubeflow-installer/0", "3.6", self._environment)

    def create(self) -> ProcessUnit:
        """Write the charm and the unit's state."""
        charm = Path(self.unit.charm)
        shutil.copytree(CHARM, charm, ignore=shutil.ignore_patterns("__pycache__", "shared"))
        write_juju_files("kubeflow-installer", charm)
        dispatch = charm / "dispatch"
        dispatch.write_text(f"#!/bin/sh\nexec {sys.executable} run.py\n")
        dispatch.chmod(0o755)
        (charm / "run.py").write_text(_PROGRAM)
        manifests = self._directory / "manifests.yaml"
        manifests.write_text(yaml.safe_dump_all(BASE))
        Path(self.unit.state).mkdir()
        tools = self._directory / "tools"
        self.unit.install_tools(str(tools))
        self.unit.put("relations", {"installers:0": dict(_PEERS)})
        self.unit.put("resources", {"manifests": str(manifests)})
        self.configure(skipped_except())
        return self

    def configure(self, skipped: str) -> None:
        """Set the options; the skipped checks are among them."""
        access = Access("https://127.0.0.1:9", "CA", "token")
        self.unit.configure({
            "version": "1.8.1", "skipped-checks": skipped,
            "kubeconfig": kubeconfig.render(access),
        })  # fmt: skip

    def copy_to(self, directory: Path) -> ProcessUnit:
        """Return a unit with the same state in another directory."""
        shutil.copytree(self._directory, directory)
        return ProcessUnit(directory)

    def hook(self, kill_at: str = "") -> str:
        """Run update-status; return the status, or "killed"."""
        code, output = self._run(kill_at, lambda: self.unit.run("update-status"))
        assert code in (0, -9), output
        return "killed" if code else self.unit.status()

    def action(self, name: str, kill_at: str = "") -> str:
        """Run an action; return the status, or "killed"."""
        answer: dict[str, Any] = {}
        self._run(kill_at, lambda: answer.update(self.unit.action(name)))
        assert answer["code"] in (0, -9), answer
        return "killed" if answer["code"] else self.unit.status()

    def _run(self, kill_at: str, run: Any) -> Any:
        self.unit.environment["KILL_AT"] = kill_at
        runs = self.cluster.parent
        (runs / f"run-{len(list(runs.iterdir()))}").touch()
        return run()

    def objects(self) -> list[str]:
        """Return kind and name of every object on the cluster."""
        stored = json.loads(self.cluster.read_text()) if self.cluster.exists() else []
        return sorted(f"{live['kind']} {live['metadata']['name']}" for _, live in stored)

    def has_kubeconfig(self) -> bool:
        """Return whether the machine holds credentials for the cluster."""
        return bool(list((self._directory / "root").rglob("kubeconfig")))
