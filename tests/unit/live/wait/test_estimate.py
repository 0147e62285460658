"""The phases of a deployment, and how long they may take."""

from __future__ import annotations

import pytest

from botlab.live.status.model import StatusInfo
from botlab.live.wait.estimate import MINUTES, Estimate, estimate
from botlab.live.wait.phases import Phase, current_phase
from botlab.live.wait.readiness import readiness
from helpers.live_models import example_lab, ready_status, with_machine, with_unit, without_units

LAB = example_lab()
READY = ready_status(LAB)
BUSY = StatusInfo("maintenance", "installing")
ALL = list(MINUTES)


@pytest.mark.parametrize(
    ("unit", "phase"),
    [
        ("calico/0", Phase.CLUSTER),
        ("metallb/0", Phase.LAB_CHARMS),
        ("kubeflow-installer/0", Phase.KUBEFLOW),
    ],
)
def test_phase_is_the_first_one_with_a_unit_that_is_not_ready(unit: str, phase: Phase) -> None:
    status = with_unit(READY, unit, workload=BUSY)
    status = with_unit(status, "kubeflow-installer/0", workload=BUSY)

    assert current_phase(LAB, readiness(LAB, status)) is phase


def test_machines_and_containers_come_first() -> None:
    status = with_machine(READY, "0/lxd/1", agent=StatusInfo("pending"))
    assert current_phase(LAB, readiness(LAB, status)) is Phase.CONTAINERS

    status = with_machine(status, "4", agent=StatusInfo("pending"))
    assert current_phase(LAB, readiness(LAB, status)) is Phase.MACHINES


def test_last_phase_is_ready() -> None:
    assert current_phase(LAB, readiness(LAB, READY)) is Phase.READY


def test_absent_subordinate_belongs_to_its_phase() -> None:
    status = without_units(READY, "nvidia-runtime/0")
    assert current_phase(LAB, readiness(LAB, status)) is Phase.LAB_CHARMS


def test_estimate_sums_the_phases_that_remain() -> None:
    assert estimate(Phase.MACHINES, ALL, 0) == Estimate(28, 130)
    assert estimate(Phase.KUBEFLOW, ALL, 0) == Estimate(10, 45)
    assert estimate(Phase.MACHINES, [Phase.MACHINES, Phase.CLUSTER], 0) == Estimate(15, 60)


def test_estimate_shrinks_while_a_phase_lasts() -> None:
    assert estimate(Phase.KUBEFLOW, ALL, 12 * 60) == Estimate(0, 33)


def test_phase_that_lasts_longer_than_its_range_is_overdue() -> None:
    overdue = estimate(Phase.MACHINES, ALL, 31 * 60)

    assert overdue == Estimate(23, 101, is_overdue=True)
    assert str(overdue) == (
        "this phase takes longer than usual; about 23 to 101 more minutes (an assumption, not"
        " measured here)"
    )


def test_ready_lab_needs_no_estimate() -> None:
    assert estimate(Phase.READY, ALL, 0) is None
