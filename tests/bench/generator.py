"""Measure how long an administrator waits for `botlab --help`, render, validate, plan and status.

Each figure is for a whole process: it includes the start of the interpreter and all imports.
Where Go is installed, Juju's own packages verify and plan the same bundle, and the ratio is
printed. `tests/unit/test_benchmark.py` runs a small version of this.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from project import juju_files, read_project

ROOT = Path(__file__).resolve().parents[2]
CONTROL = 3  # machines that carry the control plane


@dataclass(frozen=True)
class Sample:
    """One run: wall seconds, peak resident memory in MB, and seconds of the processor."""

    seconds: float
    megabytes: float
    cpu: float


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


def run(argv: list[str], status: int = 0, programs: Path | None = None) -> Sample:
    """Run a process to its end and measure it whole.

    Args:
        argv: The command line.
        status: The exit status that it must have.
        programs: A directory in which programs are looked up first.
    """
    path = os.pathsep.join([*([str(programs)] if programs else []), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "generator")}
    start = time.perf_counter()
    process = subprocess.Popen(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    _, wait_status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(wait_status)
    if process.returncode != status:
        raise SystemExit(f"{' '.join(argv)} ended with {process.returncode}")
    return Sample(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def measure(argv: list[str], runs: int, status: int = 0, programs: Path | None = None) -> Sample:
    """Return the median of several runs after one warm-up."""
    run(argv, status, programs)
    samples = [run(argv, status, programs) for _ in range(runs)]
    return Sample(
        statistics.median(sample.seconds for sample in samples),
        max(sample.megabytes for sample in samples),
        statistics.median(sample.cpu for sample in samples),
    )


def botlab(*arguments: str) -> list[str]:
    """Return the command line of botlab in this interpreter."""
    return [sys.executable, "-m", "botlab", *arguments]


def write_charms(folder: Path) -> None:
    """Write the archives that a rendered bundle names; Juju refuses a local charm without a file.

    The archives hold the charms' real metadata and options, since nothing is deployed.
    """
    (folder / "charms").mkdir(exist_ok=True)
    for charmcraft in sorted(ROOT.glob("charms/*/charmcraft.yaml")):
        name = f"{charmcraft.parent.name}_bionic-focal_amd64.charm"
        sections = read_project(str(charmcraft.parent))
        with zipfile.ZipFile(folder / "charms" / name, "w") as archive:
            for file, text in juju_files(sections, series="bionic, focal").items():
                archive.writestr(file, text)


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


def measure_guide(runs: int) -> None:
    """Print how long `botlab plan` takes for the guide's lab: its site, and its bundle."""
    for name, arguments in (("site", ()), ("bundle", ("--juju", "2.6"))):
        file = ROOT / f"examples/botlab/{name}.yaml"
        # Juju refuses the bundle, because the charms of this project are not packed there.
        sample = measure(botlab("plan", str(file), *arguments), runs, status=int(name == "bundle"))
        print(
            f"plan of the guide's lab, {name}: {sample.seconds:.3f} s (processor:"
            f" {sample.cpu:.3f} s), {sample.megabytes:.0f} MB"
        )


def compare_with_juju(bundle: Path, runs: int) -> None:
    """Print how long Juju's own packages take on the same bundle, where they can be built."""
    command = [sys.executable, "-m", "botlab", "plan", str(bundle)]
    helper("juju_oracle").compare(bundle, command, runs, measure)


def helper(name: str) -> ModuleType:
    """Return a module of the tests' helpers that imports nothing else of the repository."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tests/helpers/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def measure_status(units: int, runs: int, folder: Path) -> None:
    """Print how long `botlab status` takes for a model with at least so many units.

    The juju client is a shell script that prints prepared answers, so nearly all of the time is
    botlab's own. The cluster cannot be reached.
    """
    write_charms(folder)
    site, bundle = folder / "status.yaml", folder / "status-bundle.yaml"
    # Each worker has three units: its own, and those of two subordinates.
    site.write_text(site_text(CONTROL + -(-units // 3)), encoding="utf-8")
    run(botlab("render", str(site), "-o", str(bundle)))
    document = status_document(yaml.safe_load(bundle.read_text(encoding="utf-8")))
    stub = helper("juju_stub").JujuStub(folder / "client", "2.9.51")
    stub.answer("status", json.dumps(document))
    argv = botlab("status", str(site), "--format", "json")
    sample = measure(argv, runs, status=1, programs=stub.program.parent)
    print(
        f"status of {count_units(document)} units: {sample.seconds:.3f} s (processor:"
        f" {sample.cpu:.3f} s), {sample.megabytes:.0f} MB"
    )


def status_document(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return the output of `juju status` for a deployed bundle in which everything is ready."""
    active = {"workload-status": {"current": "active"}, "juju-status": {"current": "idle"}}
    applications: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    below = [name for name, body in bundle["applications"].items() if not body.get("num_units")]
    for name, body in bundle["applications"].items():
        units: dict[str, Any] = {}
        for number, machine in enumerate(body.get("to", ())):
            unit = {**active, "machine": machine}
            if name.startswith("kubernetes-"):
                subordinates: dict[str, Any] = {}
                for subordinate in below if name.endswith("worker") else below[:1]:
                    numbers[subordinate] = numbers.get(subordinate, -1) + 1
                    subordinates[f"{subordinate}/{numbers[subordinate]}"] = dict(active)
                unit["subordinates"] = subordinates
            units[f"{name}/{number}"] = unit
        applications[name] = {"charm": body["charm"], "exposed": False, "units": units}
    started = {"juju-status": {"current": "started"}, "machine-status": {"current": "running"}}
    model = {"name": "bot", "controller": "lab", "cloud": "maas", "version": "2.9.51"}
    return {
        "model": model,
        "machines": dict.fromkeys(bundle["machines"], started),
        "applications": applications,
    }


def count_units(document: dict[str, Any]) -> int:
    """Return the number of units in a status, with subordinates."""
    units = [
        unit
        for application in document["applications"].values()
        for unit in application["units"].values()
    ]
    return len(units) + sum(len(unit.get("subordinates", ())) for unit in units)


def main(arguments: list[str] | None = None) -> None:
    """Parse the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--machines", default="10,100,1000", help="sizes, separated by commas")
    parser.add_argument("--units", type=int, default=200, help="units for status (200)")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each (3)")
    parser.add_argument("--starts", type=int, default=10, help="counted starts (10)")
    args = parser.parse_args(arguments)
    start = measure(botlab("--help"), args.starts)
    print(f"cold start (botlab --help): {start.seconds * 1000:.0f} ms, {start.megabytes:.0f} MB")
    measure_guide(args.runs)
    with tempfile.TemporaryDirectory() as folder:
        measure_sizes([int(size) for size in args.machines.split(",")], args.runs, Path(folder))
        measure_status(args.units, args.runs, Path(folder))


if __name__ == "__main__":
    main()
