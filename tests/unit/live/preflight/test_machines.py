"""MAAS has a free machine for each machine of the bundle."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botlab.bundle.model import Bundle, Machine
from botlab.inventory.dumps import Dump, MaasInventory, inventory_of_dumps
from botlab.live.preflight.check import Check
from botlab.live.preflight.machines import MachineChecks
from botlab.live.status.model import MachineStatus, ModelStatus
from helpers.growth import LINEAR, growth
from helpers.maas_dump import maas_machine


def _inventory(*machines: dict[str, Any]) -> MaasInventory:
    return inventory_of_dumps([Dump(json.dumps(machines), "dump.json")], "dump.json", "lab")


def _checks(
    inventory: MaasInventory, *constraints: str, status: ModelStatus | None = None
) -> list[Check]:
    machines = {str(number): Machine(text) for number, text in enumerate(constraints)}
    bundle = Bundle(machines=dict(machines))
    return list(MachineChecks(bundle, inventory, status or ModelStatus("lab")).checks())


def test_each_machine_that_maas_can_serve_passes() -> None:
    inventory = _inventory(maas_machine("node1", "gpu"), maas_machine("node2", "store"))
    checks = _checks(inventory, "tags=store", "tags=gpu")
    assert [(check.name, check.is_ok, check.message) for check in checks] == [
        ("machine 0", True, "node2 is ready"),
        ("machine 1", True, "node1 is ready"),
    ]


def test_unknown_tag_names_the_commands_that_create_it() -> None:
    (check,) = _checks(_inventory(maas_machine("node1", "gpu")), "tags=gpu0")
    assert check.message == "no machine of MAAS has the tag gpu0"
    assert check.fix == (
        "maas lab tags create name=gpu0; maas lab tag update-nodes gpu0 add=SYSTEM_ID"
    )


def test_constraints_that_nothing_meets_name_the_nearest_machine() -> None:
    inventory = _inventory(
        maas_machine("node1", "gpu", cpu_count=8), maas_machine("node2", cpu_count=8)
    )
    (check,) = _checks(inventory, "tags=gpu cores=32")
    assert check.message == (
        "no machine of MAAS meets tags=gpu cores=32: node1 does not meet cores=32"
    )
    assert not check.is_ok


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        ("New", "maas lab machine commission id1"),
        ("Failed testing", "maas lab machine test id1"),
        ("Broken", "maas lab machine mark-fixed id1"),
        ("Deployed", "if nobody needs what runs on it: maas lab machine release id1"),
    ],
)
def test_machine_that_is_not_ready_names_the_action_of_maas(status: str, fix: str) -> None:
    inventory = _inventory(maas_machine("node1", "gpu", status_name=status))
    (check,) = _checks(inventory, "tags=gpu")
    assert (check.is_ok, check.message) == (False, f"node1 is {status}")
    assert check.fix == fix


def test_deployed_machine_of_this_model_passes() -> None:
    inventory = _inventory(maas_machine("node1", "gpu", status_name="Deployed"))
    status = ModelStatus("lab", machines={"0": MachineStatus("0", instance_id="id1")})
    (check,) = _checks(inventory, "tags=gpu", status=status)
    assert (check.is_ok, check.message) == (True, "node1 is in the model already")


def test_two_machines_that_need_the_same_host_fail_once() -> None:
    first, second = _checks(_inventory(maas_machine("node1", "gpu")), "tags=gpu", "tags=gpu")
    assert first.is_ok
    assert second.message == "other machines of the bundle need node1 too (tags=gpu)"
    assert second.fix == "give each machine of the site a tag that only one machine of MAAS has"


def test_host_without_a_subnet_fails() -> None:
    (check,) = _checks(_inventory(maas_machine("node1", "gpu", interface_set=[])), "tags=gpu")
    assert check.message == "node1 has no interface in a subnet, so it gets no address"
    assert check.fix == "maas lab interfaces read id1, then link one to a subnet"


def test_host_whose_power_cannot_be_controlled_fails() -> None:
    (check,) = _checks(_inventory(maas_machine("node1", "gpu", power_state="error")), "tags=gpu")
    assert check.fix == "maas lab machine query-power-state id1"


def test_host_that_is_switched_on_by_hand_says_so() -> None:
    (check,) = _checks(_inventory(maas_machine("node1", "gpu", power_type="manual")), "tags=gpu")
    assert check.is_ok
    assert check.message == (
        "node1 is ready; switch it on by hand when MAAS deploys it, because its power type is"
        " manual"
    )


def test_time_is_linear_in_the_number_of_machines() -> None:
    def run(size: int) -> None:
        names = [f"node{number}" for number in range(size)]
        dump = [{**maas_machine("node0", name), "hostname": name} for name in names]
        checks = _checks(_inventory(*dump), *(f"tags={name}" for name in names))
        assert len(checks) == size

    assert growth(run, 50) < LINEAR
