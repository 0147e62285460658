"""The charm's edits as containerd 2.3 reads them: decoded and merged by containerd's own package.

This release has version 4 of the file. Its program is not built for the tests; it would take long.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from helpers.kube.builds import UnavailableError, program
from reconciler.containerd import reconcile, restore
from reconciler.cri_files import plugin_values
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
SETTINGS = RuntimeSettings(RUNTIME, (), is_default=True)
FILE = "/etc/containerd/config.toml"
IMPORTED = "/etc/containerd/conf.d/50-lab.toml"
IMPORTS = "imports = ['conf.d/*.toml']\n"
CRI = {2: "io.containerd.grpc.v1.cri", 3: "io.containerd.cri.v1.runtime"}
OPTIONS = ("containerd", "runtimes", "nvidia", "options")


@pytest.fixture(scope="session")
def containerd_config() -> Path:
    """Return the program that prints containerd's merged configuration."""
    try:
        return program("containerd-config") / "containerd-config"
    except UnavailableError as error:
        pytest.skip(str(error))


def table(version: int, name: str) -> str:
    """Return the header of a table of the CRI plugin."""
    return f"[plugins.'{CRI[min(version, 3)]}'.{name}]\n"


def main_file(version: int) -> str:
    """Return a file with a default runtime, which has options."""
    return (
        f"version = {version}\n{IMPORTS}"
        + table(version, "containerd")
        + "  default_runtime_name = 'runc' # the lab's\n"
        + table(version, "containerd.runtimes.runc")
        + "  runtime_type = 'io.containerd.runc.v2'\n"
        + "  options = { SystemdCgroup = true, BinaryName = '/usr/bin/runc' }\n"
    )


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize(
    "imported",
    ["", "registry", "containerd", "containerd.runtimes.kata"],
    ids=lambda name: name or "nothing",
)
def test_runtime_and_default_are_in_effect(
    machine_files: FakeMachine, containerd_config: Path, version: int, imported: str
) -> None:
    """Whatever the imported file has, the options of runc are those of nvidia, and the default."""
    machine_files.write(FILE, main_file(version))
    if imported:
        text = f"version = {version}\n{table(version, imported)}  default_runtime_name = 'kata'\n"
        machine_files.write(IMPORTED, text)
    assert reconcile(machine_files, SETTINGS, {}).problems == []

    values = merged(machine_files, containerd_config, version)
    assert values["containerd", "default_runtime_name"] == "'nvidia'"
    assert {path[-1]: text for path, text in values.items() if path[:-1] == OPTIONS} == {
        "BinaryName": f"'{RUNTIME}'",
        "SystemdCgroup": "true",
    }
    assert values["containerd", "runtimes", "runc", "options", "BinaryName"] == "'/usr/bin/runc'"
    restore(machine_files)
    assert machine_files.read(FILE) == main_file(version)


@pytest.fixture
def machine_files(tmp_path: Path) -> FakeMachine:
    """Return a machine with the runtime and containerd 2.3."""
    machine = FakeMachine(tmp_path / "machine")
    machine.write(RUNTIME, "")
    machine.answers["containerd --version"] = "containerd github.com/containerd v2.3.7 abc\n"
    return machine


def merged(machine: FakeMachine, program: Path, version: int) -> dict[tuple[str, ...], str]:
    """Return the values of the CRI plugin that containerd reads."""
    command = [str(program), machine.path(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return plugin_values(done.stdout, ("plugins", CRI[min(version, 3)]))
