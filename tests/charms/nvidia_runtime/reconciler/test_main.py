"""The program that systemd runs before it starts an engine, on a machine of files and programs."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[4]
RUNTIME = "/usr/bin/nvidia-container-runtime"
UNIT = (
    "LoadState=loaded\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd"
    " -H fd:// $DOCKER_OPTS ; ignore_errors=no ; }\n"
)
VERSION = "Docker version 20.10.24, build x\n"
ENTRY = {"path": RUNTIME, "runtimeArgs": []}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a machine with docker, the runtime, and the charm's settings."""
    for directory in ("etc/docker", "var/lib/nvidia-runtime", "usr/bin", "bin"):
        (tmp_path / directory).mkdir(parents=True)
    write_settings(tmp_path, json.dumps({"path": RUNTIME, "args": [], "default": True}))
    (tmp_path / "usr/bin/nvidia-container-runtime").write_text("")
    for name, text in (("systemctl", UNIT), ("dockerd", VERSION)):
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{text}EOF\n")
        program.chmod(0o755)
    return tmp_path


def write_settings(root: Path, text: str) -> None:
    """Write what the charm hands to the program."""
    (root / "var/lib/nvidia-runtime/wish.json").write_text(text)


def run(root: Path, *arguments: str, opts: str = "") -> str:
    """Run the program, which always succeeds, and return its standard error."""
    code = "import sys; from reconciler.main import main; sys.exit(main(sys.argv[1:]))"
    sources = [ROOT / "charms/nvidia-runtime/src", ROOT / "charms/shared/lib"]
    environment = {
        "PATH": f"{root}/bin:/usr/bin:/bin",
        "NVIDIA_RUNTIME_ROOT": str(root),
        "DOCKER_OPTS": opts,
        "PYTHONPATH": os.pathsep.join(map(str, sources)),
    }
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


def daemon_json(root: Path) -> Any:
    """Return docker's file; None when there is none."""
    path = root / "etc/docker/daemon.json"
    return json.loads(path.read_text()) if path.exists() else None


@pytest.mark.parametrize(
    ("before", "opts", "after"),
    [
        (None, "", {"default-runtime": "nvidia", "runtimes": {"nvidia": ENTRY}}),
        (None, "--default-runtime=nvidia", {"runtimes": {"nvidia": ENTRY}}),
        (
            {"log-driver": "x"},
            "--log-level=warn",
            {"log-driver": "x", "default-runtime": "nvidia", "runtimes": {"nvidia": ENTRY}},
        ),
        (
            {"labels": ["a=b"], "default-runtime": "runc"},
            "",
            {
                "labels": ["a=b"],
                "default-runtime": "nvidia",
                "runtimes": {"nvidia": ENTRY},
            },
        ),
    ],
)
def test_runtime_is_registered_in_dockers_file(
    root: Path, before: Any, opts: str, after: Any
) -> None:
    """What docker's command line sets is not set a second time; other keys stay."""
    if before is not None:
        (root / "etc/docker/daemon.json").write_text(json.dumps(before))

    assert run(root, "docker", opts=opts) == ""
    assert daemon_json(root) == after
    assert run(root, "docker", opts=opts) == ""
    assert daemon_json(root) == after


@pytest.mark.parametrize("arguments", [(), ("podman",)])
def test_unknown_engine_is_left_alone(root: Path, arguments: tuple[str, ...]) -> None:
    """The engine starts all the same."""
    assert run(root, *arguments) == "nvidia-runtime: nothing to do\n"
    assert daemon_json(root) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "3"])
def test_damaged_settings_change_nothing(root: Path, text: str) -> None:
    """They were cut off, or hold something else."""
    write_settings(root, text)

    assert run(root, "docker") == "nvidia-runtime: nothing to do\n"
    assert daemon_json(root) is None


def test_problem_is_printed_for_the_journal(root: Path) -> None:
    """And the file of the administrator stays."""
    (root / "etc/docker/daemon.json").write_text("[]")

    assert run(root, "docker") == (
        "nvidia-runtime: /etc/docker/daemon.json is not a JSON object; correct or remove it\n"
    )
    assert daemon_json(root) == []


def test_missing_runtime_is_registered_but_not_the_default(root: Path) -> None:
    """Containers without a GPU still start then."""
    (root / "usr/bin/nvidia-container-runtime").unlink()
    run(root, "docker")

    assert daemon_json(root) == {"runtimes": {"nvidia": ENTRY}}


def test_device_nodes_are_linked_at_each_start(root: Path) -> None:
    """Containers that start afterwards keep their GPUs when systemd is reloaded."""
    (root / "dev").mkdir()
    try:
        os.mknod(root / "dev/nvidia0", stat.S_IFCHR | 0o600, os.makedev(195, 0))
    except PermissionError:
        pytest.skip("needs root to make a device node")
    run(root, "docker")

    assert str((root / "dev/char/195:0").readlink()) == "../nvidia0"


def test_settings_of_containerd_are_applied_for_each_installation(root: Path) -> None:
    """The snap names its file in its arguments."""
    arguments = root / "var/snap/k8s/common/args/containerd"
    arguments.parent.mkdir(parents=True)
    arguments.write_text("--config=/etc/k8s.toml\n")
    for name in ("etc/k8s.toml", "etc/containerd/config.toml"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("version = 2\n")
    run(root, "k8s-containerd")
    assert "containerd.runtimes.nvidia]" in (root / "etc/k8s.toml").read_text()
    assert (root / "etc/containerd/config.toml").read_text() == "version = 2\n"

    run(root, "containerd")
    assert "containerd.runtimes.nvidia]" in (root / "etc/containerd/config.toml").read_text()
