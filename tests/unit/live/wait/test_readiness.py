"""What of a lab is ready and what is missing."""

from __future__ import annotations

import dataclasses

import pytest

from botlab.live.status.model import (
    ApplicationStatus,
    MachineStatus,
    ModelStatus,
    StatusInfo,
    UnitStatus,
)
from botlab.live.wait.missing import Activity, Missing
from botlab.live.wait.readiness import Count, readiness
from helpers.live_models import (
    ACTIVE,
    IDLE,
    example_lab,
    ready_status,
    with_machine,
    with_unit,
    without_units,
)

LAB = example_lab()
READY = ready_status(LAB)
PENDING = StatusInfo("pending")


def only_missing(status: ModelStatus) -> Missing:
    """Return the only thing that is missing."""
    (missing,) = readiness(LAB, status).missing
    return missing


def test_lab_with_all_units_active_is_ready() -> None:
    result = readiness(LAB, READY)

    assert result.is_ready
    assert (result.machines, result.containers) == (Count(5, 5), Count(2, 2))
    assert result.applications == {
        "easyrsa": Count(1, 1),
        "etcd": Count(3, 3),
        "kubeapi-load-balancer": Count(1, 1),
        "kubernetes-control-plane": Count(2, 2),
        "kubernetes-worker": Count(2, 2),
        "calico": Count(4, 4),
        "containerd": Count(4, 4),
        "filesystem-client": Count(2, 2),
        "nvidia-runtime": Count(2, 2),
        "nfs-server": Count(1, 1),
        "metallb": Count(1, 1),
        "kubeflow-installer": Count(1, 1),
    }


def test_applications_are_in_the_order_in_which_they_become_ready() -> None:
    assert list(readiness(example_lab("botlab"), ModelStatus("botlab")).applications) == [
        "easyrsa",
        "etcd",
        "kubeapi-load-balancer",
        "kubernetes-master",
        "kubernetes-worker",
        "flannel",
        "nvidia-runtime",
        "nfs-server",
        "metallb",
        "kubeflow-installer",
    ]


def test_unit_that_runs_update_status_is_ready() -> None:
    agent = StatusInfo("executing", "running update-status hook")

    assert readiness(LAB, with_unit(READY, "etcd/0", agent=agent)).is_ready


def test_active_unit_that_runs_another_hook_is_not_ready() -> None:
    agent = StatusInfo("executing", "running config-changed hook")
    missing = only_missing(with_unit(READY, "etcd/0", agent=agent))

    assert (missing.activity, missing.is_busy) == (Activity.WORKING, True)
    assert str(missing) == "etcd/0 active: ready (running config-changed hook)"


def test_blocked_unit_is_reported_with_the_message_of_the_charm() -> None:
    workload = StatusInfo("blocked", "no address pool; set addresses")

    assert only_missing(with_unit(READY, "metallb/0", workload=workload)).as_json() == {
        "kind": "unit",
        "name": "metallb/0",
        "application": "metallb",
        "activity": "blocked",
        "state": "blocked",
        "message": "no address pool; set addresses",
        "agent": "",
        "fix": "do what the message says; the charm then continues"
        " (history: juju show-status-log metallb/0 -m ctrl:modern)",
    }


def test_unit_with_a_failed_hook_names_the_log_and_the_command_that_continues() -> None:
    workload = StatusInfo("error", 'hook failed: "install"')
    missing = only_missing(with_unit(READY, "etcd/1", workload=workload))

    assert missing.activity is Activity.FAILED
    assert missing.fix == (
        "read the error in juju debug-log -m ctrl:modern --replay --include etcd/1, correct the"
        " cause, then run: juju resolved etcd/1 -m ctrl:modern"
    )


def test_lost_agent_has_failed() -> None:
    workload = StatusInfo("unknown", "agent lost, see 'juju show-status-log etcd/2'")
    status = with_unit(READY, "etcd/2", workload=workload, agent=StatusInfo("lost"))
    missing = only_missing(status)

    assert (missing.activity, missing.state) == (Activity.FAILED, "agent lost")
    assert missing.fix.startswith("check machine 2 and its Juju agents; log: juju debug-log")


@pytest.mark.parametrize(
    ("state", "activity"),
    [
        ("waiting", Activity.WAITING),
        ("unknown", Activity.WAITING),
        ("maintenance", Activity.WORKING),
    ],
)
def test_idle_unit_that_is_not_active_is_missing(state: str, activity: Activity) -> None:
    missing = only_missing(with_unit(READY, "easyrsa/0", workload=StatusInfo(state, "text")))

    assert (missing.activity, missing.state, missing.message) == (activity, state, "text")
    assert missing.fix == ""


def test_unit_of_a_pending_machine_waits_for_the_machine() -> None:
    status = with_machine(
        READY, "1", agent=PENDING, instance=StatusInfo("allocating", "Deploying: 40%")
    )
    for name in ("etcd/1", "kubernetes-control-plane/1", "calico/1", "containerd/3"):
        status = with_unit(status, name, workload=StatusInfo("waiting", "waiting for machine"))
    result = readiness(LAB, status)

    assert result.machines == Count(4, 5)
    assert str(result.missing[0]) == "machine 1 pending: Deploying: 40%"
    assert result.missing[0].activity is Activity.WORKING
    assert str(result.missing[1]) == "etcd/1 waiting: waits for machine 1"


def test_unit_without_a_machine_waits_for_one() -> None:
    status = with_unit(READY, "easyrsa/0", machine="", agent=StatusInfo("allocating"))

    assert str(only_missing(status)) == "easyrsa/0 active: waits for a machine"


def test_failed_provisioning_names_the_command_that_tries_again() -> None:
    status = with_machine(
        READY,
        "4",
        agent=PENDING,
        instance=StatusInfo("provisioning error", "no matching machine for tags gpu0"),
    )
    missing = readiness(LAB, status).missing[0]

    assert (missing.activity, missing.state) == (Activity.FAILED, "provisioning error")
    assert missing.message == "no matching machine for tags gpu0"
    assert missing.fix.endswith("then run: juju retry-provisioning 4 -m ctrl:modern")


def test_machine_that_is_down_is_lost() -> None:
    missing = readiness(LAB, with_machine(READY, "3", agent=StatusInfo("down"))).missing[0]

    assert (missing.activity, missing.name, missing.state) == (Activity.FAILED, "3", "down")
    assert missing.fix.startswith("check that host-3 has power and reaches the controller")


def test_host_that_is_down_while_its_containers_are_started_is_not_lost() -> None:
    """Up to 4.0.11, Juju 4 reports this of a machine that has units in containers only."""
    down = StatusInfo("down")
    status = with_machine(READY, "0", agent=down)
    assert readiness(LAB, status).is_ready

    for container in ("0/lxd/0", "0/lxd/1"):
        status = with_machine(status, container, agent=down)
    names = [part.name for part in readiness(LAB, status).missing if part.kind != "unit"]
    assert names == ["0", "0/lxd/0", "0/lxd/1"]


def test_machine_whose_agent_has_no_version_is_started() -> None:
    """Up to 4.0.13, Juju 4 does not report the version of a machine's agent."""
    assert readiness(LAB, with_machine(READY, "0", agent=StatusInfo("started"))).is_ready


def test_container_waits_for_its_machine() -> None:
    status = with_machine(READY, "0", agent=PENDING)
    status = with_machine(status, "0/lxd/0", agent=PENDING)
    activities = {part.name: part.activity for part in readiness(LAB, status).missing}

    assert activities["0"] is Activity.WORKING
    assert activities["0/lxd/0"] is Activity.WAITING


def test_empty_model_lacks_every_application() -> None:
    result = readiness(LAB, ModelStatus("modern", "ctrl"))

    assert (result.machines, result.containers) == (Count(0, 5), Count(0, 2))
    assert [part.name for part in result.missing] == list(result.applications)
    assert {part.activity for part in result.missing} == {Activity.BLOCKED}
    assert result.applications["calico"] == Count(0, 4)


def test_units_that_do_not_exist_are_missing() -> None:
    status = without_units(READY, "etcd/1", "etcd/2")
    missing = only_missing(status)

    assert readiness(LAB, status).applications["etcd"] == Count(1, 3)
    assert str(missing) == "application etcd absent: 2 of 3 units do not exist"
    assert missing.fix.endswith("juju add-unit etcd -m ctrl:modern -n 2")


def test_units_beyond_the_bundle_are_noted_and_do_not_prevent_readiness() -> None:
    extra = UnitStatus("etcd/7", "etcd", StatusInfo("blocked"), IDLE, "9")
    units = (*READY.applications["etcd"].units, "etcd/7")
    etcd = dataclasses.replace(READY.applications["etcd"], units=units)
    status = dataclasses.replace(
        READY,
        units={**READY.units, "etcd/7": extra},
        applications={
            **READY.applications,
            "etcd": etcd,
            "ubuntu": ApplicationStatus("ubuntu", status=ACTIVE),
        },
        machines={**READY.machines, "9": MachineStatus("9", StatusInfo("down"))},
    )
    result = readiness(LAB, status)

    assert result.is_ready
    assert result.notes == (
        "the model also has ubuntu, which the bundle does not have",
        "the model also has etcd/7; the bundle has 3 units of etcd",
    )


def test_principal_without_its_subordinate_needs_a_person() -> None:
    missing = only_missing(without_units(READY, "nvidia-runtime/1"))

    assert str(missing) == (
        "application nvidia-runtime absent: no unit on kubernetes-worker/1 yet"
    )
    assert missing.activity is Activity.BLOCKED
    assert missing.fix.startswith("run botlab diff SITE --live")


def test_subordinate_of_a_principal_that_is_not_ready_is_only_late() -> None:
    status = with_unit(
        without_units(READY, "nvidia-runtime/1"),
        "kubernetes-worker/1",
        workload=StatusInfo("maintenance", "installing"),
    )
    late = readiness(LAB, status).missing[-1]

    assert (late.name, late.activity, late.fix) == ("nvidia-runtime", Activity.WAITING, "")


def test_unit_that_the_model_placed_elsewhere_needs_no_container() -> None:
    status = with_unit(READY, "metallb/0", machine="3")

    assert readiness(LAB, status).is_ready
    assert readiness(LAB, status).containers == Count(1, 1)


def test_unit_that_is_not_placed_yet_will_be_in_its_container() -> None:
    machines = {name: machine for name, machine in READY.machines.items() if name != "0/lxd/0"}
    status = dataclasses.replace(with_unit(READY, "metallb/0", machine=""), machines=machines)

    assert readiness(LAB, status).containers == Count(1, 2)
