"""Keys and kubeconfigs that a killed hook leaves on the machine: the next hook removes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import load

CHARMS = Path(__file__).resolve().parents[2] / "charms"
CLASSES = {
    "metallb": "MetallbCharm",
    "nvidia-runtime": "NvidiaRuntimeCharm",
    "nfs-server": "NfsServerCharm",
    "kubeflow-installer": "KubeflowInstallerCharm",
}
SECRET = "hunter2"  # noqa: S105 - a word to search for
_KILLED = {
    "while it writes the kubeconfig": """
os.fsync = lambda _: kill()
Machine(sys.argv[1]).write(sys.argv[2], "hunter2", 0o600)
""",
    "while a client has its key": """
from labkube.client import key_directories
with key_directories.create() as directory:
    with open(directory + "/key", "w") as file:
        file.write("hunter2")
    kill()
""",
    "while openssl reads the gateway's key": """
from kubeflow_installer.ingress import tls
class Killed(Machine):
    def check(self, command, timeout=600.0):
        kill()
tls.is_pair(Killed(), tls.Pair("CERTIFICATE", "hunter2"))
""",
}


@pytest.mark.parametrize("moment", sorted(_KILLED))
@pytest.mark.parametrize("name", sorted(CLASSES))
def test_keys_of_a_killed_hook_are_removed_by_the_next_one(
    name: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever that hook has to do: this one has no access to the cluster."""
    root, temporary = tmp_path / "root", tmp_path / "tmp"
    root.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv(f"{name.upper().replace('-', '_')}_ROOT", str(root))
    module = load(name)
    _run_killed(_KILLED[moment], root, module.KUBECONFIG, temporary)
    assert _files_with_the_secret(tmp_path)

    context = testing.Context(getattr(module, CLASSES[name]), charm_root=CHARMS / name)
    context.run(context.on.update_status(), testing.State(leader=False, planned_units=1))

    assert _files_with_the_secret(tmp_path) == []


def _run_killed(program: str, root: Path, kubeconfig: str, temporary: Path) -> None:
    """Run a program that kills itself."""
    start = """
import os, signal, sys
from labcharm.machine import Machine
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
"""
    modules = [*sys.path, str(CHARMS / "kubeflow-installer/src")]
    process = subprocess.run(
        [sys.executable, "-c", start + program, str(root), kubeconfig],
        env={"TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(modules)},
        check=False,
    )
    assert process.returncode == -signal.SIGKILL


def _files_with_the_secret(directory: Path) -> list[Path]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    return [path for path in files if SECRET in path.read_text(errors="replace")]
