"""The charm's process is killed around each of its effects while it restores docker."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path

import pytest

from helpers.charm_projects import write_juju_files
from helpers.gpu_machine import add_programs, make_gpu_machine
from helpers.juju.unit import Unit

CHARMS = Path(__file__).resolve().parents[3] / "charms"
FOREIGN = {"labels": ["rack=1"], "runtimes": {"kata": {"path": "/usr/bin/kata"}}}
GUIDE = """\
[Service]
ExecStart=
ExecStart=/usr/bin/dockerd --host=fd:// --add-runtime=nvidia=/usr/bin/nvidia-container-runtime
"""
# The daemon reads its file when it starts.
_SYSTEMCTL = 'case "$*" in "restart docker.service") cp {file} {loaded} || rm -f {loaded};; esac\n'
# Kills the process before its Nth effect: a file of the machine, or a command of systemd.
_KILL = """\
import os, signal, subprocess, sys
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
_count = [int(open({number!r}).read())]

def _dying(call, is_effect):
    def wrapped(*args, **keywords):
        if is_effect(args):
            _count[0] -= 1
            if not _count[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **keywords)
    return wrapped

def _is_file(args):
    return str(args[-1]).startswith({root!r})

def _is_command(args):
    return list(args[0])[:1] == ["systemctl"] and args[0][1] != "show"

os.rename, os.unlink, os.rmdir = (_dying(c, _is_file) for c in (os.rename, os.unlink, os.rmdir))
subprocess.run = _dying(subprocess.run, _is_command)
sys.argv[0] = {charm!r}
exec(compile(open({charm!r}).read(), {charm!r}, "exec"), {{"__name__": "__main__", "__file__": {charm!r}}})
"""  # noqa: E501 - a line of a program


class DockerUnit:
    """A unit on a machine with docker, whose hooks run the real charm as a process.

    Args:
        directory: An empty directory.
    """

    def __init__(self, directory: Path) -> None:
        self.root, self._loaded = directory / "root", directory / "loaded.json"
        self._number = directory / "number"
        make_gpu_machine(self.root)
        programs = directory / "bin"
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        add_programs(programs)
        systemctl = programs / "systemctl"
        step = _SYSTEMCTL.format(file=self.root / "etc/docker/daemon.json", loaded=self._loaded)
        systemctl.write_text(systemctl.read_text().replace("\n", f"\n{step}", 1))
        self.unit = Unit(str(directory / "unit"), "nvidia-runtime/0", "3.6", {
            "NVIDIA_RUNTIME_ROOT": str(self.root), "NVIDIA_RUNTIME_SYSFS": "/sys",
            "PATH": f"{programs}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ":".join([str(CHARMS / "shared/lib"), *sys.path]),
        })  # fmt: skip
        self._unpack(directory)

    def _unpack(self, directory: Path) -> None:
        charm = Path(self.unit.charm)
        ignored = shutil.ignore_patterns("__pycache__", "shared")
        shutil.copytree(CHARMS / "nvidia-runtime", charm, ignore=ignored)
        write_juju_files("nvidia-runtime", charm)
        (charm / "lib").symlink_to(CHARMS / "shared/lib")
        (charm / "src/run.py").write_text(
            _KILL.format(
                number=str(self._number), root=str(self.root), charm=str(charm / "src/charm.py")
            )
        )
        (charm / "dispatch").write_text(f"#!/bin/sh\nexec {sys.executable} src/run.py\n")
        (charm / "dispatch").chmod(0o755)
        Path(self.unit.state).mkdir()
        self.unit.install_tools(str(directory / "unit/tools"))
        self.unit.configure({"driver": "none"})

    def hook(self, name: str, number: int = 0) -> bool:
        """Run a hook that is killed before its Nth effect; return whether it was."""
        self._number.write_text(str(number))
        code, output = self.unit.run(name)
        assert code in (0, -signal.SIGKILL), (output, self.unit.log())
        return code != 0

    def files(self) -> dict[str, str]:
        """Return the text of each file of the machine, by its path."""
        paths = [path for path in self.root.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.root)): path.read_text() for path in paths}

    def load(self) -> None:
        """Let docker read its configuration."""
        shutil.copy(self.root / "etc/docker/daemon.json", self._loaded)

    def loaded(self) -> object:
        """Return the configuration that docker has read."""
        return json.loads(self._loaded.read_text()) if self._loaded.exists() else None


@pytest.fixture
def docker(tmp_path: Path) -> DockerUnit:
    """Return a unit whose machine has docker's file and the guide's drop-in."""
    unit = DockerUnit(tmp_path)
    (unit.root / "etc/docker").mkdir()
    (unit.root / "etc/docker/daemon.json").write_text(json.dumps(FOREIGN, indent=4) + "\n")
    (unit.root / "etc/systemd/system/docker.service.d").mkdir(parents=True)
    (unit.root / "etc/systemd/system/docker.service.d/override.conf").write_text(GUIDE)
    return unit


def test_killed_removal_is_completed(docker: DockerUnit, tmp_path: Path) -> None:
    """`remove` runs after a `stop` that was killed: docker runs with what was there before."""
    before = docker.files()
    docker.hook("config-changed")
    shutil.copytree(docker.root, tmp_path / "configured")
    number, was_killed = 0, True
    while was_killed:
        number += 1
        shutil.rmtree(docker.root)
        shutil.copytree(tmp_path / "configured", docker.root)
        docker.load()
        was_killed = docker.hook("stop", number)
        docker.hook("remove")

        assert docker.files() == before, number
        assert docker.loaded() == FOREIGN, number
    assert number > 10


def test_removal_completes_what_a_killed_hook_began(docker: DockerUnit) -> None:
    """Wherever a hook that configures docker is killed, everything is restored afterwards."""
    before = docker.files()
    number, was_killed = 0, True
    while was_killed:
        number += 1
        was_killed = docker.hook("config-changed", number)
        docker.hook("stop")

        assert docker.files() == before, number
    assert number > 10
