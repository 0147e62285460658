"""All checks together: nothing is changed, and every fault is reported at once."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from botlab.assessment import Request, assess
from botlab.inventory.dumps import Dump, MaasInventory, inventory_of_dumps
from botlab.live.lab import Lab, lab_of
from botlab.live.preflight.check import PreflightReport
from botlab.live.preflight.run import PreflightOptions, preflight
from botlab.live.status.model import MachineStatus, ModelStatus, StatusInfo
from helpers.live_models import FakeModel, ready_status
from helpers.maas_dump import maas_machine

_EXAMPLE = Path(__file__).parents[4] / "examples/modern/site.yaml"
_TAGS = ("control0", "control1", "control2", "worker0", "gpu0")


@pytest.fixture
def lab() -> Lab:
    return lab_of(assess(Request(_EXAMPLE)), "site")


def _maas(**fields: object) -> MaasInventory:
    machines = [
        {**maas_machine(f"node{number}", tag, storage=10**6, **fields), "cpu_count": 64}
        for number, tag in enumerate(_TAGS)
    ]
    ranges = [{"type": "reserved", "start_ip": "10.20.0.200", "end_ip": "10.20.0.220"}]
    dumps = [Dump(json.dumps(machines), "machines"), Dump(json.dumps(ranges), "ranges")]
    return inventory_of_dumps(dumps, "files")


def _states(report: PreflightReport) -> dict[str, str]:
    return {
        check.name: "skipped" if check.is_skipped else "ok" if check.is_ok else "failed"
        for check in report.checks
    }


def test_ready_site_passes_but_for_its_missing_archives(lab: Lab) -> None:
    model = FakeModel(statuses=[ModelStatus("modern")])
    report = preflight(model, lab, PreflightOptions(_maas(memory=262144)))
    states = _states(report)
    assert {name: state for name, state in states.items() if state != "ok"} == {
        "charm nvidia-runtime": "failed",
        "charm nfs-server": "failed",
        "charm metallb": "failed",
        "charm kubeflow-installer": "failed",
        "resource manifests of kubeflow-installer": "failed",
    }
    assert [name for name in states if name.startswith("machine ")] == [
        f"machine {number}" for number in range(5)
    ]
    assert [call for call in model.calls if call != ("status",)] == []


def test_all_faults_are_reported_at_once(lab: Lab) -> None:
    model = FakeModel(statuses=[ModelStatus("k8s", kind="caas")], version="2.9.51")
    report = preflight(model, lab, PreflightOptions(_maas(status_name="Broken")))
    failures = {check.name for check in report.failures}
    assert failures >= {"client", "controller", "model", "charm metallb", "machine 0", "machine 4"}
    assert all(check.fix for check in report.failures)


def test_without_maas_its_checks_are_skipped_with_a_notice(lab: Lab) -> None:
    model = FakeModel(statuses=[ModelStatus("modern")])
    check = next(
        check for check in preflight(model, lab, PreflightOptions()).checks if check.name == "MAAS"
    )
    assert (check.is_ok, check.is_skipped, check.message) == (True, True, "not checked")
    assert check.fix.startswith("add --maas with the name of a profile of the maas command")


def test_map_of_machines_skips_maas_and_measures_the_model(lab: Lab) -> None:
    hardware = {"cores": "2", "mem": "2048M", "root-disk": "9000M"}
    machines = {str(number): MachineStatus(str(number), hardware=hardware) for number in range(5)}
    model = FakeModel(statuses=[ModelStatus("modern", machines=machines)])
    report = preflight(model, lab, PreflightOptions(_maas(), map_machines="existing"))
    states = _states(report)
    assert states["MAAS"] == "skipped"
    assert states["model"] == "ok"
    assert states["size for kubeflow-installer"] == "failed"


@pytest.mark.parametrize("instance_id", ["manual:10.0.0.1", "4y3h8a"])
def test_mapped_machine_that_the_model_lacks_is_named(lab: Lab, instance_id: str) -> None:
    started = StatusInfo("started")
    machines = {
        "0": MachineStatus("0", agent=started, instance_id=instance_id),
        "1": MachineStatus("1", agent=StatusInfo("down"), instance_id=instance_id),
        "2": MachineStatus("2", agent=StatusInfo("stopped"), life="dead"),
        "3": MachineStatus("3", agent=StatusInfo("pending")),
    }
    model = FakeModel(statuses=[ModelStatus("modern", machines=machines)])
    report = preflight(model, lab, PreflightOptions(map_machines="existing,3=7"))
    checks = [check for check in report.checks if check.name.startswith("machine ")]
    is_manual = instance_id.startswith("manual:")
    assert [(check.name, check.is_ok, check.message) for check in checks] == [
        ("machine 0", True, "machine 0 of the model is started"),
        ("machine 1", False, "machine 1 of the model is down"),
        ("machine 2", False, "machine 2 of the model is being removed"),
        ("machine 3", False, "the model has no machine 7"),
        (
            "machine 4",
            not is_manual,
            "the model has no machine 4" if is_manual else "not in the model; Juju adds it",
        ),
    ]
    assert checks[3].fix == (
        "add it with `juju add-machine ssh:USER@HOST`, or name another one in --map-machines"
    )


def test_empty_model_has_none_of_the_existing_machines(lab: Lab) -> None:
    model = FakeModel(statuses=[ModelStatus("modern")])
    report = preflight(model, lab, PreflightOptions(map_machines="existing"))
    assert {f"machine {number}" for number in range(5)} <= {c.name for c in report.failures}


def test_report_has_the_contract_of_the_action_verify(lab: Lab) -> None:
    status = dataclasses.replace(ready_status(lab), name="modern")
    report = preflight(FakeModel(statuses=[status]), lab, PreflightOptions()).as_json()
    assert set(report) == {"ok", "checks", "failures"}
    assert report["ok"] is False
    assert "charm metallb: " in "\n".join(report["failures"])
    assert report["checks"][0] == {
        "name": "client",
        "ok": True,
        "message": "the juju client has version 3.6.11",
        "fix": "",
        "skipped": False,
    }
