"""The old archive on the Pythons of Ubuntu 18.04 and 20.04."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helpers.archives import archive_in
from helpers.interpreters import find_python, missing
from helpers.old_archive import run_harness
from labcharm.machine import Machine
from nvidia_runtime.engine.program import PROGRAM_DIRECTORY, Program

HARNESS = Path(__file__).resolve().parent / "harness_for_old_ops.py"
RUNTIME = "/usr/bin/nvidia-container-runtime"
PACKAGES = {"runtimes": {"nvidia": {"path": "nvidia-container-runtime", "runtimeArgs": []}}}
# What systemd and dockerd print.
UNIT = (
    "LoadState=loaded\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd"
    " -H fd:// $DOCKER_OPTS ; ignore_errors=no ; }\n"
)
VERSION = "Docker version 20.10.24, build x\n"
ENTRY = {"path": RUNTIME, "runtimeArgs": []}
DEFAULT = {**PACKAGES, "default-runtime": "nvidia"}
REGISTERED = {"runtimes": {"nvidia": ENTRY}, "default-runtime": "nvidia"}
LABELS = {"labels": ["a=b"], "default-runtime": "runc"}
# What the file has before, docker's options, and what the file has afterwards.
CASES: list[tuple[dict[str, Any] | None, str, dict[str, Any]]] = [
    (None, "", REGISTERED),
    (None, "--default-runtime=nvidia", {"runtimes": {"nvidia": ENTRY}}),
    (DEFAULT, "--default-runtime=nvidia", PACKAGES),
    (DEFAULT, f"--add-runtime=nvidia={RUNTIME}", DEFAULT),
    ({"log-driver": "x"}, "--log-driver=x", {"log-driver": "x"}),
    (LABELS, "--log-level=warn", {**LABELS, **REGISTERED}),
]


@pytest.fixture(params=["3.6", "3.8"])
def old_python(request: pytest.FixtureRequest) -> str:
    """Return an old interpreter."""
    program = find_python(request.param)
    if not program:
        pytest.skip(missing(request.param))
    return str(program)


@pytest.fixture
def program(archives: Path, tmp_path: Path) -> Path:
    """Install the program that systemd runs, out of the old archive: all that it needs."""
    with zipfile.ZipFile(archive_in(archives, "nvidia-runtime", "bionic-focal")) as archive:
        archive.extractall(tmp_path / "charm")
    machine = Machine(str(tmp_path / "installed"))
    Program(machine, str(tmp_path / "charm/src")).install()
    return Path(machine.path(PROGRAM_DIRECTORY))


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_states_under_old_ops(version: str, archives: Path, tmp_path: Path) -> None:
    """State transitions under ops 1.5."""
    output = run_harness("nvidia-runtime", HARNESS, version, archives, tmp_path)
    assert "Ran 3 tests" in output


def make_machine(root: Path, daemon: dict[str, Any] | None) -> None:
    """Make a machine with the charm's settings, docker and the runtime."""
    for directory in ("etc/docker", "var/lib/nvidia-runtime", "usr/bin", "bin"):
        (root / directory).mkdir(parents=True)
    if daemon is not None:
        (root / "etc/docker/daemon.json").write_text(json.dumps(daemon))
    settings = {"path": RUNTIME, "args": [], "default": True}
    (root / "var/lib/nvidia-runtime/wish.json").write_text(json.dumps(settings))
    (root / "usr/bin/nvidia-container-runtime").write_text("")
    for name, text in (("systemctl", UNIT), ("dockerd", VERSION)):
        path = root / "bin" / name
        path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{text}EOF\n")
        path.chmod(0o755)


def processor_seconds() -> float:
    """Return the processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def reconcile(python: str, program: Path, root: Path, opts: str) -> tuple[str, float]:
    """Run the program on a machine; return the text of daemon.json and its processor time.

    Wall time would depend on what else this host does.
    """
    environment = {
        "PATH": f"{root}/bin:/usr/bin:/bin",
        "NVIDIA_RUNTIME_ROOT": str(root),
        "DOCKER_OPTS": opts,
    }
    before = processor_seconds()
    command = [python, "-I", "-S", "-B", str(program), "docker"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    seconds = processor_seconds() - before
    assert done.returncode == 0, done.stderr
    daemon = root / "etc/docker/daemon.json"
    return (daemon.read_text() if daemon.exists() else ""), seconds


@pytest.mark.parametrize(("daemon", "opts", "expected"), CASES)
def test_program_decides_alike_on_old_and_new_python(
    old_python: str,
    program: Path,
    tmp_path: Path,
    daemon: dict[str, Any] | None,
    opts: str,
    expected: dict[str, Any],
) -> None:
    """It writes the expected file on both, well within the two seconds that systemd allows."""
    make_machine(tmp_path / "old", daemon)
    make_machine(tmp_path / "new", daemon)

    text, seconds = reconcile(old_python, program, tmp_path / "old", opts)
    new_text, _ = reconcile(sys.executable, program, tmp_path / "new", opts)

    assert json.loads(text) == expected
    assert new_text == text
    # A file that is right already is not written: it keeps its layout.
    assert ("\n" in text) is (expected != daemon)
    assert seconds < 0.6
