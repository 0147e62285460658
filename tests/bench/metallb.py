"""Measure the charm metallb on a real API server: API calls, wall time and growth with services.

Each figure is a whole hook as Juju runs it that changes nothing, interpreter and all, on loopback;
the calls are counted by a second run through a proxy.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from helpers.juju.unit import Unit
from helpers.kube.builds import binaries, metallb, newest
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.related import make_unit, pack, relate
from helpers.kube.servers import ApiServer

ROOT = Path(__file__).resolve().parents[2]


ROWS = (
    ("1.20.2", binaries, "2019", "v0.8.1"),
    ("1.20.2", binaries, "today", "v0.12.1"),
    ("newest", newest, "today", ""),
)
SERVICES = (10, 100, 1000)
RUNS = 5


def main() -> None:
    """Print a row per server, archive and number of services."""
    with tempfile.TemporaryDirectory() as work:
        archives = pack("metallb", Path(work) / "charms")
        titles = f"{'server':<8} {'charm':<7} {'release':<9}"
        print(f"{titles} {'services':>8} {'seconds':>8} {'calls':>6}")
        for number, (name, programs, age, version) in enumerate(ROWS):
            folder = Path(work) / str(number)
            server = ApiServer(programs(), folder / "kube").start()
            try:
                environment = {"METALLB_ROOT": str(folder / "root")}
                unit = make_unit(age, archives, "metallb", "metallb/0", folder, environment)
                unit.configure({"addresses": "10.64.0.0/20", "version": version})
                if not version:
                    manifest = metallb("metallb-0.13") / "manifest.yaml"
                    unit.put("resources", {"manifest": str(manifest)})
                grow(server, unit, (name, age, version or "v0.13.5"))
            finally:
                server.stop()


def grow(server: ApiServer, unit: Unit, row: tuple[str, str, str]) -> None:
    """Add services and measure."""
    name, age, version = row
    relate(unit, server, age)
    start = time.perf_counter()
    unit.run("install")
    print(f"{name:<8} {age:<7} {version:<9} {'install':>8} {time.perf_counter() - start:8.2f}")
    there = 0
    for amount in SERVICES:
        add(server, there, amount)
        there = amount
        samples = []
        for _ in range(RUNS):
            start = time.perf_counter()
            unit.run("update-status")
            samples.append(time.perf_counter() - start)
        seconds = statistics.median(samples)
        calls = counted(server, unit, age)
        print(f"{name:<8} {age:<7} {version:<9} {amount:>8} {seconds:8.2f} {calls:>6}")


def add(server: ApiServer, first: int, last: int) -> None:
    """Make LoadBalancer services without addresses of their own to listen on."""
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


def counted(server: ApiServer, unit: Unit, age: str) -> int:
    """Run the hook through a proxy that counts."""
    with FaultProxy(server, lambda _: 0) as proxy:
        bags = unit.get("relations")
        control = bags["kube-control:1"]["units"]["kubernetes-master/0"]
        control["api-endpoints"] = json.dumps([proxy.url])
        bags["certificates:2"]["units"]["easyrsa/0"]["ca"] = proxy.ca
        unit.put("relations", bags)
        unit.run("update-status")
        assert proxy.writes == 0, "a hook that changes nothing writes nothing"
        relate(unit, server, age)
        return len(proxy.seen)


if __name__ == "__main__":
    main()
