"""The status of each release, as the client prints it.

The records 2.6 to 4.0 are one lab in the formats of four releases, made with the formatter of each
release (cmd/juju/status). ``error`` was printed by a client of 4.0.15. Fields that are not read
are left out.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from botlab.live.status.client import read_status
from botlab.live.status.model import (
    ApplicationStatus,
    MachineStatus,
    ModelStatus,
    StatusInfo,
    UnitStatus,
)
from helpers.growth import LINEAR, growth

RECORDS = Path(__file__).parent / "records"
RELEASES = ("2.6", "2.9", "3.6", "4.0")


def record(name: str) -> dict[str, Any]:
    return json.loads((RECORDS / f"{name}.json").read_text())


def status_of(**document: Any) -> ModelStatus:
    return read_status(document)


@pytest.mark.parametrize(
    ("release", "version"),
    [("2.6", "2.6.10"), ("2.9", "2.9.51"), ("3.6", "3.6.26"), ("4.0", "4.0.15")],
)
def test_model_of_each_release(release: str, version: str) -> None:
    status = read_status(record(release))
    assert (status.name, status.controller, status.cloud, status.kind, status.version) == (
        "botlab",
        "maas",
        "maas",
        "iaas",
        version,
    )
    assert status.document == record(release)


@pytest.mark.parametrize("release", RELEASES)
def test_container_follows_its_machine(release: str) -> None:
    status = read_status(record(release))
    assert list(status.machines) == ["0", "0/lxd/0", "1", "2", "3"]
    assert [machine.parent for machine in status.machines.values()] == ["", "0", "", "", ""]


@pytest.mark.parametrize(
    ("release", "hostname", "platform"),
    [
        ("2.6", "", "bionic"),
        ("2.9", "node-a", "bionic"),
        ("3.6", "node-a", "ubuntu@22.04"),
        ("4.0", "node-a", "ubuntu@22.04"),
    ],
)
def test_machine_of_each_release(release: str, hostname: str, platform: str) -> None:
    status = read_status(record(release))
    assert status.machines["0"] == MachineStatus(
        name="0",
        agent=StatusInfo("started", "", "20 Nov 2026 10:01:00Z", status.version),
        instance=StatusInfo("running", "Deployed", "20 Nov 2026 10:01:00Z"),
        hostname=hostname,
        instance_id="node-a",
        addresses=("192.0.2.10",),
        platform=platform,
        hardware={
            "arch": "amd64",
            "cores": "8",
            "mem": "65536M",
            "tags": "virtual,lab-x",
            "availability-zone": "default",
        },
        constraints="tags=lab-0",
    )


@pytest.mark.parametrize("release", RELEASES)
def test_machines_that_are_not_up(release: str) -> None:
    status = read_status(record(release))
    pending, down = status.machines["2"], status.machines["3"]
    assert (pending.agent.current, pending.instance.current) == ("pending", "allocating")
    assert pending.addresses == ()
    assert down.agent.current == "down"
    assert down.agent.message == "agent is not communicating with the server"


@pytest.mark.parametrize("release", RELEASES)
def test_units_are_in_the_order_of_the_applications(release: str) -> None:
    control_plane = "kubernetes-master" if release < "3" else "kubernetes-control-plane"
    status = read_status(record(release))
    states = [
        (unit.name, unit.machine, unit.workload.current, unit.agent.current)
        for unit in status.units.values()
    ]
    assert states == [
        ("easyrsa/0", "0", "active", "idle"),
        (f"{control_plane}/0", "0", "active", "idle"),
        ("kubernetes-worker/0", "1", "active", "idle"),
        ("kubernetes-worker/1", "2", "waiting", "allocating"),
        ("kubernetes-worker/2", "3", "unknown", "lost"),
        ("metallb/0", "0/lxd/0", "blocked", "idle"),
        ("nfs-server/0", "0", "maintenance", "executing"),
        ("nvidia-runtime/0", "1", "active", "idle"),
        ("nvidia-runtime/1", "3", "error", "idle"),
    ]


@pytest.mark.parametrize("release", RELEASES)
def test_subordinate_is_on_the_machine_of_its_principal(release: str) -> None:
    status = read_status(record(release))
    assert status.units["nvidia-runtime/1"] == UnitStatus(
        name="nvidia-runtime/1",
        application="nvidia-runtime",
        workload=StatusInfo("error", 'hook failed: "install"', "20 Nov 2026 10:05:00Z"),
        agent=StatusInfo("idle", "", "20 Nov 2026 10:05:00Z", status.version),
        machine="3",
        principal="kubernetes-worker/2",
        public_address="192.0.2.13",
    )
    subordinate = status.applications["nvidia-runtime"]
    assert subordinate.principals == ("kubernetes-worker",)
    assert subordinate.units == ("nvidia-runtime/0", "nvidia-runtime/1")


@pytest.mark.parametrize(
    ("release", "charm", "origin", "channel", "revision", "platform", "workload_version"),
    [
        (
            "2.6",
            "cs:~containers/kubernetes-worker-398",
            "jujucharms",
            "",
            398,
            "bionic",
            "1.13.12",
        ),
        (
            "2.9",
            "cs:~containers/kubernetes-worker-398",
            "charmstore",
            "stable",
            398,
            "bionic",
            "1.13.12",
        ),
        ("3.6", "kubernetes-worker", "charmhub", "1.35/stable", 312, "ubuntu@22.04", "1.35.6"),
        ("4.0", "kubernetes-worker", "charmhub", "1.35/stable", 312, "ubuntu@22.04", "1.35.6"),
    ],
)
def test_application_of_each_release(
    release: str,
    charm: str,
    origin: str,
    channel: str,
    revision: int,
    platform: str,
    workload_version: str,
) -> None:
    status = read_status(record(release))
    assert status.applications["kubernetes-worker"] == ApplicationStatus(
        name="kubernetes-worker",
        charm=charm,
        origin=origin,
        channel=channel,
        revision=revision,
        platform=platform,
        is_exposed=True,
        status=StatusInfo(
            "waiting", "Waiting for kubelet,kube-proxy to start.", "20 Nov 2026 10:05:00Z"
        ),
        workload_version=workload_version,
        units=("kubernetes-worker/0", "kubernetes-worker/1", "kubernetes-worker/2"),
    )


def test_failed_hook_of_a_recorded_model() -> None:
    status = read_status(record("error"))
    assert status.units["bad/0"].workload.current == "error"
    assert status.units["bad/0"].workload.message == 'hook failed: "config-changed"'
    assert status.units["bad/0"].agent.version == "4.0.15.1"
    assert status.machines["4"].agent.version == ""
    assert status.applications["nvidia-runtime"].units == ()


def test_status_that_juju_cannot_determine_is_unknown_with_its_text() -> None:
    """Juju prints the error in place of a model's status, or of a whole object."""
    status = status_of(
        model={"name": "m", "model-status": {"status-error": "model"}},
        machines={"0": {"status-error": "machine"}},
        applications={
            "a": {"status-error": "application"},
            "b": {"units": {"b/0": {"status-error": "unit"}}},
            "c": {"application-status": {"status-error": "body"}},
        },
    )
    assert status.machines["0"].agent == StatusInfo("unknown", "machine")
    assert status.applications["a"].status == StatusInfo("unknown", "application")
    assert status.units["b/0"].workload == StatusInfo("unknown", "unit")
    assert status.applications["c"].status == StatusInfo("unknown", "body")


def test_kubernetes_model_has_no_machines() -> None:
    units = {"a/0": {"address": "10.1.164.138", "provider-id": "a-0"}}
    status = status_of(model={"name": "m", "type": "caas"}, applications={"a": {"units": units}})
    assert status.kind == "caas"
    assert status.machines == {}
    assert status.units["a/0"] == UnitStatus("a/0", "a", public_address="10.1.164.138")


def test_subordinate_of_two_principals_has_its_units_in_order() -> None:
    status = status_of(
        applications={
            "nrpe": {"subordinate-to": ["b", "a"]},
            "a": {"units": {"a/0": {"machine": "2", "subordinates": {"nrpe/10": {}}}}},
            "b": {"units": {"b/1": {"machine": "1", "subordinates": {"nrpe/9": {}}}}},
        }
    )
    assert status.applications["nrpe"].units == ("nrpe/9", "nrpe/10")
    assert [status.units[name].machine for name in ("nrpe/9", "nrpe/10")] == ["1", "2"]


def test_machines_and_units_are_sorted_by_number() -> None:
    names = [str(number) for number in range(11)]
    status = status_of(
        machines={name: {} for name in sorted(names)} | {"odd": {}},
        applications={"a": {"units": {f"a/{name}": {} for name in sorted(names)}}},
    )
    assert list(status.machines) == [*names, "odd"]
    assert status.applications["a"].units == tuple(f"a/{name}" for name in names)


def test_base_without_channel_and_risk_of_a_channel() -> None:
    platforms = {
        "0": {"base": {"name": "ubuntu", "channel": "24.04/stable"}},
        "1": {"base": {"name": "ubuntu"}},
        "2": {"base": None, "series": "focal"},
        "3": {},
    }
    status = status_of(machines=platforms)
    assert [machine.platform for machine in status.machines.values()] == [
        "ubuntu@24.04",
        "ubuntu",
        "focal",
        "",
    ]


def test_hardware_with_spaces_in_a_value() -> None:
    machines = {"0": {"hardware": "odd arch=amd64 availability-zone=rack two cores=2"}}
    hardware = status_of(machines=machines).machines["0"].hardware
    assert hardware == {"arch": "amd64", "availability-zone": "rack two", "cores": "2"}


WRONG_VALUES = (None, True, 7, "text", [], [None, 1], {}, {"x": {"y": []}})


def containers_of(value: Any) -> list[Any]:
    """Return all objects and arrays of a document."""
    children = list(value.values()) if isinstance(value, dict) else value
    below = [child for child in children if isinstance(child, dict | list)]
    return [value, *(deeper for child in below for deeper in containers_of(child))]


def test_value_of_a_wrong_type_counts_as_absent() -> None:
    """Each value of the record is replaced by values of all types, one at a time."""
    document = record("3.6")
    document["machines"] = {"0": document["machines"]["0"]}
    document["applications"] = {"a": document["applications"]["kubernetes-worker"]}
    reads = 0
    for container in containers_of(document):
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            right = container[key]
            for container[key] in WRONG_VALUES:
                units = read_status(document).units.values()
                assert all(isinstance(unit.workload.current, str) for unit in units)
                reads += 1
            container[key] = right
    assert reads > 1000
    assert read_status(document).units["kubernetes-worker/0"].machine == "1"


def test_unknown_fields_change_nothing() -> None:
    document = record("4.0")
    plain = read_status(document)
    names = {"machines", "applications", "units", "subordinates", "containers"}
    collections = [
        container.get(name)
        for container in containers_of(document)
        if isinstance(container, dict)
        for name in names
    ]
    for container in containers_of(document):
        if isinstance(container, dict) and not any(container is entry for entry in collections):
            container["field-of-a-later-release"] = {"a": [1]}
    status = read_status(document)
    assert (status.machines, status.applications, status.units) == (
        plain.machines,
        plain.applications,
        plain.units,
    )


def large_status(units: int) -> str:
    """Return a status with a machine for each unit, and a subordinate on each."""
    document = record("3.6")
    worker = document["applications"]["kubernetes-worker"]["units"]
    for number in range(10, 10 + units // 2):
        name = f"nvidia-runtime/{number}"
        subordinate = worker["kubernetes-worker/0"]["subordinates"]["nvidia-runtime/0"]
        unit = {**worker["kubernetes-worker/0"], "machine": str(number)}
        worker[f"kubernetes-worker/{number}"] = {**unit, "subordinates": {name: subordinate}}
        document["machines"][str(number)] = document["machines"]["1"]
    return json.dumps(document)


def test_status_of_200_units_is_read_in_a_tenth_of_a_second() -> None:
    text = large_status(200)
    times: list[float] = []
    for _ in range(5):
        start = time.process_time()
        status = read_status(json.loads(text))
        times.append(time.process_time() - start)
    assert len(status.units) == 209
    assert min(times) < 0.1


def test_status_is_read_in_linear_time() -> None:
    documents = {units: json.loads(large_status(units)) for units in (200, 1600)}
    assert growth(lambda units: read_status(documents[units]), 200) < LINEAR
