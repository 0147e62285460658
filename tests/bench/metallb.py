"""Measure the charm metallb on a real API server: hook time, API calls, growth with services.

Each figure is a whole hook that changes nothing, as Juju runs it, including the interpreter's
start; the server is on the loopback address. The calls are counted by another run through a proxy.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.builds import binaries, metallb, newest
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.metallb import connect_through
from helpers.kube.related import make_unit, pack, relate

ROWS = (
    ("1.20.2", binaries, "2019", "v0.8.1"),
    ("1.20.2", binaries, "today", "v0.12.1"),
    ("newest", newest, "today", ""),
)


def main(arguments: list[str] | None = None) -> None:
    """Print a row for each server, archive and number of services."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", default="10,100,1000", help="numbers, separated by commas")
    parser.add_argument("--runs", type=int, default=5, help="runs for each number of services")
    options = parser.parse_args(arguments)
    amounts = [int(amount) for amount in options.services.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        archives = pack("metallb", Path(scratch) / "charms")
        titles = f"{'server':<8} {'charm':<7} {'release':<9}"
        print(f"{titles} {'services':>8} {'seconds':>8} {'calls':>6}")
        for number, (name, programs, age, version) in enumerate(ROWS):
            directory = Path(scratch) / str(number)
            server = ApiServer(programs(), directory / "kube").start()
            try:
                environment = {"METALLB_ROOT": str(directory / "root")}
                unit = make_unit(age, archives, "metallb", "metallb/0", directory, environment)
                unit.configure({"addresses": "10.64.0.0/20", "version": version})
                if not version:
                    manifest = metallb("metallb-0.13") / "manifest.yaml"
                    unit.put("resources", {"manifest": str(manifest)})
                row = (name, age, version or "v0.13.5")
                measure(server, unit, row, amounts, options.runs)
            finally:
                server.stop()


def measure(
    server: ApiServer, unit: Unit, row: tuple[str, str, str], amounts: list[int], runs: int
) -> None:
    """Print the time of the installation, and of a hook with each number of services."""
    name, age, version = row
    relate(unit, server, age)
    start = time.perf_counter()
    unit.run("install")
    print(f"{name:<8} {age:<7} {version:<9} {'install':>8} {time.perf_counter() - start:8.2f}")
    existing = 0
    for amount in amounts:
        create_services(server, existing, amount)
        existing = amount
        samples = []
        for _ in range(runs):
            start = time.perf_counter()
            unit.run("update-status")
            samples.append(time.perf_counter() - start)
        seconds = statistics.median(samples)
        calls = count_calls(server, unit, age)
        print(f"{name:<8} {age:<7} {version:<9} {amount:>8} {seconds:8.2f} {calls:>6}")


def create_services(server: ApiServer, first: int, last: int) -> None:
    """Create headless services with the numbers from the first up to the last."""
    items = [
        {
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": f"s{number}", "namespace": "default"},
            "spec": {"clusterIP": "None", "ports": [{"port": 80}]},
        }
        for number in range(first, last)
    ]  # fmt: skip
    body = {"apiVersion": "v1", "kind": "List", "items": items}
    server.kubectl("create", "-f", "-", stdin=json.dumps(body))


def count_calls(server: ApiServer, unit: Unit, age: str) -> int:
    """Run the hook through a proxy and return the number of its requests."""
    with FaultProxy(server, lambda _: 0) as proxy:
        connect_through(unit, proxy)
        unit.run("update-status")
        assert proxy.writes == 0, "a hook that changes nothing writes nothing"
        relate(unit, server, age)
        return proxy.requests


if __name__ == "__main__":
    main()
