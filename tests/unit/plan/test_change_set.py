"""What comes before each change of a plan."""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from botlab.plan import PlanError
from helpers.plans import planned

TEXT = """
applications: {a: {charm: a, num_units: 2, to: ["0", "1"]}}
machines: {"0": {}, "1": {}, "2": {annotations: {k: v}}}
"""


@pytest.mark.parametrize(
    ("juju", "machines"),
    [
        (Juju.V2_9, [[], [], []]),
        (Juju.V3_6, [[], ["addMachines-2"], ["addMachines-2", "addMachines-3"]]),
        (Juju.V4_0, [[], ["addMachines-2"], ["addMachines-2", "addMachines-3"]]),
    ],
)
def test_machine_waits_for_all_earlier_machines_from_juju_3_on(
    juju: Juju, machines: list[list[str]]
) -> None:
    """Juju 2.9 adds machines in any order."""
    changes = planned(TEXT, juju)

    assert {change.id: changes.required_by(change) for change in changes.sorted()} == {
        "addCharm-0": [],
        "deploy-1": ["addCharm-0"],
        "addMachines-2": machines[0],
        "addMachines-3": machines[1],
        "addMachines-4": machines[2],
        "setAnnotations-5": ["addMachines-4"],
        "addUnit-6": ["deploy-1", "addMachines-2"],
        "addUnit-7": ["deploy-1", "addMachines-3", "addUnit-6"],
    }


@pytest.mark.parametrize(
    ("juju", "unused"), [(Juju.V2_9, "0"), (Juju.V3_6, "1"), (Juju.V4_0, "1")]
)
def test_earlier_machines_are_used_by_the_last_one(juju: Juju, unused: str) -> None:
    """Therefore Juju 3 names the last machine on which nothing is placed, and 2.9 the first."""
    with pytest.raises(PlanError) as raised:
        planned('machines: {"0": {}, "1": {}}', juju)
    assert str(raised.value) == (
        "bundle and machine mapping are inconsistent: need an explicit entry mapping bundle"
        f' machine "{unused}"'
    )
