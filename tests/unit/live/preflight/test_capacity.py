"""The workers are large enough for Kubeflow."""

from __future__ import annotations

from typing import Any

from botlab.bundle.model import Application, Bundle, Machine
from botlab.juju import Juju
from botlab.live.preflight.capacity import check_capacity, sizes_in_maas, sizes_in_model
from botlab.live.preflight.check import Check
from botlab.live.status.model import MachineStatus, ModelStatus
from botlab.rules.lab.facts import Facts
from botlab.rules.subject import Subject
from helpers.maas_dump import maas_host


def _facts() -> Facts:
    bundle = Bundle(
        applications={
            "kubernetes-worker": Application(
                charm="kubernetes-worker",
                channel="1.35/stable",
                num_units=2,
                to=["1", "2"],
                options={"channel": "1.35/stable"},
            ),
            "kubeflow-installer": Application(
                charm="./kubeflow-installer.charm", num_units=1, options={"version": "26.03"}
            ),
        },
        machines={"1": Machine(), "2": Machine()},
    )
    return Facts(Subject(bundle, Juju.V3_6))


def _check(**machines: dict[str, Any]) -> Check:
    status = ModelStatus(
        "lab",
        machines={
            name[1:]: MachineStatus(name[1:], hardware=hardware)
            for name, hardware in machines.items()
        },
    )
    (check,) = check_capacity(_facts(), sizes_in_model(status, {}))
    return check


def test_large_workers_pass() -> None:
    large = {"cores": "32", "mem": "131072M", "root-disk": "500000M"}
    check = _check(m1=large, m2=large)
    assert (check.name, check.is_ok) == ("size for kubeflow-installer", True)


def test_small_workers_fail_and_show_their_sizes() -> None:
    check = _check(
        m1={"cores": "2", "mem": "4096M", "root-disk": "20480M"},
        m2={"cores": "4", "mem": "8192M", "root-disk": "20480M"},
    )
    assert not check.is_ok
    assert "the machines have 2 CPUs / 4 GiB / 21 GB, 4 CPUs / 8 GiB / 21 GB" in check.message


def test_unknown_sizes_are_skipped() -> None:
    check = _check(m1={"cores": "2"})
    assert (check.is_ok, check.is_skipped) == (True, True)


def test_map_of_machines_leads_to_the_machine_of_the_model() -> None:
    status = ModelStatus("lab", machines={"7": MachineStatus("7", hardware={"cores": "8"})})
    assert sizes_in_model(status, {"1": "7"})("1") == (8.0, None, None)
    assert sizes_in_model(status, {})("1") == (None, None, None)


def test_maas_gives_memory_in_mib_and_disks_in_mb() -> None:
    host = maas_host(cores=8, memory=65536, disk=480103)
    sizes_of = sizes_in_maas({"1": host.name}, {host.name: host})
    assert sizes_of("1") == (8.0, 64.0, 480.103)
    assert sizes_of("2") == (None, None, None)
