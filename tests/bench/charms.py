"""Measure what a charm's hooks cost: wall time and peak memory, and what they write and run.

Each figure is a whole hook as Juju runs it, interpreter and all, on a machine that is a folder
with scripted programs; the hook tools' own time is in it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.gpu_machine import TOOLS, with_gpu
from helpers.interpreters import find_python
from helpers.juju.unit import Unit

ROOT = Path(__file__).resolve().parents[2]


AGES = (("bionic-focal", "3.6", "2.6"), ("jammy-noble", "3.12", "3.6"))
HOOKS = ("install", "config-changed", "update-status")
RUNS = 7


def machine(folder: Path, python: str) -> dict[str, str]:
    """Make the folder a machine with a GPU and docker; return the charm's environment."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "python3").symlink_to(python)
    for name, body in TOOLS.items():
        (bin_folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (bin_folder / name).chmod(0o755)
    with_gpu(folder / "root")
    return {
        "NVIDIA_RUNTIME_ROOT": str(folder / "root"),
        "PATH": f"{bin_folder}:/usr/bin:/bin",
    }


def main() -> None:
    """Print a row per hook and age; the first run of a hook changes, the others do not."""
    with tempfile.TemporaryDirectory() as work:
        pack = [sys.executable, str(ROOT / "charms/packing/pack.py"), "--output", work]
        subprocess.run([*pack, "nvidia-runtime"], check=True, stdout=subprocess.DEVNULL)
        print(f"{'python':>8} {'hook':<15} {'seconds':>8} {'peak MB':>8}")
        for platform, version, juju in AGES:
            python = find_python(version)
            if not python:
                print(f"{version:>8} is not on this machine")
                continue
            folder = Path(work) / version
            folder.mkdir()
            unit = Unit(str(folder / "unit"), juju=juju, environment=machine(folder, python))
            unit.unpack(f"{work}/nvidia-runtime_{platform}.charm", {"driver": "none"})
            unit.run("install")
            for hook in HOOKS:
                samples = [sample(unit, hook) for _ in range(RUNS)]
                seconds = statistics.median(wall for wall, _ in samples)
                peak = max(memory for _, memory in samples)
                print(f"{version:>8} {hook:<15} {seconds:8.3f} {peak:8.1f}")


def sample(unit: Unit, hook: str) -> tuple[float, float]:
    """Run a hook in a process of its own; return its seconds and its peak memory in MB."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        code, _ = unit.run(hook)
        import resource

        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        Path(unit.folder, "peak").write_text(str(peak))
        os._exit(code)
    _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{hook} ended with {os.waitstatus_to_exitcode(status)}\n{unit.log()}")
    return seconds, int(Path(unit.folder, "peak").read_text()) / 1024


if __name__ == "__main__":
    main()
