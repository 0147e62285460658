"""What the old archive carries, on the Pythons of 18.04 and 20.04."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helpers.interpreters import find_python, missing
from helpers.old_archive import run_harness

HERE = Path(__file__).resolve().parent
RUNTIME = "/usr/bin/nvidia-container-runtime"
PACKAGES = {"runtimes": {"nvidia": {"path": "nvidia-container-runtime", "runtimeArgs": []}}}


@pytest.fixture(params=["3.6", "3.8"])
def old(request: pytest.FixtureRequest) -> str:
    """Return an old interpreter."""
    program = find_python(request.param)
    if not program:
        pytest.skip(missing(request.param))
    return program


@pytest.fixture
def unpacked(archives: Path, tmp_path: Path) -> Path:
    """Unpack the old archive."""
    with zipfile.ZipFile(archives / "nvidia-runtime_bionic-focal.charm") as archive:
        archive.extractall(tmp_path / "charm")
    return tmp_path / "charm"


@pytest.mark.parametrize("version", ["3.6", "3.8"])
def test_harness(version: str, archives: Path, tmp_path: Path) -> None:
    """State transitions under ops 1.5."""
    said = run_harness("nvidia-runtime", HERE / "harness_on_36.py", version, archives, tmp_path)
    assert "Ran 3 tests" in said


ROWS: list[tuple[dict[str, Any] | None, str]] = [
    (None, ""),
    (None, "--default-runtime=nvidia"),
    ({**PACKAGES, "default-runtime": "nvidia"}, "--default-runtime=nvidia"),
    ({**PACKAGES, "default-runtime": "nvidia"}, f"--add-runtime=nvidia={RUNTIME}"),
    ({"log-driver": "x"}, "--log-driver=x"),
    ({"labels": ["a=b"], "default-runtime": "runc"}, "--log-level=warn"),
]


def reconciled(
    python: str, program: Path, root: Path, before: Any, opts: str
) -> tuple[str, float]:
    """Run the program that systemd runs, on a tree of its own; return daemon.json and seconds."""
    for folder in ("etc/docker", "var/lib/nvidia-runtime", "usr/bin", "bin"):
        (root / folder).mkdir(parents=True)
    daemon = root / "etc/docker/daemon.json"
    if before is not None:
        daemon.write_text(json.dumps(before))
    wish = {"path": RUNTIME, "args": [], "default": True}
    (root / "var/lib/nvidia-runtime/wish.json").write_text(json.dumps(wish))
    (root / "usr/bin/nvidia-container-runtime").write_text("")
    shown = (
        "LoadState=loaded\nExecStart={ path=/usr/bin/dockerd ; argv[]=/usr/bin/dockerd"
        " -H fd:// $DOCKER_OPTS ; ignore_errors=no ; }\n"
    )
    for name, text in (("systemctl", shown), ("dockerd", "Docker version 20.10.24, build x\n")):
        path = root / "bin" / name
        path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{text}EOF\n")
        path.chmod(0o755)
    environment = {
        "PATH": f"{root}/bin:/usr/bin:/bin",
        "NVIDIA_RUNTIME_ROOT": str(root),
        "DOCKER_OPTS": opts,
    }
    start = time.perf_counter()
    command = [python, "-I", "-S", "-B", str(program), "docker"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = daemon.read_text() if daemon.exists() else ""
    return text, time.perf_counter() - start


@pytest.mark.parametrize(("before", "opts"), ROWS)
def test_the_program_decides_alike(
    old: str, unpacked: Path, tmp_path: Path, before: Any, opts: str
) -> None:
    """On the old Python and on this one the same file comes out, well under the time limit."""
    program = tmp_path / "program"
    program.mkdir()
    (program / "labcharm").symlink_to(unpacked / "lib/labcharm")
    (program / "reconciler").symlink_to(unpacked / "src/reconciler")
    main = "import sys\nfrom reconciler.main import main\nsys.exit(main(sys.argv[1:]))\n"
    (program / "__main__.py").write_text(main)

    found, seconds = reconciled(old, program, tmp_path / "old", before, opts)
    wanted, _ = reconciled(sys.executable, program, tmp_path / "new", before, opts)

    assert found == wanted
    assert seconds < 1
