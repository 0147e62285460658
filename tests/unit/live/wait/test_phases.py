"""The phases of a deployment, and the order of the applications."""

from __future__ import annotations

import pytest

from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.live.wait.application_order import ordered_applications
from botlab.live.wait.phases import Phase, current_phase, phase_counts
from botlab.live.wait.readiness import Count, readiness
from helpers.live_models import example_lab, ready_status, with_machine, with_unit

LAB = example_lab()
READY = ready_status(LAB)
WAITING = StatusInfo("waiting", "x")


def test_phases_have_the_parts_of_the_lab_in_order() -> None:
    """This project's charms come after the cluster's, and Kubeflow last."""
    assert phase_counts(LAB, readiness(LAB, READY)) == {
        Phase.MACHINES: Count(5, 5),
        Phase.CONTAINERS: Count(2, 2),
        Phase.CLUSTER: Count(19, 19),
        Phase.LAB_CHARMS: Count(4, 4),
        Phase.KUBEFLOW: Count(1, 1),
    }


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        (READY, Phase.READY),
        (with_unit(READY, "kubeflow-installer/0", workload=WAITING), Phase.KUBEFLOW),
        (with_unit(READY, "metallb/0", workload=WAITING), Phase.LAB_CHARMS),
        (with_unit(READY, "etcd/0", workload=WAITING), Phase.CLUSTER),
        (
            with_machine(READY, "4", agent=StatusInfo("pending")),
            Phase.MACHINES,
        ),
    ],
)
def test_current_phase_is_the_first_that_is_not_complete(
    status: ModelStatus, phase: Phase
) -> None:
    assert current_phase(LAB, readiness(LAB, status)) is phase


def test_each_phase_has_a_title_and_follows_the_earlier_ones() -> None:
    phases = list(Phase)

    assert [phase.value for phase in phases] == [
        "machines", "containers", "cluster", "lab-charms", "kubeflow", "ready",
    ]  # fmt: skip
    assert [phase.title for phase in phases] == [
        "the machines are installed",
        "Juju starts the containers",
        "the charms of the cluster install Kubernetes",
        "this project's charms set up GPUs, storage and addresses",
        "Kubeflow is installed",
        "everything is ready",
    ]
    assert [later for later in phases if later.follows(Phase.CLUSTER)] == phases[3:]


def test_applications_are_ordered_by_what_they_need() -> None:
    """The cluster's, then subordinates, then this project's."""
    assert ordered_applications(LAB) == [
        "easyrsa", "etcd", "kubeapi-load-balancer", "kubernetes-control-plane",
        "kubernetes-worker", "calico", "containerd", "filesystem-client", "nvidia-runtime",
        "nfs-server", "metallb", "kubeflow-installer",
    ]  # fmt: skip
