"""The machines of the model that ``--map-machines`` names."""

from __future__ import annotations

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju
from botlab.live.preflight.check import failed, passed, skipped
from botlab.live.preflight.mapped_machines import check_mapped_machines
from botlab.live.status.model import MachineStatus, ModelStatus, StatusInfo
from botlab.plan import parse_machine_map

BUNDLE = parse_bundle(BundleSource('machines: {"0": {}, "1": {}}'), Juju.V3_6).bundle
ADD = "add it with `juju add-machine ssh:USER@HOST`, or name another one in --map-machines"


def machine(name: str, state: str, life: str = "alive", instance: str = "abc") -> MachineStatus:
    """Return a machine."""
    return MachineStatus(name, StatusInfo(state), instance_id=instance, life=life)


def checks(text: str, *machines: MachineStatus) -> list[object]:
    """Return the checks of a map for a model."""
    status = ModelStatus("m", machines={entry.name: entry for entry in machines})
    return list(check_mapped_machines(BUNDLE, status, parse_machine_map(text)))


@pytest.mark.parametrize("state", ["started", "pending", "allocating", "running"])
def test_machine_that_works_or_soon_will_is_used(state: str) -> None:
    """A machine that the map does not name is not checked."""
    assert checks("0=5", machine("5", state)) == [
        passed("machine 0", f"machine 5 of the model is {state}")
    ]
    assert checks("", machine("0", state)) == []


@pytest.mark.parametrize("state", ["down", "stopped", "error"])
def test_machine_that_does_not_work_is_a_fault(state: str) -> None:
    assert checks("1=5", machine("5", state)) == [
        failed(
            "machine 1",
            f"machine 5 of the model is {state}",
            "see `juju show-machine 5`, or name another one in --map-machines",
        )
    ]


@pytest.mark.parametrize("life", ["dying", "dead"])
def test_machine_that_is_being_removed_is_a_fault(life: str) -> None:
    assert checks("1=5", machine("5", "started", life)) == [
        failed("machine 1", "machine 5 of the model is being removed", ADD)
    ]


def test_machine_that_the_cloud_can_give_is_added_by_juju() -> None:
    """But not one that the map names under another number."""
    assert checks("existing", machine("0", "started")) == [
        passed("machine 0", "machine 0 of the model is started"),
        skipped("machine 1", "not in the model; Juju adds it"),
    ]
    assert checks("1=7", machine("0", "started")) == [
        failed("machine 1", "the model has no machine 7", ADD)
    ]


@pytest.mark.parametrize("machines", [[], [machine("0", "started", instance="manual:10.0.0.5")]])
def test_model_whose_machines_were_added_by_hand_has_no_others(
    machines: list[MachineStatus],
) -> None:
    """Nor has an empty one whose cloud is not known."""
    assert checks("existing", *machines)[-1] == failed(
        "machine 1", "the model has no machine 1", ADD
    )


def test_kubernetes_bundle_has_no_machines() -> None:
    bundle = parse_bundle(BundleSource("bundle: kubernetes\napplications: {}"), Juju.V3_6).bundle

    assert list(check_mapped_machines(bundle, ModelStatus("m"), parse_machine_map("0=5"))) == []
