"""Measure what the hooks of nvidia-runtime cost: wall time and peak memory.

Each figure is a whole hook as Juju runs it, interpreter and all, on a machine that is a directory
with scripted programs. The time of the hook tools is included.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from helpers.archives import archive_in, pack_charms
from helpers.gpu_machine import add_programs, make_gpu_machine
from helpers.interpreters import find_python
from helpers.juju.unit import Unit

AGES = (("bionic-focal", "3.6", "2.6"), ("jammy-noble", "3.12", "3.6"))
HOOKS = ("install", "config-changed", "update-status")
RUNS = 7


def make_machine(directory: Path, python: str) -> dict[str, str]:
    """Make the directory a machine with a GPU and docker; return the charm's environment."""
    programs = directory / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(python)
    add_programs(programs)
    make_gpu_machine(directory / "root")
    return {
        "NVIDIA_RUNTIME_ROOT": str(directory / "root"),
        "PATH": f"{programs}:/usr/bin:/bin",
    }


def main(arguments: list[str] | None = None) -> None:
    """Print a row per age and hook; the first hook, which changes the machine, is not counted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each hook")
    runs = parser.parse_args(arguments).runs
    with tempfile.TemporaryDirectory() as work:
        pack_charms(work, "nvidia-runtime")
        print(f"{'python':>8} {'hook':<15} {'seconds':>8} {'peak MB':>8}")
        for platform, version, juju in AGES:
            python = find_python(version)
            if not python:
                print(f"{version:>8} is not on this machine")
                continue
            directory = Path(work) / version
            directory.mkdir()
            environment = make_machine(directory, python)
            unit = Unit(str(directory / "unit"), juju=juju, environment=environment)
            archive = archive_in(work, "nvidia-runtime", platform)
            unit.unpack(str(archive), {"driver": "none"})
            measure(unit, version, runs)


def measure(unit: Unit, version: str, runs: int) -> None:
    """Print a row per hook: the median of the seconds and the largest peak."""
    unit.run("install")
    for hook in HOOKS:
        samples = [sample(unit, hook) for _ in range(runs)]
        seconds = statistics.median(wall for wall, _ in samples)
        peak = max(memory for _, memory in samples)
        print(f"{version:>8} {hook:<15} {seconds:8.3f} {peak:8.1f}")


def sample(unit: Unit, hook: str) -> tuple[float, float]:
    """Run a hook in a process of its own; return its seconds and its peak memory in MB."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        code, _ = unit.run(hook)
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
