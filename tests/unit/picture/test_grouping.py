"""Machines that are alike share a card."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from botlab.picture.grouping import grouped_machines
from botlab.picture.model import Container, Health, Machine, State, Unit

READY = State(Health.READY)


def machine(number: int, **changes: Any) -> Machine:
    """Return a worker with a subordinate."""
    calico = Unit(f"calico/{number}", "calico", READY)
    unit = Unit(f"worker/{number}", "worker", READY, (calico,))
    alike = Machine(
        str(number), f"gpu{number}", (f"10.0.0.{number}",), ("8 cores",), "GPU", "a", (unit,)
    )
    return dataclasses.replace(alike, **changes)


def names(*machines: Machine) -> list[str]:
    return [each.name for each in grouped_machines(machines)]


def test_machines_that_are_alike_are_one() -> None:
    (group,) = grouped_machines([machine(1), machine(2), machine(3)])

    calico = Unit("calico/[1-3]", "calico", READY, (), ("calico/1", "calico/2", "calico/3"))
    members = ("worker/1", "worker/2", "worker/3")
    assert group == machine(
        1,
        name="gpu[1-3]",
        addresses=("10.0.0.[1-3]",),
        units=(Unit("worker/[1-3]", "worker", READY, (calico,), members),),
        members=("gpu1", "gpu2", "gpu3"),
        aliases=(
            *("gpu1", "machine 1", "10.0.0.1"),
            *("gpu2", "machine 2", "10.0.0.2"),
            *("gpu3", "machine 3", "10.0.0.3"),
        ),
    )


def test_two_machines_stay_single() -> None:
    assert names(machine(1), machine(2)) == ["gpu1", "gpu2"]


def test_machines_keep_their_order() -> None:
    other = machine(0, rack="b")

    assert names(machine(1), other, machine(2), machine(3)) == ["gpu[1-3]", "gpu0"]
    assert names(other, machine(1), machine(2), machine(3)) == ["gpu0", "gpu[1-3]"]


@pytest.mark.parametrize(
    "changes",
    [
        {"rack": "b"},
        {"hardware": ("16 cores",)},
        {"gpus": ""},
        {"state": State(Health.FAILED, "down")},
        {"units": ()},
        {"units": (Unit("worker/9", "worker", State(Health.BLOCKED, "x")),)},
        {"units": (Unit("worker/9", "worker", READY),)},
        {"units": (Unit("worker/9", "worker", READY, (Unit("calico/9", "calico"),)),)},
        {"units": (Unit("etcd/9", "etcd", READY, (Unit("calico/9", "calico", READY),)),)},
        {"containers": (Container("9/lxd/0", "lxd"),)},
    ],
)
def test_machine_that_differs_stays_single(changes: dict[str, Any]) -> None:
    machines = [machine(1), machine(2), machine(3), machine(9, **changes)]

    assert names(*machines) == ["gpu[1-3]", "gpu9"]


def test_machines_with_containers_stay_single() -> None:
    inner = (Container("0/lxd/0", "lxd"),)

    assert names(*(machine(number, containers=inner) for number in range(3))) == [
        "gpu0", "gpu1", "gpu2"
    ]  # fmt: skip


def test_machines_without_addresses_are_one() -> None:
    (group,) = grouped_machines([machine(number, addresses=()) for number in range(3)])

    assert group.addresses == ()
