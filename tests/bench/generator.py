"""Measure how long an administrator waits for `botlab --help`, render, validate and plan.

Each figure is for a whole process: it includes the start of the interpreter and all imports.
Where Go is installed, Juju's own packages verify and plan the same bundle, and the ratio is
printed. `tests/unit/test_benchmark.py` runs a small version of this.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTROL = 3  # machines that carry the control plane


@dataclass(frozen=True)
class Sample:
    """One run: wall seconds and peak resident memory in MB."""

    seconds: float
    megabytes: float


def site_text(machines: int) -> str:
    """Return a site file: 3 machines carry the control plane, 8 in 10 of the others have a GPU."""
    lines = ["site: bench", 'juju: "2.9"', "kubernetes:", "  profile: k8s-1.13"]
    lines += ["networks:", "  pods: 10.0.0.0/10", "machines:"]
    for number in range(machines):
        control = number < CONTROL
        roles = "[etcd, control-plane]" if control else "[worker]"
        if number == 0:
            roles = "[easyrsa, etcd, load-balancer, control-plane]"
        lines += [
            f"  node{number}:",
            f"    tags: [node{number}]",
            f"    roles: {roles}",
            f"    zone: rack{number % 4}",
            f"    gpu: {'true' if not control and number % 10 < 8 else 'false'}",
            f"    addresses: [10.{number // 62500 + 64}.{number // 250 % 250}.{number % 250 + 1}]",
        ]
    return "\n".join(lines) + "\n"


def run(argv: list[str]) -> Sample:
    """Run a process to its end and measure it whole."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    start = time.perf_counter()
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(argv)} ended with {process.returncode}")
    return Sample(seconds, usage.ru_maxrss / 1024)


def measure(argv: list[str], runs: int) -> Sample:
    """Return the median of several runs after one warm-up."""
    run(argv)
    samples = [run(argv) for _ in range(runs)]
    return Sample(
        statistics.median(sample.seconds for sample in samples),
        max(sample.megabytes for sample in samples),
    )


def botlab(*arguments: str) -> list[str]:
    """Return the command line of botlab in this interpreter."""
    return [sys.executable, "-m", "botlab", *arguments]


def write_charms(folder: Path) -> None:
    """Write the archives that a rendered bundle names; Juju refuses a local charm without a file.

    The archives hold the charms' real metadata and options, since nothing is deployed.
    """
    (folder / "charms").mkdir(exist_ok=True)
    for metadata in sorted(ROOT.glob("charms/*/metadata.yaml")):
        name = f"{metadata.parent.name}_bionic-focal_amd64.charm"
        with zipfile.ZipFile(folder / "charms" / name, "w") as archive:
            for file in ("metadata.yaml", "config.yaml"):
                archive.write(metadata.with_name(file), file)


def measure_sizes(sizes: list[int], runs: int, folder: Path) -> None:
    """Print one row per size and command, with the growth since the size before."""
    write_charms(folder)
    print(f"{'machines':>9} {'command':<10} {'seconds':>8} {'MB':>7} {'growth':>7}")
    before: dict[str, float] = {}
    for size in sizes:
        site = folder / f"site{size}.yaml"
        bundle = folder / f"bundle{size}.yaml"
        site.write_text(site_text(size), encoding="utf-8")
        rows = {
            "render": botlab("render", str(site), "-o", str(bundle)),
            "validate": botlab("validate", str(site)),
            "plan": botlab("plan", str(site)),
        }
        for name, argv in rows.items():
            sample = measure(argv, runs)
            growth = f"x{sample.seconds / before[name]:.2f}" if name in before else ""
            before[name] = sample.seconds
            print(
                f"{size:>9} {name:<10} {sample.seconds:>8.3f} {sample.megabytes:>7.1f} {growth:>7}"
            )
        compare_with_juju(bundle, runs)


def compare_with_juju(bundle: Path, runs: int) -> None:
    """Print how long Juju's own packages take on the same bundle, where they can be built."""
    name = "juju_oracle"
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests/helpers/juju_oracle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    module.compare(bundle, [sys.executable, "-m", "botlab", "plan", str(bundle)], runs, measure)


def main(arguments: list[str] | None = None) -> None:
    """Parse the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--machines", default="10,100,1000", help="sizes, separated by commas")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each (3)")
    parser.add_argument("--starts", type=int, default=10, help="counted starts (10)")
    args = parser.parse_args(arguments)
    start = measure(botlab("--help"), args.starts)
    print(f"cold start (botlab --help): {start.seconds * 1000:.0f} ms, {start.megabytes:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        measure_sizes([int(size) for size in args.machines.split(",")], args.runs, Path(folder))


if __name__ == "__main__":
    main()
