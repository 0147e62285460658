"""The README's commands for an own lab, with nothing but the wheel in an empty home.

pipx installs the wheel. The shell knows neither the checkout nor its environments. Only the
program `juju` is a stand-in: the scripted client of the tests. ``.ci/run`` runs this.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from helpers.releases import ROOT
from helpers.scripted_juju import ScriptedJuju

pytest.importorskip("pipx", reason="the environment wheel of tox installs it")

_SECTION = "## Set up your own lab\n"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROLES = {"provides": "provider", "requires": "requirer", "peers": "peer"}


def readme_commands() -> Iterator[str]:
    """Yield the commands of the README's section; nobody is there to confirm a deployment."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition(_SECTION)[2]
    block = _BLOCK.search(section)
    assert block
    for line in block[1].splitlines():
        command = line.partition(" #")[0].rstrip()
        yield f"{command} --yes --no-wait" if command.startswith("botlab deploy") else command


def endpoints() -> dict[str, dict[str, str]]:
    """Return the endpoints of filesystem-client, as the scripted client describes them."""
    path = ROOT / "bundle-templates/common/catalogue/filesystem-client.yaml"
    facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: {"scope": "global", **body, "role": _ROLES[body["role"]]}
        for name, body in facts["endpoints"].items()
    }


class Home:
    """An empty home directory with a juju client and pipx in PATH."""

    def __init__(self, directory: Path) -> None:
        self.juju = ScriptedJuju.create(directory, "3.6", model="mylab")
        self.path = self.juju.home
        # The client has to know which charms are subordinates. It accepts all others.
        self.juju.add_charm("filesystem-client", subordinate=True, endpoints=endpoints())

    def run(self, command: str, directory: Path) -> str:
        """Run a command in a shell, and return its output."""
        programs = (self.juju.binary, self.path / ".local/bin/botlab", Path(sys.executable))
        environment = {
            "HOME": str(self.path),
            "JUJU_DATA": self.juju.environment["JUJU_DATA"],
            "PATH": ":".join([*(str(program.parent) for program in programs), "/usr/bin:/bin"]),
            "LANG": "C.UTF-8",
        }
        process = subprocess.run(
            ["sh", "-c", command], cwd=directory, env=environment, capture_output=True, text=True
        )
        assert process.returncode == 0, f"{command}\n{process.stdout}{process.stderr}"
        return process.stdout


def test_wheel_alone_deploys_a_lab(release: Path, tmp_path: Path) -> None:
    """Pipx resolves the dependencies as it does for a user. The archives are the release's."""
    home = Home(tmp_path)

    outputs = {command: home.run(command, release) for command in readme_commands()}

    assert home.run("command -v botlab", tmp_path).startswith(str(home.path))
    verbs = [command.split()[1] for command in outputs if command.startswith("botlab")]
    assert verbs == ["init", "charms", "validate", "preflight", "deploy"]
    archives = {path.name: path.read_bytes() for path in (home.path / "mylab/charms").iterdir()}
    assert archives == {path.name: path.read_bytes() for path in release.glob("*.charm")}
    applications = home.juju.run("status", "--format", "json").stdout
    assert {"metallb", "nfs-server", "nvidia-runtime", "kubeflow-installer"} <= set(
        yaml.safe_load(applications)["applications"]
    )
    assert home.juju.violations == []
