"""containerd's files on a machine."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from reconciler.containerd import reconcile, record_file, restore
from reconciler.docker import Outcome
from reconciler.installation import DISTRIBUTION, K8S_SNAP
from reconciler.settings import RuntimeSettings

RUNTIME = "/usr/bin/nvidia-container-runtime"
FILE = "/etc/containerd/config.toml"
ORIGINAL_FILE = record_file(DISTRIBUTION)
IMPORTED = "/etc/containerd/conf.d/99-lab.toml"
CRI = 'plugins."io.containerd.grpc.v1.cri"'
SETTINGS = RuntimeSettings(RUNTIME, (), is_default=True)
LAB = "version = 2\n[debug]\n  level = 'info'\n"


@pytest.fixture(autouse=True)
def _runtime(machine: FakeMachine) -> None:
    machine.write(RUNTIME, "")


def test_new_file_states_its_version_and_is_removed_again(machine: FakeMachine) -> None:
    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], True)
    assert (machine.read(FILE) or "").startswith(f"version = 2\n[{CRI}.containerd]  # by")
    assert machine.read(ORIGINAL_FILE) == f'{{"files": ["{FILE}"], "made": true}}\n'
    assert stat.S_IMODE(Path(machine.path(ORIGINAL_FILE)).stat().st_mode) == 0o600
    assert reconcile(machine, SETTINGS, {}) == Outcome(False, [], True)

    assert restore(machine)
    assert not machine.exists(FILE)
    assert not machine.exists(ORIGINAL_FILE)
    assert not restore(machine)


def test_file_of_the_lab_keeps_its_lines(machine: FakeMachine) -> None:
    machine.write(FILE, LAB)
    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], True)
    assert machine.read(ORIGINAL_FILE) == f'{{"files": ["{FILE}"], "made": false}}\n'

    assert restore(machine)
    assert machine.read(FILE) == LAB
    assert not restore(machine)


def test_file_that_the_lab_changed_is_not_removed(machine: FakeMachine) -> None:
    """The charm created it, but it holds more now."""
    reconcile(machine, SETTINGS, {})
    machine.write(FILE, (machine.read(FILE) or "") + "[debug]\n")

    assert restore(machine)
    assert machine.read(FILE) == "version = 2\n[debug]\n"


def test_missing_runtime_is_not_the_default(machine: FakeMachine) -> None:
    """Containers without a GPU still start then."""
    machine.remove(RUNTIME)

    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], False)
    assert "default_runtime_name" not in (machine.read(FILE) or "")


@pytest.mark.parametrize("text", [None, LAB])
def test_arguments_of_the_runtime_are_refused(machine: FakeMachine, text: str | None) -> None:
    if text is not None:
        machine.write(FILE, text)
    problem = "runtime-args works with docker only; clear it"
    outcome = reconcile(machine, SETTINGS._replace(args=("--debug",)), {})

    assert outcome == Outcome(False, [problem], False)
    assert machine.read(FILE) == text
    assert not machine.exists(ORIGINAL_FILE)


def test_file_of_an_unknown_version_is_left_alone(machine: FakeMachine) -> None:
    machine.write(FILE, "version = 5\n")
    problem = f"{FILE} has version 5; this charm edits versions 1 to 4"

    assert reconcile(machine, SETTINGS, {}) == Outcome(False, [problem], False)
    assert machine.read(FILE) == "version = 5\n"


@pytest.mark.parametrize(
    ("version", "cri"),
    [
        ("", "plugins.cri"),
        ("version = 2\n", CRI),
        ("version = 3\n", 'plugins."io.containerd.cri.v1.runtime"'),
        ("version = 4\n", 'plugins."io.containerd.cri.v1.runtime"'),
    ],
)
def test_options_of_the_default_runtime_are_taken_over(
    machine: FakeMachine, version: str, cri: str
) -> None:
    """With SystemdCgroup missing, every pod of the node runs in other cgroups than expected."""
    machine.write(
        FILE,
        f"{version}[{cri}.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n",
    )
    machine.answers["containerd --version"] = "containerd containerd.io 1.7.24 abc\n"
    reconcile(machine, SETTINGS, {})

    block = (machine.read(FILE) or "").partition(f"[{cri}.containerd.runtimes.nvidia.options]")[2]
    assert block.splitlines()[1:3] == [
        f'    BinaryName = "{RUNTIME}"',
        "    SystemdCgroup = true",
    ]


@pytest.mark.parametrize(("version", "is_masked"), [("1.7.24", True), ("2.1.5", False)])
def test_runtime_is_registered_in_the_imported_file_that_decides(
    machine: FakeMachine, version: str, is_masked: bool
) -> None:
    """In 1.x its tables replace those of config.toml; in 2.x both have effect."""
    importing = f'version = 2\nimports = ["{IMPORTED}"]\n'
    importing += f"[{CRI}.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n"
    registry = f"[{CRI}.registry]\n  config_path = '/x'\n"
    machine.answers["containerd --version"] = f"containerd github.com/x v{version} abc\n"
    machine.write(FILE, importing)
    reconcile(machine, SETTINGS, {})
    machine.write(IMPORTED, registry)

    assert reconcile(machine, SETTINGS, {}) == Outcome(True, [], True)
    assert machine.read(FILE) == importing
    imported = machine.read(IMPORTED) or ""
    assert 'default_runtime_name = "nvidia"' in imported
    assert ("SystemdCgroup" in imported) is not is_masked
    assert reconcile(machine, SETTINGS, {}) == Outcome(False, [], True)

    machine.write(FILE, "version = 2\n")
    reconcile(machine, SETTINGS, {})
    assert restore(machine)
    assert (machine.read(FILE), machine.read(IMPORTED)) == ("version = 2\n", registry)


def test_containerd_1_2_gets_what_it_knows(machine: FakeMachine) -> None:
    machine.write(FILE, "[plugins.cri]\n")
    machine.answers["containerd --version"] = "containerd github.com/x 1.2.6-0ubuntu1 \n"
    reconcile(machine, SETTINGS, {})

    text = machine.read(FILE) or ""
    assert "[plugins.cri.containerd.default_runtime]\n  runtime_type = " in text
    assert text.count('runtime_type = "io.containerd.runc.v1"') == 2
    assert "default_runtime_name" not in text


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize(
    ("default", "options", "problem"),
    [
        ("nvidia", f'BinaryName = "{RUNTIME}"\nSystemdCgroup = true', ""),
        ("nvidia-cdi", f'BinaryName = "{RUNTIME}"\nSystemdCgroup = true', ""),
        ("runc", f'BinaryName = "{RUNTIME}"', "the default is runc"),
        ("nvidia", 'BinaryName = "/x"', "set runtime-path to use /x"),
        ("nvidia", "", "it has no BinaryName"),
        ("nvidia", f'BinaryName = "{RUNTIME}"', "it lacks SystemdCgroup of runc"),
    ],
)
def test_foreign_runtime_named_nvidia_is_not_doubled(
    machine: FakeMachine, quote: str, default: str, options: str, problem: str
) -> None:
    """Two tables of one name are not valid TOML: containerd would not start."""
    containerd = f"plugins.{quote}io.containerd.grpc.v1.cri{quote}.containerd"
    text = f"[{containerd}]\ndefault_runtime_name = '{default}'\n"
    text += f"[{containerd}.runtimes.runc.options]\nSystemdCgroup = true\n"
    text += f"[{containerd}.runtimes.nvidia.options]\n{options}\n"
    machine.write(FILE, f"version = 2\nimports = ['{IMPORTED}']\n")
    machine.write(IMPORTED, text)
    outcome = reconcile(machine, SETTINGS, {})

    message = f"remove the runtime nvidia from {IMPORTED} (not this charm's; {problem})"
    assert outcome == Outcome(False, [message] if problem else [], not problem)
    assert machine.read(IMPORTED) == text


def test_file_of_the_snap_is_found_and_never_made(machine: FakeMachine) -> None:
    """The snap makes it when the node joins the cluster, and names it in its arguments."""
    machine.write(K8S_SNAP.args_file, '--config="/lab/etc/config.toml"\n--root=/x\n')
    assert reconcile(machine, SETTINGS, {}, K8S_SNAP) == Outcome(False, [], False)
    assert not machine.exists("/lab/etc/config.toml")

    machine.write("/lab/etc/config.toml", LAB)
    assert reconcile(machine, SETTINGS, {}, K8S_SNAP) == Outcome(True, [], True)
    assert restore(machine, K8S_SNAP)
    assert machine.read("/lab/etc/config.toml") == LAB
