"""Measure what the hooks of charms cost: time, processor time, peak memory and API requests.

Each figure is a whole hook as Juju runs it, interpreter and all, on a machine that is a directory
with scripted programs. The time of the hook tools is included. The API server is a stand-in in
this process, so its own time is not included in the processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from helpers.archives import archive_in, pack_charms
from helpers.fake_apis.https_api import KINDS, HttpsApi
from helpers.gpu_machine import add_programs, make_gpu_machine
from helpers.interpreters import find_python
from helpers.juju.unit import Unit
from helpers.kube.related import make_unit, relate
from helpers.kubeflow import generated
from helpers.kubeflow.memory_lab import skipped_except
from helpers.nfs.machine import OWNER, ServingMachine

# Python, and the age that decides the archive, the Juju release and the relation data.
AGES = {"3.6": "2019", "3.12": "today"}
_PLATFORMS = {"3.6": ("bionic-focal", "2.6"), "3.12": ("jammy-noble", "3.6")}
RUNS = 7
KUBEFLOW = "1.10.2"


class Sample(NamedTuple):
    """What one hook cost: seconds, seconds of a processor, MB, and requests to the API."""

    seconds: float
    processor: float
    peak: float
    requests: int


class Lab(NamedTuple):
    """A unit, and the API server that it is related to."""

    unit: Unit
    api: HttpsApi


def _gpu_unit(archives: Path, directory: Path, python: str, _: HttpsApi) -> Unit:
    programs = directory / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(find_python(python))
    add_programs(programs)
    make_gpu_machine(directory / "root")
    environment = {
        "NVIDIA_RUNTIME_ROOT": str(directory / "root"),
        "PATH": f"{programs}:/usr/bin:/bin",
    }
    platform, juju = _PLATFORMS[python]
    unit = Unit(str(directory / "unit"), juju=juju, environment=environment)
    archive = archive_in(archives, "nvidia-runtime", platform)
    return unit.unpack(str(archive), {"driver": "none"})


def _metallb_unit(archives: Path, directory: Path, python: str, api: HttpsApi) -> Unit:
    age, environment = AGES[python], {"METALLB_ROOT": str(directory / "root")}
    unit = make_unit(age, archives, "metallb", "metallb/0", directory, environment)
    unit.configure({"addresses": "10.64.0.0/24", "version": "v0.12.1"})
    relate(unit, api, age)  # type: ignore[arg-type]
    peers = {"name": "units", "remote": "metallb", "units": {}}
    unit.put("relations", {**unit.get("relations"), "units:9": peers})
    _run_speaker(api)
    return unit


def _run_speaker(api: HttpsApi) -> None:
    """Add a node with a ready speaker, without which the unit is not active."""
    metadata = {
        "name": "speaker-1",
        "namespace": "metallb-system",
        "labels": {"app": "metallb", "component": "speaker"},
        "ownerReferences": [{"kind": "DaemonSet", "name": "speaker"}],
    }
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    api.objects.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}})
    api.objects.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": {"nodeName": "node-1"},
            "status": ready,
        }
    )


def _nfs_unit(archives: Path, directory: Path, python: str, api: HttpsApi) -> Unit:
    platform, juju = _PLATFORMS[python]
    machine = ServingMachine(directory, python, juju, "1:2.6.2-4", "-2 +3 +4 +4.1 +4.2", 8)
    archive = archive_in(archives, "nfs-server", platform)
    machine.unpack(archive, {"networks": "10.99.0.0/24", "root-owner": OWNER})
    relate(machine.unit, api, AGES[python])  # type: ignore[arg-type]
    return machine.unit


def _kubeflow_unit(archives: Path, directory: Path, python: str, api: HttpsApi) -> Unit:
    age, environment = AGES[python], {"KUBEFLOW_INSTALLER_ROOT": str(directory / "root")}
    unit = make_unit(
        age, archives, "kubeflow-installer", "kubeflow-installer/0", directory, environment
    )
    unit.configure({
        "user": "admin@lab.example", "version": KUBEFLOW, "skipped-checks": skipped_except(),
    })  # fmt: skip
    manifests = directory / "manifests.yaml"
    documents = (json.dumps(manifest) for manifest in generated.objects(KUBEFLOW))
    manifests.write_text("".join(f"---\n{document}\n" for document in documents))
    unit.put("resources", {"manifests": str(manifests)})
    relate(unit, api, age)  # type: ignore[arg-type]
    peers = {"installers:9": {"name": "installers", "remote": "kubeflow-installer", "units": {}}}
    unit.put("relations", {**unit.get("relations"), **peers})
    return unit


def _kubeflow_kinds() -> dict[str, tuple[str, ...]]:
    """Return the kinds of a release's objects, in the form of `https_api.KINDS`."""
    rows = {version: list(row) for version, row in KINDS.items()}
    for manifest in generated.objects(KUBEFLOW):
        entry = manifest["kind"] + ("" if "namespace" in manifest["metadata"] else "*")
        row = rows.setdefault(manifest["apiVersion"], [])
        if entry.rstrip("*") not in [kind.rstrip("*") for kind in row]:
            row.append(entry)
    return {version: tuple(row) for version, row in rows.items()}


MakeUnit = Callable[[Path, Path, str, HttpsApi], Unit]
# How a unit of each charm is made.
CHARMS: dict[str, MakeUnit] = {
    "nvidia-runtime": _gpu_unit,
    "metallb": _metallb_unit,
    "nfs-server": _nfs_unit,
    "kubeflow-installer": _kubeflow_unit,
}
# What the status begins with after the installation. No gateway serves Kubeflow's dashboard here.
FINAL_STATUSES = {
    "kubeflow-installer": f"waiting: Kubeflow {KUBEFLOW}: https://127.0.0.1/ does not"
}
HOOKS = ("config-changed", "update-status")


@contextmanager
def lab(charm: str, archives: Path, directory: Path, python: str) -> Iterator[Lab]:
    """Make a unit whose hooks change nothing any more, on machine and cluster."""
    is_kubeflow = charm == "kubeflow-installer"
    version, kinds = ((1, 33), _kubeflow_kinds()) if is_kubeflow else ((1, 20), None)
    with HttpsApi(directory / "api", version, kinds) as api:
        unit = CHARMS[charm](archives, directory, python, api)
        _run_until(unit, FINAL_STATUSES.get(charm, "active"))
        yield Lab(unit, api)


def _run_until(unit: Unit, status: str) -> None:
    """Run hooks until the status begins with this text; Kubeflow is built in the background."""
    for hook in ("install", *["update-status"] * 60):
        code, output = unit.run(hook)
        if code:
            raise SystemExit(f"{unit.name}: {hook} ended with {code}\n{output}\n{unit.log()}")
        if unit.status().startswith(status):
            return
        time.sleep(1)
    raise SystemExit(f"{unit.name}: {unit.status()}\n{unit.log()}")


def main(arguments: list[str] | None = None) -> None:
    """Print a row per Python, charm and hook; the first hook is not counted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each hook")
    parser.add_argument("--charms", nargs="+", choices=CHARMS, default=list(CHARMS))
    parser.add_argument("--archives", help="directory with packed charms; packed anew without it")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as work:
        archives = Path(options.archives or work)
        if not options.archives:
            pack_charms(work, *options.charms)
        titles = f"{'python':>8} {'charm':<15} {'hook':<15}"
        print(f"{titles} {'seconds':>8} {'cpu':>8} {'peak MB':>8} {'requests':>8}")
        for python in AGES:
            if not find_python(python):
                print(f"{python:>8} is not on this machine")
                continue
            for charm in options.charms:
                directory = Path(work) / python / charm
                directory.mkdir(parents=True)
                with lab(charm, archives, directory, python) as made:
                    _print_rows(made, python, charm, options.runs)


def _print_rows(made: Lab, python: str, charm: str, runs: int) -> None:
    """Print a row per hook: medians, and the largest peak."""
    for hook in HOOKS:
        samples = [sample(made, hook) for _ in range(runs)]
        seconds = statistics.median(entry.seconds for entry in samples)
        processor = statistics.median(entry.processor for entry in samples)
        peak, requests = max(entry.peak for entry in samples), samples[-1].requests
        row = f"{python:>8} {charm:<15} {hook:<15} {seconds:8.3f} {processor:8.3f} {peak:8.1f}"
        print(f"{row} {requests:>8}")


def sample(made: Lab, hook: str) -> Sample:
    """Run a hook in a process of its own, and return what it cost."""
    requests, start = len(made.api.requests), time.perf_counter()
    child = os.fork()
    if child == 0:
        code, _ = made.unit.run(hook)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        text = f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}"
        Path(made.unit.folder, "used").write_text(text)
        os._exit(code)
    _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - start
    if status:
        code = os.waitstatus_to_exitcode(status)
        raise SystemExit(f"{hook} ended with {code}\n{made.unit.log()}")
    processor, peak = map(float, Path(made.unit.folder, "used").read_text().split())
    return Sample(seconds, processor, peak / 1024, len(made.api.requests) - requests)


if __name__ == "__main__":
    main()
