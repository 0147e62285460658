"""A packed nvidia-runtime as a unit on a machine that is a directory."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from helpers.gpu_machine import add_programs
from helpers.interpreters import find_python, missing
from helpers.juju.unit import Unit

_EVENT = {
    "JUJU_RELATION": "juju-info",
    "JUJU_RELATION_ID": "juju-info:0",
    "JUJU_REMOTE_UNIT": "kubernetes-worker/0",
    "JUJU_REMOTE_APP": "kubernetes-worker",
}


class Age(NamedTuple):
    """What is deployed together: the archive's platform, Python, and Juju."""

    platform: str
    python: str
    juju: str

    def __str__(self) -> str:
        return f"{self.platform}-python{self.python}-juju{self.juju}"


class GpuUnit:
    """A unit of nvidia-runtime, related to a kubernetes-worker.

    Args:
        archive: The packed charm.
        age: Its platform, Python and Juju.
        directory: An empty directory for the machine and the unit.

    Attributes:
        root: The machine's root directory.
        juju: The unit as Juju runs it.
    """

    def __init__(self, archive: Path, age: Age, directory: Path) -> None:
        self.root = directory / "root"
        self._log = directory / "commands"
        programs = directory / "bin"
        programs.mkdir()
        (programs / "python3").symlink_to(_python(age.python))
        add_programs(programs, self._log)
        environment = {
            "NVIDIA_RUNTIME_ROOT": str(self.root),
            "NVIDIA_RUNTIME_SYSFS": "/sys",
            "PATH": f"{programs}:/usr/bin:/bin",
        }
        self.juju = Unit(str(directory / "unit"), juju=age.juju, environment=environment)
        self._archive = archive
        self.juju.unpack(str(archive), {"driver": "none"})
        relation = {"name": "juju-info", "remote": "kubernetes-worker"}
        relation = {**relation, "units": {"kubernetes-worker/0": {}}}
        self.juju.put("relations", {"juju-info:0": relation})

    def refresh(self, archive: Path) -> str:
        """Refresh the charm, run the hooks that Juju runs then, and return the unit's status."""
        replace_charm(self.juju, self._archive, archive)
        self._archive = archive
        return self.run("upgrade-charm", "config-changed")

    def run(self, *hooks: str) -> str:
        """Run hooks, each of which must succeed; return the unit's status."""
        for hook in hooks:
            code, output = self.juju.run(hook, _EVENT if "relation" in hook else {})
            assert code == 0, (hook, output, self.juju.log())
        return str(self.juju.status())

    def action(self, name: str, **params: object) -> dict[str, Any]:
        """Run an action that must not crash; return what it set."""
        outcome = dict(self.juju.action(name, **params))
        assert outcome["code"] == 0, (outcome, self.juju.log())
        return outcome

    def changing_commands(self) -> list[str]:
        """Return the commands that were run since the last call and that do not just ask."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.write_text("")
        return [line for line in lines if not line.startswith(("systemctl show", "docker info"))]


def replace_charm(unit: Unit, old: Path, new: Path) -> None:
    """Replace a unit's charm as Juju does.

    Files of the old archive are removed before those of the new one are written. What the charm
    itself wrote into its directory stays, and so do the options.
    """
    with zipfile.ZipFile(old) as packed:
        for name in packed.namelist():
            Path(unit.charm, name).unlink()
    unit.unpack(str(new), unit.get("config"))


def _python(version: str) -> str:
    program = find_python(version)
    if not program:
        pytest.skip(missing(version))
    return str(program)
